#include "client/json_indent.h"

static void put_line(struct text *out, unsigned depth)
{
    text_put_char(out, '\n');
    for (unsigned i = 0; i < depth; i++)
        text_put(out, "  ", 2);
}

/* The length of the string that begins here, with its quotes. */
static size_t string_len(const uint8_t *at, const uint8_t *end)
{
    const uint8_t *next = at + 1;
    while (next < end && *next != '"')
        next += *next == '\\' && next + 1 < end ? 2 : 1;
    return next < end ? (size_t)(next - at) + 1 : (size_t)(end - at);
}

void json_indent(struct text *out, struct span json)
{
    unsigned depth = 0;
    const uint8_t *end = json.data + json.len;
    for (const uint8_t *at = json.data; at < end; at++) {
        char byte = (char)*at;
        bool is_empty = at + 1 < end && (at[1] == '}' || at[1] == ']');
        switch (byte) {
        case '"': {
            size_t len = string_len(at, end);
            text_put(out, at, len);
            at += len - 1;
            break;
        }
        case '{':
        case '[':
            text_put_char(out, byte);
            if (is_empty)
                text_put(out, ++at, 1);
            else
                put_line(out, ++depth);
            break;
        case '}':
        case ']':
            put_line(out, depth > 0 ? --depth : 0);
            text_put_char(out, byte);
            break;
        case ',':
            text_put_char(out, byte);
            put_line(out, depth);
            break;
        case ':':
            text_put(out, ": ", 2);
            break;
        default:
            text_put_char(out, byte);
        }
    }
}
