#include "proto/utf8.h"

#include "proto/bytes16.h"

unsigned utf8_decode(const uint8_t *at, const uint8_t *end, uint32_t *character)
{
    uint8_t lead = at[0];
    size_t left = (size_t)(end - at);
    if (lead < 0x80) {
        *character = lead;
        return 1;
    }
    if (lead < 0xc2 || lead > 0xf4)
        return 0;
    unsigned len = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (left < len)
        return 0;
    uint32_t value = lead & (0x7fU >> len);
    for (unsigned i = 1; i < len; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (at[i] & 0x3fU);
    }
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (value < smallest[len] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
        return 0;
    *character = value;
    return len;
}

unsigned utf8_encode(uint32_t character, uint8_t *out)
{
    if (character < 0x80) {
        out[0] = (uint8_t)character;
        return 1;
    }
    if (character < 0x800) {
        out[0] = (uint8_t)(0xc0 | character >> 6);
        out[1] = (uint8_t)(0x80 | (character & 0x3f));
        return 2;
    }
    if (character < 0x10000) {
        out[0] = (uint8_t)(0xe0 | character >> 12);
        out[1] = (uint8_t)(0x80 | (character >> 6 & 0x3f));
        out[2] = (uint8_t)(0x80 | (character & 0x3f));
        return 3;
    }
    out[0] = (uint8_t)(0xf0 | character >> 18);
    out[1] = (uint8_t)(0x80 | (character >> 12 & 0x3f));
    out[2] = (uint8_t)(0x80 | (character >> 6 & 0x3f));
    out[3] = (uint8_t)(0x80 | (character & 0x3f));
    return 4;
}

/* Looks at one character; returns its length, 0 when it is invalid. */
static inline unsigned inspect_one(const uint8_t *at, const uint8_t *end, unsigned *findings)
{
    uint32_t character = 0;
    unsigned len = utf8_decode(at, end, &character);
    if (len == 0)
        *findings |= UTF8_INVALID;
    else if (character < 0x20 || (character >= 0x7f && character < 0xa0))
        *findings |= character == 0 ? UTF8_NUL | UTF8_CONTROL : UTF8_CONTROL;
    return len;
}

/* Sixteen characters that need no closer look; the last sixteen may have been seen before. */
static inline bool is_plain(struct span text)
{
    if (text.len < 16)
        return text.len == 0 || !bytes16_any(bytes16_unprintable(bytes16_load_short(text.data, text.len)));
    const uint8_t *last = span_end(text) - 16;
    for (const uint8_t *at = text.data; at < last; at += 16) {
        if (bytes16_any(bytes16_unprintable(bytes16_load(at))))
            return false;
    }
    return !bytes16_any(bytes16_unprintable(bytes16_load(last)));
}

/* As utf8_inspect, for what is not all printable ASCII. */
static unsigned inspect_all(struct span text)
{
    unsigned findings = 0;
    const uint8_t *at = text.data;
    const uint8_t *end = span_end(text);
    while (at < end) {
        while (end - at >= 16 && !bytes16_any(bytes16_unprintable(bytes16_load(at))))
            at += 16;
        /* one of these sixteen is not plain, or the text ends */
        const uint8_t *stop = end - at > 16 ? at + 16 : end;
        while (at < stop) {
            unsigned len = inspect_one(at, end, &findings);
            if (len == 0)
                return findings;
            at += len;
        }
    }
    return findings;
}

unsigned utf8_inspect(struct span text)
{
    return is_plain(text) ? 0 : inspect_all(text);
}

bool utf8_must_escape(uint32_t character)
{
    if (character < 0xa0)
        return character < 0x20 || character >= 0x7f;
    switch (character) {
    case 0x061c:
    case 0x200e:
    case 0x200f:
    case 0x2028:
    case 0x2029:
    case 0xfeff:
        return true;
    default:
        return (character >= 0x202a && character <= 0x202e) || (character >= 0x2066 && character <= 0x2069);
    }
}

bool utf8_is_hidden(uint32_t character)
{
    return character == 0xad || character == 0x180e || character == 0x200b ||
           (character >= 0x2060 && character <= 0x2064) || (character >= 0x206a && character <= 0x206f) ||
           (character >= 0xfff9 && character <= 0xfffb) || (character >= 0xe0000 && character <= 0xe007f);
}
