#include "client/gateway/json_repair.h"

#include "proto/utf8.h"

#define REPLACEMENT         "\xef\xbf\xbd"
#define ESCAPED_REPLACEMENT "\\ufffd"

static bool is_follower(uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

/* How many bytes at `at` one U+FFFD stands for: the longest beginning of a character, or one byte. */
static size_t broken_len(const uint8_t *at, const uint8_t *end)
{
    uint8_t lead = at[0];
    size_t wanted = lead >= 0xf0 && lead <= 0xf4  ? 4
                    : lead >= 0xe0 && lead < 0xf0 ? 3
                    : lead >= 0xc2 && lead < 0xe0 ? 2
                                                  : 1;
    size_t len = 1;
    if (wanted > 1 && end - at > 1 && is_follower(at[1])) {
        uint8_t least = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
        uint8_t most = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
        if (at[1] < least || at[1] > most)
            return 1;
        for (len = 2; len < wanted && at + len < end && is_follower(at[len]); len++) {
        }
    }
    return len;
}

static int hex_digit(uint8_t byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* The unit of the \u escape at `at`; -1: there is none. */
static long unit_at(const uint8_t *at, const uint8_t *end)
{
    if (end - at < 6 || at[0] != '\\' || at[1] != 'u')
        return -1;
    long unit = 0;
    for (int i = 2; i < 6; i++) {
        int digit = hex_digit(at[i]);
        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

/* Copies the escape at `at` and returns its length. */
static size_t put_escape(const uint8_t *at, const uint8_t *end, struct text *out)
{
    long unit = unit_at(at, end);
    bool is_high = unit >= 0xd800 && unit <= 0xdbff;
    long low = is_high ? unit_at(at + 6, end) : -1;
    if (low >= 0xdc00 && low <= 0xdfff) {
        text_put(out, at, 12);
        return 12;
    }
    if (unit == 0 || (unit >= 0xd800 && unit <= 0xdfff)) {
        text_put_str(out, ESCAPED_REPLACEMENT);
        return 6;
    }
    size_t len = end - at > 1 ? 2 : 1; /* whether it is one the reader will tell */
    text_put(out, at, len);
    return len;
}

/* Copies one character that is no escape, and returns its length. */
static size_t put_character(const uint8_t *at, const uint8_t *end, bool is_in_string, struct text *out)
{
    if (is_in_string && *at == 0) {
        text_put_str(out, ESCAPED_REPLACEMENT);
        return 1;
    }
    if (is_in_string && *at < 0x20) {
        text_printf(out, "\\u%04x", *at);
        return 1;
    }
    uint32_t character;
    size_t len = utf8_decode(at, end, &character);
    if (len > 0) {
        text_put(out, at, len);
        return len;
    }
    text_put_str(out, REPLACEMENT);
    return broken_len(at, end);
}

void json_repair_characters(struct span json, struct text *out)
{
    const uint8_t *at = json.data, *end = span_end(json);
    bool is_in_string = false;
    while (at < end) {
        if (is_in_string && *at == '\\') {
            at += put_escape(at, end, out);
            continue;
        }
        if (*at == '"')
            is_in_string = !is_in_string;
        at += put_character(at, end, is_in_string, out);
    }
}
