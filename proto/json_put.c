/* Strings as JSON text. Printable ASCII is copied sixteen bytes at a time while it is looked at; the rest goes by
 * character. */
#include "proto/json_put.h"

#include "proto/utf8.h"

static char *write_hex_escape(char *out, uint32_t unit)
{
    static const char digits[] = "0123456789abcdef";
    *out++ = '\\';
    *out++ = 'u';
    for (int shift = 12; shift >= 0; shift -= 4)
        *out++ = digits[unit >> shift & 15];
    return out;
}

static char *write_escape(char *out, uint32_t character)
{
    char letter;
    switch (character) {
    case '"':
    case '\\':
        letter = (char)character;
        break;
    case '\b':
        letter = 'b';
        break;
    case '\f':
        letter = 'f';
        break;
    case '\n':
        letter = 'n';
        break;
    case '\r':
        letter = 'r';
        break;
    case '\t':
        letter = 't';
        break;
    default:
        return write_hex_escape(out, character);
    }
    *out++ = '\\';
    *out++ = letter;
    return out;
}

/* Writes the character at `at`, escaped where it must be; returns its length in the source. */
static unsigned write_character(char **out, const uint8_t *at, const uint8_t *end)
{
    uint32_t character = 0;
    unsigned len = utf8_decode(at, end, &character);
    if (len == 0) { /* no checked string: keep the text readable */
        *out = write_hex_escape(*out, 0xfffd);
        return 1;
    }
    if (character == '"' || character == '\\' || utf8_must_escape(character)) {
        *out = write_escape(*out, character);
        return len;
    }
    memcpy(*out, at, len);
    *out += len;
    return len;
}

/* Sixteen characters that go out as they are: printable ASCII but for the quote and the backslash. */
static inline bool is_plain(bytes16 bytes)
{
    return !bytes16_any(bytes16_unprintable(bytes) | (bytes16)(bytes == '"') | (bytes16)(bytes == '\\'));
}

/* Copies the plain beginning and returns its length: all, or a multiple of sixteen. */
static inline size_t put_plain_beginning(char *out, struct span utf8)
{
    if (utf8.len < 16) {
        if (utf8.len > 0 && !is_plain(bytes16_load_short(utf8.data, utf8.len)))
            return 0;
        bytes16_copy(out, utf8.data, utf8.len);
        return utf8.len;
    }
    size_t last = utf8.len - 16;
    for (size_t at = 0; at < last; at += 16) {
        bytes16 bytes = bytes16_load(utf8.data + at);
        if (!is_plain(bytes))
            return at;
        memcpy(out + at, &bytes, sizeof bytes);
    }
    bytes16 bytes = bytes16_load(utf8.data + last);
    if (!is_plain(bytes))
        return last & ~(size_t)15;
    memcpy(out + last, &bytes, sizeof bytes);
    return utf8.len;
}

/* From a character on that may need an escape. */
static char *put_mixed(char *out, const uint8_t *at, const uint8_t *end)
{
    while (at < end) {
        bytes16 bytes;
        if (end - at >= 16 && (bytes = bytes16_load(at), is_plain(bytes))) {
            memcpy(out, &bytes, sizeof bytes);
            at += 16;
            out += 16;
            continue;
        }
        /* one of these sixteen is special, or the string ends */
        const uint8_t *stop = end - at > 16 ? at + 16 : end;
        while (at < stop) {
            if (*at >= 0x20 && *at < 0x7f && *at != '"' && *at != '\\')
                *out++ = (char)*at++;
            else
                at += write_character(&out, at, end);
        }
    }
    return out;
}

char *json_put_escaped(char *at, struct span utf8)
{
    size_t done = put_plain_beginning(at, utf8);
    return done == utf8.len ? at + done : put_mixed(at + done, utf8.data + done, span_end(utf8));
}
