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

char *json_put_mixed(char *out, struct span utf8)
{
    const uint8_t *at = utf8.data;
    const uint8_t *end = span_end(utf8);
    while (at < end) {
        bytes16 bytes;
        if (end - at >= 16 && (bytes = bytes16_load(at), json_put_is_plain(bytes))) {
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
