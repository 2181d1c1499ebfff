/* Values of settings as text, both ways: names, paths and choices. Numbers are in settings_number.c, the network's in
 * settings_endpoint.c. */
#include <stdlib.h>

#include "broker/nearest.h"
#include "broker/printable.h"
#include "broker/settings_table.h"

void setting_complain(struct text *why, struct span value, const char *what)
{
    printable_quote(why, value);
    text_put_char(why, ' ');
    text_put_str(why, what);
}

int setting_set_string(void *field, struct span value)
{
    char *const copy = malloc(value.len + 1);
    if (!copy)
        return TOCSIN_E_NOMEM;
    memcpy(copy, value.data, value.len);
    copy[value.len] = '\0';
    setting_release_string(field);
    *(char **)field = copy;
    return TOCSIN_OK;
}

void setting_release_string(void *field)
{
    char **const string = field;
    free(*string);
    *string = NULL;
}

void setting_release_nothing(void *field)
{
    (void)field;
}

static void write_string(const void *field, struct text *out)
{
    const char *const string = *(char *const *)field;
    text_put_str(out, string ? string : "none");
}

/* --- label, path --- */

bool setting_is_label_byte(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           byte == '_' || byte == '.' || byte == '-';
}

int setting_read_label(const struct setting *setting, struct span value, void *field, struct text *why)
{
    bool is_label = value.len >= setting->min && value.len <= setting->max;
    for (size_t i = 0; is_label && i < value.len; i++)
        is_label = setting_is_label_byte(value.data[i]);
    if (is_label)
        return setting_set_string(field, value);
    setting_complain(why, value, "is no name: allowed are ");
    text_printf(why, "%llu to %llu of A-Z a-z 0-9 _ . -", (unsigned long long)setting->min,
                (unsigned long long)setting->max);
    return TOCSIN_E_SYNTAX;
}

void setting_write_label(const void *field, struct text *out)
{
    write_string(field, out);
}

int setting_read_path(const struct setting *setting, struct span value, void *field, struct text *why)
{
    if (value.len < setting->min)
        text_put_str(why, "the path is empty");
    else if (value.len > setting->max)
        text_printf(why, "the path is longer than %llu bytes", (unsigned long long)setting->max);
    else if (value.data[0] == '~' && (value.len == 1 || value.data[1] == '/'))
        setting_complain(why, value, "begins with ~, which only a shell expands: write the whole path");
    else
        return setting_set_string(field, value);
    return TOCSIN_E_SYNTAX;
}

void setting_write_path(const void *field, struct text *out)
{
    write_string(field, out);
}

int setting_read_optional_path(const struct setting *setting, struct span value, void *field, struct text *why)
{
    if (!span_is(value, "none"))
        return setting_read_path(setting, value, field, why);
    setting_release_string(field);
    return TOCSIN_OK;
}

void setting_write_optional_path(const void *field, struct text *out)
{
    write_string(field, out);
}

/* --- choices --- */

int setting_read_choice(struct span value, const char *const *words, size_t count, struct text *why)
{
    struct nearest nearest = nearest_to(value);
    for (size_t i = 0; i < count; i++) {
        if (span_is(value, words[i]))
            return (int)i;
        nearest_offer(&nearest, words[i]);
    }
    setting_complain(why, value, "is not allowed: allowed are ");
    for (size_t i = 0; i < count; i++)
        text_printf(why, "%s%s", i == 0 ? "" : ", ", words[i]);
    nearest_put(&nearest, "", why);
    return -1;
}

static const char *const zone_words[] = {
#define SETTINGS_ZONE(ID, word) word,
#include "broker/settings.def"
};

int setting_read_zone(const struct setting *setting, struct span value, void *field, struct text *why)
{
    (void)setting;
    const int zone = setting_read_choice(value, zone_words, sizeof zone_words / sizeof *zone_words, why);
    if (zone < 0)
        return TOCSIN_E_SYNTAX;
    *(enum settings_zone *)field = (enum settings_zone)zone;
    return TOCSIN_OK;
}

void setting_write_zone(const void *field, struct text *out)
{
    text_put_str(out, zone_words[*(const enum settings_zone *)field]);
}

int setting_read_level(const struct setting *setting, struct span value, void *field, struct text *why)
{
    (void)setting;
    const char *words[LOG_LEVEL_COUNT];
    for (size_t i = 0; i < LOG_LEVEL_COUNT; i++)
        words[i] = log_level_word((enum log_level)i);
    const int level = setting_read_choice(value, words, LOG_LEVEL_COUNT, why);
    if (level < 0)
        return TOCSIN_E_SYNTAX;
    *(enum log_level *)field = (enum log_level)level;
    return TOCSIN_OK;
}

void setting_write_level(const void *field, struct text *out)
{
    text_put_str(out, log_level_word(*(const enum log_level *)field));
}

int setting_read_flag(const struct setting *setting, struct span value, void *field, struct text *why)
{
    (void)setting;
    static const char *const words[] = {"false", "true"};
    const int flag = setting_read_choice(value, words, 2, why);
    if (flag < 0)
        return TOCSIN_E_SYNTAX;
    *(bool *)field = flag == 1;
    return TOCSIN_OK;
}

void setting_write_flag(const void *field, struct text *out)
{
    text_put_str(out, *(const bool *)field ? "true" : "false");
}
