/* The settings as people read them: --print-config, --help, the manual's table, the example file. The manual page is in
 * settings_man.c. */
#include <stdio.h>

#include "broker/settings_table.h"
#include "proto/utf8.h"

#define WIDTH 80

/* --- YAML --- */

/* Plain where no reader of YAML could take it for anything else. */
static bool is_plain(const char *value)
{
    static const char *const meant_otherwise[] = {"null", "Null", "NULL", "yes", "Yes", "no",
                                                  "No",   "on",   "off",  "y",   "n"};
    for (size_t i = 0; i < sizeof meant_otherwise / sizeof *meant_otherwise; i++)
        if (strcmp(value, meant_otherwise[i]) == 0)
            return false;
    const size_t len = strlen(value);
    const bool starts_plainly = (value[0] | 32) >= 'a' && (value[0] | 32) <= 'z';
    return (starts_plainly || value[0] == '/' || (value[0] >= '0' && value[0] <= '9')) && value[len - 1] != ':' &&
           strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:=-") == len;
}

static void put_quoted(const char *value, struct text *out)
{
    const struct span bytes = span_of_str(value);
    const uint8_t *const end = bytes.data + bytes.len;
    text_put_char(out, '"');
    for (const uint8_t *at = bytes.data; at < end;) {
        uint32_t character;
        const unsigned len = utf8_decode(at, end, &character);
        if (len == 0) /* never: settings_set lets valid UTF-8 in only */
            break;
        if (character == '"' || character == '\\')
            text_printf(out, "\\%c", (char)character);
        else if (utf8_must_escape(character) || character == 0xfffe || character == 0xffff)
            text_printf(out, "\\u%04x", (unsigned)character);
        else
            text_put(out, at, len);
        at += len;
    }
    text_put_char(out, '"');
}

void settings_put_yaml_value(const struct settings *settings, enum settings_id id, struct text *out)
{
    const struct setting *const setting = &settings_table[id];
    struct text value;
    text_init(&value);
    setting_kinds[setting->kind].write((const char *)settings + setting->offset, &value);
    text_put_char(&value, '\0');
    if (value.failed)
        out->failed = true;
    else if (is_plain(value.data))
        text_put_str(out, value.data);
    else
        put_quoted(value.data, out);
    text_fini(&value);
}

void settings_write_yaml(const struct settings *settings, struct text *out)
{
    for (int id = 0; id < SETTINGS_COUNT; id++) {
        const struct settings_origin origin = settings->origins[id];
        text_printf(out, "%s: ", settings_table[id].name);
        settings_put_yaml_value(settings, (enum settings_id)id, out);
        text_put_str(out, "  # ");
        settings_put_place((enum settings_id)id, origin, settings->config, out);
        text_put_char(out, '\n');
    }
}

/* --- help --- */

const char settings_purpose[] =
    "Takes events, writes them to the audit log and publishes them. Runs without any setting.";

const char settings_guide[] = "A flag goes before the environment, that before the file, that before the "
                              "default. In the file they have "
                              "the same names without the dashes in front. Sizes are in bytes, or with k, M, G "
                              "(thousands) or KiB, MiB, GiB (1024s). "
                              "Relative paths, in the file too, begin at the directory that tocsind is started in.";

/* Appends `help` in lines of at most WIDTH columns, each after `indent`. */
static void put_wrapped(const char *indent, const char *help, struct text *out)
{
    const size_t room = WIDTH - strlen(indent);
    while (*help) {
        size_t len = strlen(help);
        if (len > room)
            for (len = room; len > 0 && help[len] != ' '; len--)
                continue;
        if (len == 0) /* a word longer than a line */
            len = strcspn(help, " ");
        text_put_str(out, indent);
        text_put(out, help, len);
        text_put_char(out, '\n');
        help += len;
        help += strspn(help, " ");
    }
}

const char *settings_default_of(const struct setting *setting)
{
    return setting->worked_out ? setting->worked_out : setting->value;
}

void settings_put_limits(const struct setting *setting, const char *separator, struct text *out)
{
    if (setting->kind == SETTING_KIND_size) {
        text_put_str(out, separator);
        settings_put_size(setting->min, out);
        text_put_str(out, " to ");
        settings_put_size(setting->max, out);
    } else if (setting->kind == SETTING_KIND_count) {
        text_printf(out, "%s%llu to %llu", separator, (unsigned long long)setting->min,
                    (unsigned long long)setting->max);
    }
}

