/* The value of `realms`: names and endpoints, with commas between them. */
#include "broker/printable.h"
#include "broker/settings_table.h"

static struct span trimmed(struct span text)
{
    while (text.len > 0 && text.data[0] == ' ')
        text = span_of(text.data + 1, text.len - 1);
    while (text.len > 0 && text.data[text.len - 1] == ' ')
        text.len--;
    return text;
}

static bool is_name(struct span name)
{
    bool is_good = name.len > 0 && name.len <= DOOR_REALM_NAME_MAX;
    for (size_t i = 0; is_good && i < name.len; i++)
        is_good = setting_is_label_byte(name.data[i]);
    return is_good;
}

static bool is_there(const struct settings_realms *realms, struct span name)
{
    for (size_t i = 0; i < realms->count; i++) {
        if (span_is(name, realms->items[i].door + strlen(DOOR_REALM_PREFIX)))
            return true;
    }
    return false;
}

/* NULL when `item` was added, else what is wrong with it. */
static const char *add(struct settings_realms *realms, struct span item)
{
    const uint8_t *sign = item.len > 0 ? memchr(item.data, '=', item.len) : NULL;
    if (!sign)
        return "is no realm: write NAME=ENDPOINT";
    struct span name = span_of(item.data, (size_t)(sign - item.data));
    struct span endpoint = span_of(sign + 1, item.len - name.len - 1);
    if (!is_name(name))
        return "has no good name: allowed are 1 to 64 of A-Z a-z 0-9 _ . -";
    if (is_there(realms, name))
        return "is given twice";
    if (realms->count == DOOR_REALMS_MAX)
        return "is one more than 8, which is the most";
    struct settings_realm *realm = &realms->items[realms->count];
    const char *wrong = endpoint.len < sizeof realm->endpoint ? setting_check_endpoint(endpoint) : "is too long";
    if (wrong)
        return wrong;
    memcpy(realm->door, DOOR_REALM_PREFIX, strlen(DOOR_REALM_PREFIX));
    memcpy(realm->door + strlen(DOOR_REALM_PREFIX), name.data, name.len);
    memcpy(realm->endpoint, endpoint.data, endpoint.len);
    realms->count++;
    return NULL;
}

int setting_read_realms(const struct setting *setting, struct span value, void *field, struct text *why)
{
    struct settings_realms realms = {.count = 0};
    bool is_any = !span_is(value, "none");
    (void)setting;
    while (is_any) {
        const uint8_t *comma = value.len > 0 ? memchr(value.data, ',', value.len) : NULL;
        struct span item = trimmed(span_of(value.data, comma ? (size_t)(comma - value.data) : value.len));
        const char *wrong = add(&realms, item);
        if (wrong) {
            printable_quote(why, item);
            text_printf(why, " %s; allowed are NAME=ENDPOINT with commas between them, and none", wrong);
            return TOCSIN_E_SYNTAX;
        }
        is_any = comma != NULL;
        if (comma)
            value = span_of(comma + 1, value.len - (size_t)(comma + 1 - value.data));
    }
    *(struct settings_realms *)field = realms;
    return TOCSIN_OK;
}

void setting_write_realms(const void *field, struct text *out)
{
    const struct settings_realms *realms = field;
    for (size_t i = 0; i < realms->count; i++)
        text_printf(out, "%s%s=%s", i == 0 ? "" : ",", realms->items[i].door + strlen(DOOR_REALM_PREFIX),
                    realms->items[i].endpoint);
    if (realms->count == 0)
        text_put_str(out, "none");
}
