/* Values of settings as text, both ways: all kinds but the network's (settings_endpoint.c). */
#include <stdlib.h>

#include "broker/nearest.h"
#include "broker/printable.h"
#include "broker/settings_table.h"

/* Appends `"value" what`, the beginning of most complaints. */
static void complain(struct text *why, struct span value, const char *what)
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

static bool is_label_byte(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           byte == '_' || byte == '.' || byte == '-';
}

int setting_read_label(const struct setting *setting, struct span value, void *field, struct text *why)
{
    bool is_label = value.len >= setting->min && value.len <= setting->max;
    for (size_t i = 0; is_label && i < value.len; i++)
        is_label = is_label_byte(value.data[i]);
    if (is_label)
        return setting_set_string(field, value);
    complain(why, value, "is no name: allowed are ");
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
        complain(why, value, "begins with ~, which only a shell expands: write the whole path");
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

/* The index of `value` among `words`; -1 with a complaint when it is none of them. */
static int read_choice(struct span value, const char *const *words, size_t count, struct text *why)
{
    struct nearest nearest = nearest_to(value);
    for (size_t i = 0; i < count; i++) {
        if (span_is(value, words[i]))
            return (int)i;
        nearest_offer(&nearest, words[i]);
    }
    complain(why, value, "is not allowed: allowed are ");
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
    const int zone = read_choice(value, zone_words, sizeof zone_words / sizeof *zone_words, why);
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
    const int level = read_choice(value, words, LOG_LEVEL_COUNT, why);
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
    const int flag = read_choice(value, words, 2, why);
    if (flag < 0)
        return TOCSIN_E_SYNTAX;
    *(bool *)field = flag == 1;
    return TOCSIN_OK;
}

void setting_write_flag(const void *field, struct text *out)
{
    text_put_str(out, *(const bool *)field ? "true" : "false");
}

/* --- numbers --- */

struct unit {
    const char *suffix;
    uint64_t factor;
};

/* Reads digits and one of the suffixes. False for anything else; what is too large to count is UINT64_MAX. */
static bool read_number(struct span value, const struct unit *units, size_t unit_count, uint64_t *number)
{
    uint64_t read = 0;
    bool is_too_large = false;
    size_t i = 0;
    for (; i < value.len && value.data[i] >= '0' && value.data[i] <= '9'; i++) {
        is_too_large |= __builtin_mul_overflow(read, (uint64_t)10, &read);
        is_too_large |= __builtin_add_overflow(read, (uint64_t)(value.data[i] - '0'), &read);
    }
    const struct span suffix = span_of(value.data + i, value.len - i);
    for (size_t unit = 0; i > 0 && unit < unit_count; unit++) {
        if (!span_is(suffix, units[unit].suffix))
            continue;
        is_too_large |= __builtin_mul_overflow(read, units[unit].factor, &read);
        *number = is_too_large ? UINT64_MAX : read;
        return true;
    }
    return false;
}

static const struct unit size_units[] = {
    {"GiB", 1073741824}, {"MiB", 1048576},  {"KiB", 1024},      {"", 1},         {"Gi", 1073741824},
    {"Mi", 1048576},     {"Ki", 1024},      {"GB", 1000000000}, {"MB", 1000000}, {"kB", 1000},
    {"KB", 1000},        {"G", 1000000000}, {"M", 1000000},     {"k", 1000},     {"K", 1000},
};

void settings_put_size(uint64_t bytes, struct text *out)
{
    size_t unit = 0; /* the first whole one; the fourth fits all */
    while (size_units[unit].factor > 1 && (bytes == 0 || bytes % size_units[unit].factor != 0))
        unit++;
    text_printf(out, "%llu%s", (unsigned long long)(bytes / size_units[unit].factor), size_units[unit].suffix);
}

int setting_read_size(const struct setting *setting, struct span value, void *field, struct text *why)
{
    uint64_t bytes;
    const bool is_size = read_number(value, size_units, sizeof size_units / sizeof *size_units, &bytes);
    if (is_size && bytes >= setting->min && bytes <= setting->max) {
        *(uint64_t *)field = bytes;
        return TOCSIN_OK;
    }
    complain(why, value,
             is_size ? "is out of range: allowed are "
                     : "is no size: write bytes, or use k, M, G (thousands) or KiB, MiB, GiB (1024s); allowed are ");
    settings_put_size(setting->min, why);
    text_put_str(why, " to ");
    settings_put_size(setting->max, why);
    return TOCSIN_E_SYNTAX;
}

void setting_write_size(const void *field, struct text *out)
{
    settings_put_size(*(const uint64_t *)field, out);
}

int setting_read_count(const struct setting *setting, struct span value, void *field, struct text *why)
{
    static const struct unit ones[] = {{"", 1}};
    uint64_t count;
    const bool is_number = read_number(value, ones, 1, &count);
    if (is_number && count >= setting->min && count <= setting->max) {
        *(uint64_t *)field = count;
        return TOCSIN_OK;
    }
    complain(why, value, is_number ? "is out of range: " : "is no whole number: ");
    text_printf(why, "allowed are %llu to %llu", (unsigned long long)setting->min, (unsigned long long)setting->max);
    return TOCSIN_E_SYNTAX;
}

void setting_write_count(const void *field, struct text *out)
{
    text_printf(out, "%llu", (unsigned long long)*(const uint64_t *)field);
}

/* --- sync: a word, and with one of them a duration --- */

static const char *const sync_words[] = {
#define SETTINGS_SYNC(ID, word) word,
#include "broker/settings.def"
};

int setting_read_sync(const struct setting *setting, struct span value, void *field, struct text *why)
{
    static const struct unit durations[] = {{"", 1}, {"ms", 1}, {"s", 1000}};
    const char *const word = sync_words[SETTINGS_SYNC_INTERVAL];
    const size_t prefix_len = strcspn(word, "=") + 1;
    const bool is_interval = value.len >= prefix_len && memcmp(value.data, word, prefix_len) == 0;
    if (!is_interval) {
        const int mode = read_choice(value, sync_words, sizeof sync_words / sizeof *sync_words, why);
        if (mode < 0)
            return TOCSIN_E_SYNTAX;
        *(struct settings_sync *)field = (struct settings_sync){(enum settings_sync_mode)mode, 0};
        return TOCSIN_OK;
    }
    uint64_t interval_ms;
    const struct span duration = span_of(value.data + prefix_len, value.len - prefix_len);
    if (!read_number(duration, durations, sizeof durations / sizeof *durations, &interval_ms) ||
        interval_ms < setting->min || interval_ms > setting->max) {
        complain(why, value, "has no good interval: allowed are ");
        text_printf(why, "%s with MS from %llu to %llu (milliseconds, or with ms or s)", word,
                    (unsigned long long)setting->min, (unsigned long long)setting->max);
        return TOCSIN_E_SYNTAX;
    }
    *(struct settings_sync *)field = (struct settings_sync){SETTINGS_SYNC_INTERVAL, interval_ms};
    return TOCSIN_OK;
}

void setting_write_sync(const void *field, struct text *out)
{
    const struct settings_sync *const sync = field;
    const char *const word = sync_words[sync->mode];
    if (sync->mode == SETTINGS_SYNC_INTERVAL)
        text_printf(out, "%.*s=%llu", (int)strcspn(word, "="), word, (unsigned long long)sync->interval_ms);
    else
        text_put_str(out, word);
}
