/* The rows of settings.def at run time; every value goes through settings_set. */
#include "broker/settings_table.h"

#include "broker/printable.h"
#include "proto/utf8.h"

const struct setting settings_table[SETTINGS_COUNT] = {
#define SETTING(field, name, kind, value, worked_out, min, max, help)                                                  \
    {name, value, worked_out, help, min, max, SETTING_KIND_##kind, offsetof(struct settings, field)},
#include "broker/settings.def"
};

const struct setting_kind_ops setting_kinds[SETTING_KIND_COUNT] = {
#define SETTING_KIND(kind, c_type, metavar, release) {metavar, setting_read_##kind, setting_write_##kind, release},
#include "broker/settings.def"
};

int settings_find(struct span name)
{
    for (int id = 0; id < SETTINGS_COUNT; id++)
        if (span_is(name, settings_table[id].name))
            return id;
    return -1;
}

void settings_env_name(const struct setting *setting, char *out)
{
    size_t len = strlen("TOCSIN_");
    memcpy(out, "TOCSIN_", len);
    for (const char *at = setting->name; *at && len < SETTINGS_ENV_MAX - 1; at++) {
        if (*at == '-')
            out[len++] = '_';
        else
            out[len++] = (char)(*at >= 'a' && *at <= 'z' ? *at - 'a' + 'A' : *at);
    }
    out[len] = '\0';
}

void settings_put_place(enum settings_id id, struct settings_origin origin, const char *file, struct text *out)
{
    const struct setting *const setting = &settings_table[id];
    char env_name[SETTINGS_ENV_MAX];
    switch (origin.source) {
    case SETTINGS_BY_DEFAULT:
        text_put_str(out, "default");
        break;
    case SETTINGS_BY_FILE:
        printable_put(out, span_of_str(file));
        text_printf(out, ":%zu:%zu", origin.line, origin.column);
        break;
    case SETTINGS_BY_ENVIRONMENT:
        settings_env_name(setting, env_name);
        text_printf(out, "%s in the environment", env_name);
        break;
    case SETTINGS_BY_FLAG:
        text_printf(out, "--%s", setting->name);
        break;
    }
}

int settings_set(struct settings *settings, enum settings_id id, struct span value, struct settings_origin origin,
                 const char *file, struct text *message)
{
    const struct setting *const setting = &settings_table[id];
    const size_t len_before = message->len;
    int error = TOCSIN_E_SYNTAX;
    settings_put_place(id, origin, file, message);
    if (origin.source == SETTINGS_BY_FILE)
        text_printf(message, ": %s", setting->name);
    text_put_str(message, ": ");
    if (utf8_inspect(value) & (UTF8_INVALID | UTF8_CONTROL)) {
        printable_quote(message, value);
        text_put_str(message, " is not allowed: a value is UTF-8 text on one line, without control characters");
    } else {
        error = setting_kinds[setting->kind].read(setting, value, (char *)settings + setting->offset, message);
    }
    if (error == TOCSIN_OK) {
        settings->origins[id] = origin;
        message->len = len_before;
    }
    return error;
}
