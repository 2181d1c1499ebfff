#include "proto/json_string.h"

#include "proto/json_scan.h"
#include "proto/utf8.h"
#include "proto/wire.h"

/* More than wire_write_str needs for a head. */
#define HEAD_ROOM 16

static const uint8_t *find_invalid_utf8(struct span text)
{
    const uint8_t *at = text.data;
    uint32_t character;
    for (unsigned len; at < span_end(text) && (len = utf8_decode(at, span_end(text), &character)) > 0;)
        at += len;
    return at;
}

/* The four hex digits of a \u escape; -1 when they are not there. */
static int32_t hex4(const uint8_t *at, const uint8_t *end)
{
    if (end - at < 4)
        return -1;
    int32_t value = 0;
    for (int i = 0; i < 4; i++) {
        uint8_t lower = at[i] | 0x20;
        if (at[i] >= '0' && at[i] <= '9')
            value = value * 16 + (at[i] - '0');
        else if (lower >= 'a' && lower <= 'f')
            value = value * 16 + (lower - 'a' + 10);
        else
            return -1;
    }
    return value;
}

/* Undoes the \u escape at `*at`, the pair of them for what is above U+FFFF, and moves `*at` and `*to` on. */
static const char *unescape_unicode(const uint8_t **at, const uint8_t *end, uint8_t **to)
{
    const uint8_t *next = *at + 6;
    int32_t unit = hex4(*at + 2, end);
    if (unit < 0)
        return "\\u needs four hex digits";
    if (unit >= 0xd800 && unit <= 0xdfff) {
        bool is_pair = unit <= 0xdbff && end - next >= 6 && next[0] == '\\' && next[1] == 'u';
        int32_t low = is_pair ? hex4(next + 2, end) : -1;
        if (low < 0xdc00 || low > 0xdfff)
            return "lone surrogate";
        next += 6;
        unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    }
    *to += utf8_encode((uint32_t)unit, *to);
    *at = next;
    return NULL;
}

/* Undoes the escape at `*at`, a backslash and at least one byte, and moves `*at` and `*to` on. */
static const char *unescape(const uint8_t **at, const uint8_t *end, uint8_t **to)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    uint8_t letter = (*at)[1];
    if (letter == 'u')
        return unescape_unicode(at, end, to);
    const char *found = strchr(letters, letter);
    if (!found)
        return "unknown escape";
    *(*to)++ = (uint8_t)meanings[found - letters];
    *at += 2;
    return NULL;
}

/* What lies between the quotes, with escapes. It is undone in scratch space, so far behind the end of `out` that
 * wire_write_str neither moves nor overlaps it. `*at` is moved to the fault where there is one. */
static const char *write_unescaped(const uint8_t **at, const uint8_t *end, struct text *out)
{
    size_t raw_len = (size_t)(end - *at);
    if (!text_reserve(out, 2 * (raw_len + HEAD_ROOM)))
        return NULL;
    uint8_t *scratch = (uint8_t *)out->data + out->len + raw_len + HEAD_ROOM;
    uint8_t *to = scratch;
    for (;;) {
        const uint8_t *stop = json_scan_plain(*at, end);
        memcpy(to, *at, (size_t)(stop - *at));
        to += stop - *at;
        *at = stop;
        if (stop == end)
            break;
        const char *reason = unescape(at, end, &to);
        if (reason)
            return reason;
    }
    wire_write_str(out, span_of(scratch, (size_t)(to - scratch)));
    return NULL;
}

const char *json_string_read(const uint8_t **at, const uint8_t *end, struct text *out)
{
    const uint8_t *begin = *at + 1;
    const uint8_t *stop = json_scan_plain(begin, end);
    bool is_plain = stop < end && *stop == '"';
    if (!is_plain)
        stop = json_scan_string(stop, end);
    *at = stop;
    if (stop == end)
        return "string is not closed";
    if (*stop != '"')
        return "string holds a raw control character";
    struct span raw = span_of(begin, (size_t)(stop - begin));
    if (utf8_inspect(raw) & UTF8_INVALID) {
        *at = find_invalid_utf8(raw);
        return "string holds invalid UTF-8";
    }
    if (is_plain) {
        wire_write_str(out, raw);
    } else {
        *at = begin;
        const char *reason = write_unescaped(at, stop, out);
        if (reason)
            return reason;
    }
    *at = stop + 1;
    return NULL;
}
