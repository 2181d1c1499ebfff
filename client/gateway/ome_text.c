#include "client/gateway/ome_text.h"

#include "proto/utf8.h"
#include "proto/wire.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

static bool is_control(uint32_t character)
{
    return character < 0x20 || (character >= 0x7f && character < 0xa0);
}

void ome_text_put_line(struct text *out, struct span utf8, size_t max)
{
    const uint8_t *at = utf8.data, *end = span_end(utf8);
    size_t start = out->len;
    while (at < end) {
        uint32_t character = 0;
        unsigned len = utf8_decode(at, end, &character);
        bool is_replaced = len == 0 || is_control(character);
        size_t width = is_replaced ? strlen(REPLACEMENT) : len;
        if (out->len - start + width > max)
            return;
        text_put(out, is_replaced ? (const void *)REPLACEMENT : at, width);
        at += len == 0 ? 1 : len;
    }
}

static void put_clean_string(struct text *out, struct text *scratch, struct span string)
{
    text_clear(scratch);
    for (size_t i = 0; i < string.len; i++) {
        if (string.data[i] == 0)
            text_put_str(scratch, REPLACEMENT);
        else
            text_put(scratch, string.data + i, 1);
    }
    wire_write_str(out, text_span(scratch));
    out->failed |= scratch->failed;
}

void ome_text_put_clean(struct text *out, struct span values)
{
    struct wire_reader reader = wire_reader_of(values);
    struct wire_token token;
    struct text scratch;
    text_init(&scratch);
    for (;;) {
        const uint8_t *start = reader.at;
        enum wire_type type = wire_read(&reader, &token);
        if (type == WIRE_END)
            break;
        if (type == WIRE_STR && memchr(token.as.bytes.data, 0, token.as.bytes.len))
            put_clean_string(out, &scratch, token.as.bytes);
        else
            text_put(out, start, (size_t)(reader.at - start));
    }
    text_fini(&scratch);
}