static void put_setting_help(const struct setting *setting, struct text *out)
{
    char env_name[SETTINGS_ENV_MAX];
    settings_env_name(setting, env_name);
    if (setting->kind == SETTING_KIND_flag)
        text_printf(out, "  --%s[=%s]", setting->name, setting_kinds[setting->kind].metavar);
    else
        text_printf(out, "  --%s %s", setting->name, setting_kinds[setting->kind].metavar);
    settings_put_limits(setting, "  ", out);
    text_put_char(out, '\n');
    put_wrapped("        ", setting->help, out);
    char closing[256];
    snprintf(closing, sizeof closing, "Default: %s. Environment: %s.", settings_default_of(setting), env_name);
    put_wrapped("        ", closing, out);
}

static void put_exit_codes(struct text *out)
{
    text_put_str(out, "\nExit codes:\n");
#define EXIT_CODE(ID, value, meaning) text_printf(out, "  %2d  %s\n", (value), (meaning));
#include "broker/exit_code.def"
#undef EXIT_CODE
}

void settings_write_help(struct text *out)
{
    text_put_str(out, "Usage: tocsind [-c FILE] [--SETTING VALUE]...\n\n");
    put_wrapped("", settings_purpose, out);
    text_put_str(out, "\n  -c, --config FILE\n        Read settings from a YAML file of `name: value` lines.\n");
    static const struct {
        char letter;
        const char *name;
        const char *help;
    } actions[] = {
#define SETTINGS_ACTION(ID, letter, name, help) {letter, name, help},
#include "broker/settings.def"
    };
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        if (actions[i].letter)
            text_printf(out, "  -%c, --%s\n", actions[i].letter, actions[i].name);
        else
            text_printf(out, "  --%s\n", actions[i].name);
        put_wrapped("        ", actions[i].help, out);
    }
    text_put_char(out, '\n');
    put_wrapped("", settings_guide, out);
    text_put_char(out, '\n');
    for (size_t id = 0; id < SETTINGS_COUNT; id++)
        put_setting_help(&settings_table[id], out);
    put_exit_codes(out);
}

/* --- documents --- */

/* Table cells: '|' would end them. */
static void put_cell(const char *text, struct text *out)
{
    for (; *text; text++) {
        if (*text == '|')
            text_put_char(out, '\\');
        text_put_char(out, *text);
    }
}

void settings_write_markdown(struct text *out)
{
    text_put_str(out, "| Flag and YAML key | Environment | Value | Default | Meaning |\n|---|---|---|---|---|\n");
    for (size_t id = 0; id < SETTINGS_COUNT; id++) {
        const struct setting *const setting = &settings_table[id];
        char env_name[SETTINGS_ENV_MAX];
        settings_env_name(setting, env_name);
        text_printf(out, "| `--%s`<br>`%s:` | `%s` | `", setting->name, setting->name, env_name);
        put_cell(setting_kinds[setting->kind].metavar, out);
        text_put_char(out, '`');
        settings_put_limits(setting, "<br>", out);
        text_printf(out, setting->worked_out ? " | %s | " : " | `%s` | ", settings_default_of(setting));
        put_cell(setting->help, out);
        text_put_str(out, " |\n");
    }
}

void settings_write_example(struct text *out)
{
    text_put_str(out,
                 "# Settings of tocsind, all of them, with their defaults. Take the # before a name away to change "
                 "it.\n# Flags and environment variables (TOCSIN_LOG_DIR for log-dir) go before this file.\n"
                 "# tocsind --check-config -c FILE tells what is wrong; docs/CONFIGURATION.md says more.\n");
    for (size_t id = 0; id < SETTINGS_COUNT; id++) {
        const struct setting *const setting = &settings_table[id];
        text_put_char(out, '\n');
        put_wrapped("# ", setting->help, out);
        text_printf(out, "# %s", setting_kinds[setting->kind].metavar);
        settings_put_limits(setting, ", ", out);
        if (setting->worked_out)
            text_printf(out, "; default: %s", setting->worked_out);
        text_printf(out, "\n#%s: %s\n", setting->name, setting->value);
    }
}
