#include "client/record_json.h"

#include "proto/json.h"
#include "proto/number.h"
#include "proto/rfc3339.h"

static void put_uint(struct text *out, uint64_t value)
{
    char digits[NUMBER_TEXT_MAX];
    text_put(out, digits, number_write_uint(digits, value));
}

void record_json_write(struct text *out, const struct record *record)
{
    char received[RFC3339_US_LEN];
    rfc3339_write_us(received, record->received_us);
    text_put_str(out, "{\"seq\":");
    put_uint(out, record->seq);
    text_put_str(out, ",\"received\":\"");
    text_put(out, received, sizeof received);
    text_put_str(out, "\",");
    json_write_members(out, &record->event);
    text_put_str(out, ",\"prev\":");
    put_uint(out, record->prev);
    text_put_char(out, '}');
}
