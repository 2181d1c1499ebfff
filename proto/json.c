#include "proto/json.h"

#include "proto/bytes16.h"
#include "proto/error.h"
#include "proto/event.h"
#include "proto/number.h"
#include "proto/utf8.h"
#include "proto/wire.h"

/* A piece of a string is written into room for its worst case: six characters a byte, and a store of eight beyond. */
#define PIECE_LEN  4096
#define PIECE_ROOM (6 * PIECE_LEN + 32)

/* Deeper than any checked value, with the event's own map around it. */
#define DEPTH_MAX (TOCSIN_DEPTH_MAX + 2)

/* Eight bytes that go out as they are: printable ASCII but for the quote and the backslash. */
static inline bool is_plain(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t quote = word ^ (ones * '"');
    uint64_t backslash = word ^ (ones * '\\');
    uint64_t del = word ^ (ones * 0x7f);
    uint64_t special = ((word - ones * 0x20) & ~word) | ((quote - ones) & ~quote) | ((backslash - ones) & ~backslash) |
                       ((del - ones) & ~del);
    return ((word | special) & (ones * 0x80)) == 0;
}

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

/* As is_plain, of sixteen. */
static inline bool is_plain_16(bytes16 bytes)
{
    return !bytes16_any(bytes16_unprintable(bytes) | (bytes16)(bytes == '"') | (bytes16)(bytes == '\\'));
}

/* The last 4 to 15 bytes at once, when they are plain, as two words that may overlap. */
static inline bool write_plain_tail(char *out, const uint8_t *at, size_t len)
{
    if (len >= 8) {
        uint64_t words[2];
        memcpy(&words[0], at, 8);
        memcpy(&words[1], at + len - 8, 8);
        bytes16 bytes;
        memcpy(&bytes, words, sizeof bytes);
        if (!is_plain_16(bytes))
            return false;
        memcpy(out, &words[0], 8);
        memcpy(out + len - 8, &words[1], 8);
        return true;
    }
    uint32_t first;
    uint32_t last;
    memcpy(&first, at, sizeof first);
    memcpy(&last, at + len - 4, sizeof last);
    if (!is_plain((uint64_t)last << 32 | first))
        return false;
    memcpy(out, &first, sizeof first);
    memcpy(out + len - 4, &last, sizeof last);
    return true;
}

static void write_piece(struct text *text, const uint8_t **from, const uint8_t *end)
{
    const uint8_t *at = *from;
    const uint8_t *piece_end = end - at > PIECE_LEN ? at + PIECE_LEN : end;
    char *out = text->data + text->len;
    while (at < piece_end) {
        size_t left = (size_t)(end - at);
        bytes16 bytes;
        if (left >= 16 && (bytes = bytes16_load(at), is_plain_16(bytes))) {
            memcpy(out, &bytes, sizeof bytes);
            at += 16;
            out += 16;
            continue;
        }
        if (left < 16 && left >= 4 && write_plain_tail(out, at, left)) {
            at += left;
            out += left;
            break;
        }
        uint64_t word;
        if (left >= 8 && (memcpy(&word, at, sizeof word), is_plain(word))) {
            memcpy(out, &word, sizeof word);
            at += 8;
            out += 8;
            continue;
        }
        /* one of these eight is special, or the string ends */
        const uint8_t *stop = left > 8 ? at + 8 : end;
        while (at < stop) {
            if (*at >= 0x20 && *at < 0x7f && *at != '"' && *at != '\\')
                *out++ = (char)*at++;
            else
                at += write_character(&out, at, end);
        }
    }
    text->len = (size_t)(out - text->data);
    *from = at;
}

void json_write_string(struct text *out, struct span utf8)
{
    text_put_char(out, '"');
    const uint8_t *at = utf8.data;
    const uint8_t *end = span_end(utf8);
    while (at < end) {
        size_t left = (size_t)(end - at);
        if (!text_reserve(out, left < PIECE_LEN ? 6 * left + 32 : PIECE_ROOM))
            return;
        write_piece(out, &at, end);
    }
    text_put_char(out, '"');
}

