#include "client/gateway/plain.h"

#include "proto/json.h"
#include "proto/utf8.h"
#include "proto/wire.h"

/* The length of the character at `at`; what is none counts as a byte of its own. */
static size_t character_at(const uint8_t *at, const uint8_t *end, uint32_t *character)
{
    unsigned len = utf8_decode(at, end, character);
    if (len == 0)
        *character = 0xfffd;
    return len > 0 ? len : 1;
}

static bool is_line_end(uint32_t character)
{
    return (character >= '\n' && character <= '\r') || (character >= 0x1c && character <= 0x1e) || character == 0x85 ||
           character == 0x2028 || character == 0x2029;
}

static bool is_blank(uint32_t character)
{
    return character <= ' ' || (character >= 0x7f && character <= 0xa0) || character == 0x1680 ||
           (character >= 0x2000 && character <= 0x200a) || character == 0x2028 || character == 0x2029 ||
           character == 0x202f || character == 0x205f || character == 0x3000;
}

void plain_put_line(struct text *out, struct span text)
{
    const uint8_t *end = span_end(text);
    size_t start = out->len;
    bool is_behind_blank = false;
    for (const uint8_t *at = text.data; at < end;) {
        uint32_t character;
        size_t len = character_at(at, end, &character);
        bool blank = is_blank(character);
        if (!blank && is_behind_blank && out->len > start)
            text_put_char(out, ' ');
        if (!blank)
            text_put(out, at, len);
        is_behind_blank = blank;
        at += len;
    }
}

struct span plain_first_line(struct span text)
{
    const uint8_t *at = text.data, *end = span_end(text);
    while (at < end) {
        uint32_t character;
        size_t len = character_at(at, end, &character);
        if (is_line_end(character))
            break;
        at += len;
    }
    return span_of(text.data, (size_t)(at - text.data));
}

struct span plain_cut(struct span text, size_t max)
{
    if (text.len <= max)
        return text;
    while (max > 0 && (text.data[max] & 0xc0) == 0x80)
        max--;
    return span_of(text.data, max);
}

void plain_put_value(struct text *out, struct span value)
{
    struct wire_reader reader = wire_reader_of(value);
    struct span string;
    if (wire_read_str(&reader, &string))
        text_put(out, string.data, string.len);
    else
        json_write_value(out, value);
}
