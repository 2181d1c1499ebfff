#include "client/format_piece.h"

#include "client/escape.h"
#include "client/json_indent.h"
#include "client/member.h"
#include "proto/event.h"
#include "proto/json.h"
#include "proto/number.h"
#include "proto/utf8.h"

bool format_is_letter(char letter)
{
    switch (letter) {
#define FORMAT_LETTER(character, name, meaning) case character:
#include "client/format_letter.def"
#undef FORMAT_LETTER
        return true;
    default:
        return false;
    }
}

enum format_letter {
#define FORMAT_LETTER(character, name, meaning) LETTER_##name = (character),
#include "client/format_letter.def"
#undef FORMAT_LETTER
};

static struct span span_of_text(struct tocsin_text text)
{
    return span_of(text.data, text.len);
}

static void put_hex(struct text *out, struct span bytes)
{
    static const char digits[] = "0123456789abcdef";
    if (!text_reserve(out, 2 * bytes.len))
        return;
    for (size_t i = 0; i < bytes.len; i++) {
        text_put_char(out, digits[bytes.data[i] >> 4]);
        text_put_char(out, digits[bytes.data[i] & 15]);
    }
}

static void put_body(struct text *out, const struct tocsin_message *message)
{
    struct event event;
    if (event_view(span_of_text(message->event), &event))
        json_write_event(out, &event);
}

static void put_letter(struct text *out, char letter, const struct format_source *source)
{
    const struct tocsin_message *message = source->message;
    char digits[NUMBER_TEXT_MAX];
    switch ((enum format_letter)letter) {
    case LETTER_TOPIC:
        escape_text(out, span_of_text(message->topic));
        return;
    case LETTER_CATEGORY:
        escape_text(out, span_of_text(message->category));
        return;
    case LETTER_SOURCE:
        escape_text(out, span_of_text(message->source_id));
        return;
    case LETTER_TYPE:
        escape_text(out, span_of_text(message->type));
        return;
    case LETTER_LEVEL:
        text_put_str(out, tocsin_level_word(message->level));
        return;
    case LETTER_SUMMARY:
        escape_text(out, span_of_text(message->summary));
        return;
    case LETTER_SEQ:
        text_put(out, digits, number_write_uint(digits, message->seq));
        return;
    case LETTER_LOG_ID:
        escape_text(out, span_of_text(message->log_id));
        return;
    case LETTER_ISO_TIME:
        event_time_put_iso(out, &source->time, source->is_utc);
        return;
    case LETTER_UNIX_TIME:
        text_printf(out, "%lld.%09u", (long long)source->time.seconds, source->time.nanoseconds);
        return;
    case LETTER_BODY:
        put_body(out, message);
        return;
    case LETTER_JSON:
        text_put(out, source->json.data, source->json.len);
        return;
    case LETTER_PRETTY:
        json_indent(out, source->json);
        return;
    case LETTER_HEX:
        put_hex(out, span_of_text(message->event));
        return;
    }
}

static void put_time(struct text *out, char letter, const struct event_time *time)
{
    char text[64], format[] = {'%', letter, '\0'};
    if (letter == 'N')
        text_printf(out, "%09u", time->nanoseconds);
    else
        text_put(out, text, strftime(text, sizeof text, format, &time->tm));
}

/* The bytes that the first `count` characters take; -1: all. `*counted` tells how many there are up to there. */
static size_t len_of_characters(struct span text, int count, int *counted)
{
    const uint8_t *at = text.data, *end = text.data + text.len;
    for (*counted = 0; at < end && *counted != count; ++*counted) {
        uint32_t character;
        unsigned len = utf8_decode(at, end, &character);
        at += len > 0 ? len : 1;
    }
    return (size_t)(at - text.data);
}

/* Cuts what was appended since `start` to the precision and fills it up to the width. */
static void fit(struct text *out, size_t start, const struct format_piece *piece)
{
    if (out->failed || (piece->width == 0 && piece->precision < 0))
        return;
    int count;
    size_t len = len_of_characters(span_of(out->data + start, out->len - start), piece->precision, &count);
    out->len = start + len;
    if (count >= piece->width)
        return;
    size_t missing = (size_t)(piece->width - count);
    if (!text_reserve(out, missing))
        return;
    char *text = out->data + start;
    if (piece->is_left) {
        memset(text + len, ' ', missing);
    } else {
        memmove(text + missing, text, len);
        memset(text, piece->has_zeros ? '0' : ' ', missing);
    }
    out->len += missing;
}

void format_put_piece(struct text *out, const struct format_piece *piece, struct span text,
                      const struct format_source *source)
{
    size_t start = out->len;
    switch (piece->kind) {
    case PIECE_LITERAL:
        text_put(out, text.data, text.len);
        return;
    case PIECE_LETTER:
        put_letter(out, piece->letter, source);
        break;
    case PIECE_MEMBER:
        member_put(out, source->message, text);
        break;
    case PIECE_TIME:
        put_time(out, piece->letter, &source->time);
        break;
    }
    fit(out, start, piece);
}
