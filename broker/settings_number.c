/* Values of settings that are numbers with units: sizes, counts, the interval of sync. */
#include "broker/settings_table.h"

bool settings_read_number(struct span value, const struct settings_unit *units, size_t unit_count, uint64_t *number)
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

static const struct settings_unit size_units[] = {
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
    const bool is_size = settings_read_number(value, size_units, sizeof size_units / sizeof *size_units, &bytes);
    if (is_size && bytes >= setting->min && bytes <= setting->max) {
        *(uint64_t *)field = bytes;
        return TOCSIN_OK;
    }
    setting_complain(
        why, value,
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
    static const struct settings_unit ones[] = {{"", 1}};
    uint64_t count;
    const bool is_number = settings_read_number(value, ones, 1, &count);
    if (is_number && count >= setting->min && count <= setting->max) {
        *(uint64_t *)field = count;
        return TOCSIN_OK;
    }
    setting_complain(why, value, is_number ? "is out of range: " : "is no whole number: ");
    text_printf(why, "allowed are %llu to %llu", (unsigned long long)setting->min, (unsigned long long)setting->max);
    return TOCSIN_E_SYNTAX;
}

void setting_write_count(const void *field, struct text *out)
{
    text_printf(out, "%llu", (unsigned long long)*(const uint64_t *)field);
}

/* Sync: a word, and with one of them a duration. */
static const char *const sync_words[] = {
#define SETTINGS_SYNC(ID, word) word,
#include "broker/settings.def"
};

int setting_read_sync(const struct setting *setting, struct span value, void *field, struct text *why)
{
    static const struct settings_unit durations[] = {{"", 1}, {"ms", 1}, {"s", 1000}};
    const char *const word = sync_words[SETTINGS_SYNC_INTERVAL];
    const size_t prefix_len = strcspn(word, "=") + 1;
    const bool is_interval = value.len >= prefix_len && memcmp(value.data, word, prefix_len) == 0;
    if (!is_interval) {
        const int mode = setting_read_choice(value, sync_words, sizeof sync_words / sizeof *sync_words, why);
        if (mode < 0)
            return TOCSIN_E_SYNTAX;
        *(struct settings_sync *)field = (struct settings_sync){(enum settings_sync_mode)mode, 0};
        return TOCSIN_OK;
    }
    uint64_t interval_ms;
    const struct span duration = span_of(value.data + prefix_len, value.len - prefix_len);
    if (!settings_read_number(duration, durations, sizeof durations / sizeof *durations, &interval_ms) ||
        interval_ms < setting->min || interval_ms > setting->max) {
        setting_complain(why, value, "has no good interval: allowed are ");
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