static void write_scalar(struct text *out, const struct wire_token *token)
{
    if (token->type == WIRE_STR) {
        json_write_string(out, token->as.bytes);
        return;
    }
    if (!text_reserve(out, NUMBER_TEXT_MAX))
        return;
    char *end = out->data + out->len;
    switch (token->type) {
    case WIRE_BOOL:
        text_put_str(out, token->as.boolean ? "true" : "false");
        break;
    case WIRE_UINT:
        out->len += number_write_uint(end, token->as.u);
        break;
    case WIRE_INT:
        out->len += number_write_int(end, token->as.i);
        break;
    case WIRE_FLOAT:
        out->len += number_write_double(end, token->as.f);
        break;
    default:
        text_put(out, "null", 4);
        break;
    }
}

struct frame {
    uint32_t left; /* items or pairs still to come */
    bool is_map;
};

/* After a value: closes what is complete. */
static unsigned close_frames(struct text *out, const struct frame *frames, unsigned depth)
{
    while (depth > 0 && frames[depth - 1].left == 0)
        text_put_char(out, frames[--depth].is_map ? '}' : ']');
    return depth;
}

void json_write_value(struct text *out, struct span value)
{
    struct wire_reader reader = wire_reader_of(value);
    struct frame frames[DEPTH_MAX];
    unsigned depth = 0;
    bool is_first = true;
    do {
        struct wire_token token;
        if (depth > 0) {
            struct frame *frame = &frames[depth - 1];
            frame->left--;
            if (!is_first)
                text_put_char(out, ',');
            if (frame->is_map) {
                if (wire_read(&reader, &token) != WIRE_STR)
                    break;
                json_write_string(out, token.as.bytes);
                text_put_char(out, ':');
            }
        }
        enum wire_type type = wire_read(&reader, &token);
        if (type == WIRE_END || out->failed)
            break;
        is_first = type == WIRE_ARRAY || type == WIRE_MAP;
        if (is_first) {
            if (depth == DEPTH_MAX)
                break;
            frames[depth++] = (struct frame){token.as.count, type == WIRE_MAP};
            text_put_char(out, type == WIRE_MAP ? '{' : '[');
            is_first = token.as.count > 0;
        } else {
            write_scalar(out, &token);
        }
        depth = close_frames(out, frames, depth);
    } while (depth > 0);
}

/* The end of what has been written so far, moved on by a literal and by bytes that need no escape. */
#define PUT_LITERAL(at, literal) ((void)memcpy((at), "" literal, sizeof(literal) - 1), (at) += sizeof(literal) - 1)

static inline char *put_plain(char *at, struct span bytes)
{
    memcpy(at, bytes.data, bytes.len);
    return at + bytes.len;
}

void json_write_members(struct text *out, const struct event *event)
{
    /* time, level, category, type and cause hold no character that needs an escape */
    size_t room = 128 + event->time.len + event->category.len + event->type.len + event->cause.len;
    if (!text_reserve(out, room))
        return;
    char *at = out->data + out->len;
    if (event->time.data) {
        PUT_LITERAL(at, "\"time\":\"");
        at = put_plain(at, event->time);
        PUT_LITERAL(at, "\",");
    }
    PUT_LITERAL(at, "\"level\":\"");
    at = put_plain(at, span_of_str(level_word(event->level)));
    PUT_LITERAL(at, "\",\"category\":\"");
    at = put_plain(at, event->category);
    PUT_LITERAL(at, "\",\"type\":\"");
    at = put_plain(at, event->type);
    PUT_LITERAL(at, "\",\"sourceId\":");
    out->len = (size_t)(at - out->data);
    json_write_string(out, event->source_id);
    text_put(out, ",\"summary\":", 11);
    json_write_string(out, event->summary);
    if (event->cause.data) {
        text_put(out, ",\"cause\":\"", 10);
        text_put(out, event->cause.data, event->cause.len);
        text_put_char(out, '"');
    }
    if (event->snapshot.data) {
        text_put(out, ",\"snapshot\":", 12);
        json_write_value(out, event->snapshot);
    }
}

void json_write_event(struct text *out, const struct event *event)
{
    text_put_char(out, '{');
    json_write_members(out, event);
    text_put_char(out, '}');
}
