#include "broker/printable.h"

#include "proto/utf8.h"

#define ESCAPE_LEN   4 /* \xNN */
#define ELLIPSIS     "\xe2\x80\xa6"
#define ELLIPSIS_LEN 3

/* One character or one invalid byte of `at`, as it is or escaped; `piece` holds what a character of 4 bytes needs. */
static size_t printable_piece(const uint8_t *at, const uint8_t *end, char *piece, size_t *used)
{
    static const char hex[] = "0123456789abcdef";
    uint32_t character;
    unsigned len = utf8_decode(at, end, &character);
    *used = len > 0 ? len : 1;
    if (len > 0 && !utf8_must_escape(character) && !utf8_is_hidden(character)) {
        memcpy(piece, at, len);
        return len;
    }
    for (size_t i = 0; i < *used; i++) {
        const char escape[ESCAPE_LEN] = {'\\', 'x', hex[at[i] >> 4], hex[at[i] & 15]};
        memcpy(piece + i * ESCAPE_LEN, escape, ESCAPE_LEN);
    }
    return *used * ESCAPE_LEN;
}

size_t printable_write(char *out, size_t room, struct span foreign)
{
    const uint8_t *end = foreign.data + foreign.len;
    size_t len = 0;
    size_t len_before_cut = 0; /* the last place where the ellipsis still fits behind */
    for (const uint8_t *at = foreign.data; at < end;) {
        char piece[4 * ESCAPE_LEN];
        size_t used;
        const size_t piece_len = printable_piece(at, end, piece, &used);
        if (piece_len > room - len) {
            memcpy(out + len_before_cut, ELLIPSIS, ELLIPSIS_LEN);
            return len_before_cut + ELLIPSIS_LEN;
        }
        memcpy(out + len, piece, piece_len);
        len += piece_len;
        if (len + ELLIPSIS_LEN <= room)
            len_before_cut = len;
        at += used;
    }
    return len;
}

void printable_quote(struct text *out, struct span foreign)
{
    if (!text_reserve(out, PRINTABLE_QUOTE_MAX + 2))
        return;
    out->data[out->len++] = '"';
    out->len += printable_write(out->data + out->len, PRINTABLE_QUOTE_MAX, foreign);
    out->data[out->len++] = '"';
}

void printable_put(struct text *out, struct span foreign)
{
    const size_t room = ESCAPE_LEN * foreign.len + ELLIPSIS_LEN;
    if (text_reserve(out, room))
        out->len += printable_write(out->data + out->len, room, foreign);
}
