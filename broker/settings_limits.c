/* Values of settings that may also say that there is no limit: ages, sizes, room on a disk. */
#include <inttypes.h>

#include "broker/settings_table.h"

static const struct settings_unit age_units[] = {{"y", 31536000}, {"w", 604800}, {"d", 86400},
                                                 {"h", 3600},     {"m", 60},     {"s", 1}};
#define AGE_UNITS (sizeof age_units / sizeof *age_units)

static void put_age(uint64_t seconds, struct text *out)
{
    size_t unit = 2; /* in days at the most: weeks and years are for writing only */
    while (age_units[unit].factor > 1 && (seconds == 0 || seconds % age_units[unit].factor != 0))
        unit++;
    text_printf(out, "%" PRIu64 "%s", seconds / age_units[unit].factor, age_units[unit].suffix);
}

int setting_read_age(const struct setting *setting, struct span value, void *field, struct text *why)
{
    uint64_t seconds;
    if (span_is(value, "never")) {
        *(uint64_t *)field = SETTINGS_NEVER;
        return TOCSIN_OK;
    }
    const bool is_age = settings_read_number(value, age_units, AGE_UNITS, &seconds);
    if (is_age && seconds >= setting->min && seconds <= setting->max) {
        *(uint64_t *)field = seconds;
        return TOCSIN_OK;
    }
    setting_complain(why, value,
                     is_age ? "is out of range: allowed are "
                            : "is no age: write a number with s, m, h, d, w or y behind it, or never; allowed are ");
    put_age(setting->min, why);
    text_put_str(why, " to ");
    put_age(setting->max, why);
    return TOCSIN_E_SYNTAX;
}

void setting_write_age(const void *field, struct text *out)
{
    if (*(const uint64_t *)field == SETTINGS_NEVER)
        text_put_str(out, "never");
    else
        put_age(*(const uint64_t *)field, out);
}

int setting_read_optional_size(const struct setting *setting, struct span value, void *field, struct text *why)
{
    if (!span_is(value, "none"))
        return setting_read_size(setting, value, field, why);
    *(uint64_t *)field = SETTINGS_NEVER;
    return TOCSIN_OK;
}

void setting_write_optional_size(const void *field, struct text *out)
{
    if (*(const uint64_t *)field == SETTINGS_NEVER)
        text_put_str(out, "none");
    else
        settings_put_size(*(const uint64_t *)field, out);
}

int setting_read_room(const struct setting *setting, struct span value, void *field, struct text *why)
{
    static const struct settings_unit percent[] = {{"%", 1}};
    struct settings_room room = {0, 0};
    uint64_t share;
    if (!span_is(value, "none") && settings_read_number(value, percent, 1, &share)) {
        if (share < 1 || share > 90) {
            setting_complain(why, value, "is out of range: allowed are 1% to 90%");
            return TOCSIN_E_SYNTAX;
        }
        room.percent = (unsigned)share;
    } else if (!span_is(value, "none")) {
        int error = setting_read_size(setting, value, &room.bytes, why);
        if (error != TOCSIN_OK)
            return error;
    }
    *(struct settings_room *)field = room;
    return TOCSIN_OK;
}

void setting_write_room(const void *field, struct text *out)
{
    const struct settings_room *const room = field;
    if (room->percent > 0)
        text_printf(out, "%u%%", room->percent);
    else if (room->bytes > 0)
        settings_put_size(room->bytes, out);
    else
        text_put_str(out, "none");
}
