/* A format is read once, into pieces; each piece is then written for each event. */
#include "client/format.h"

#include <stdlib.h>
#include <string.h>

#include "client/format_piece.h"
#include "client/member.h"

/* Wider is a slip, or malice. */
#define WIDTH_MAX 10000

struct format {
    struct format_piece *pieces;
    size_t count;
    struct text literals; /* what stands as it is, escapes undone; pieces point into it by offset */
    char *text;           /* paths point into it */
};

struct parser {
    struct format *format;
    const char *at;
    const char *fault; /* NULL: none yet */
};

static bool refuse(struct parser *parser, const char *fault)
{
    parser->fault = fault;
    return false;
}

static void add_literal(struct parser *parser, const char *bytes, size_t len)
{
    struct format *format = parser->format;
    bool goes_on = format->count > 0 && format->pieces[format->count - 1].kind == PIECE_LITERAL;
    if (!goes_on)
        format->pieces[format->count++] = (struct format_piece){.kind = PIECE_LITERAL, .start = format->literals.len};
    text_put(&format->literals, bytes, len);
    format->pieces[format->count - 1].len += len;
}

/* \n \t \r \0 \a \e \\ */
static bool read_escape(struct parser *parser)
{
    static const char letters[] = "ntr0ae\\";
    static const char meanings[] = "\n\t\r\0\a\033\\";
    const char *letter = parser->at[1] ? strchr(letters, parser->at[1]) : NULL;
    if (!letter)
        return refuse(parser, "allowed are \\n \\t \\r \\0 \\a \\e \\\\");
    add_literal(parser, &meanings[letter - letters], 1);
    parser->at += 2;
    return true;
}

/* @ and a letter of strftime, @N nanoseconds, @@ itself */
static bool read_time(struct parser *parser)
{
    static const char letters[] = "aAbBcCdDeFgGhHIjklmMnNpPrRsStTuUVwWxXyYzZ";
    char letter = parser->at[1];
    if (letter == '@')
        add_literal(parser, "@", 1);
    else if (letter && strchr(letters, letter))
        parser->format->pieces[parser->format->count++] =
            (struct format_piece){.kind = PIECE_TIME, .letter = letter, .precision = -1};
    else
        return refuse(parser, "behind @ comes a letter of strftime, N or @");
    parser->at += 2;
    return true;
}

static bool read_number(struct parser *parser, int *number)
{
    *number = 0;
    for (; *parser->at >= '0' && *parser->at <= '9'; parser->at++) {
        *number = *number * 10 + (*parser->at - '0');
        if (*number > WIDTH_MAX)
            return refuse(parser, "width or precision above 10000");
    }
    return true;
}

static bool read_path(struct parser *parser, struct format_piece *piece)
{
    const char *end = strchr(parser->at, '}');
    if (!end)
        return refuse(parser, "%{ without }");
    piece->kind = PIECE_MEMBER;
    piece->start = (size_t)(parser->at + 1 - parser->format->text);
    piece->len = (size_t)(end - parser->at - 1);
    if (!member_is_path(span_of(parser->at + 1, piece->len)))
        return refuse(parser, "a path is as summary or snapshot.tracks[0].width");
    parser->at = end + 1;
    return true;
}

static bool read_letter(struct parser *parser, struct format_piece *piece)
{
    if (!format_is_letter(*parser->at))
        return refuse(parser, "unknown letter behind %");
    piece->kind = PIECE_LETTER;
    piece->letter = *parser->at++;
    return true;
}

/* [-][0][width][.precision] */
static bool read_flags(struct parser *parser, struct format_piece *piece)
{
    for (; *parser->at == '-' || *parser->at == '0'; parser->at++) {
        piece->is_left |= *parser->at == '-';
        piece->has_zeros |= *parser->at == '0';
    }
    if (!read_number(parser, &piece->width))
        return false;
    if (*parser->at != '.')
        return true;
    parser->at++;
    return read_number(parser, &piece->precision);
}

/* %, flags, and a letter or {path}; %% itself */
static bool read_piece(struct parser *parser)
{
    const char *start = parser->at++;
    if (*parser->at == '%') {
        add_literal(parser, "%", 1);
        parser->at++;
        return true;
    }
    struct format_piece piece = {.precision = -1};
    bool is_read = read_flags(parser, &piece);
    if (is_read)
        is_read = *parser->at == '{' ? read_path(parser, &piece) : read_letter(parser, &piece);
    if (!is_read) {
        parser->at = start;
        return false;
    }
    parser->format->pieces[parser->format->count++] = piece;
    return true;
}

static bool read_all(struct parser *parser)
{
    while (*parser->at) {
        size_t plain = strcspn(parser->at, "%@\\");
        if (plain > 0) {
            add_literal(parser, parser->at, plain);
            parser->at += plain;
            continue;
        }
        bool is_read = *parser->at == '%'   ? read_piece(parser)
                       : *parser->at == '@' ? read_time(parser)
                                            : read_escape(parser);
        if (!is_read)
            return false;
    }
    return !parser->format->literals.failed;
}

struct format *format_read(const char *text, const char **fault, size_t *offset)
{
    *fault = NULL;
    *offset = 0;
    struct format *format = calloc(1, sizeof *format);
    if (!format)
        return NULL;
    format->pieces = calloc(strlen(text) + 1, sizeof *format->pieces);
    format->text = strdup(text);
    struct parser parser = {.format = format, .at = format->text};
    if (format->pieces && format->text && read_all(&parser))
        return format;
    *fault = parser.fault;
    *offset = parser.at ? (size_t)(parser.at - format->text) : 0;
    format_free(&format);
    return NULL;
}

void format_free(struct format **format)
{
    if (!*format)
        return;
    text_fini(&(*format)->literals);
    free((*format)->pieces);
    free((*format)->text);
    free(*format);
    *format = NULL;
}

void format_put(struct text *out, const struct format *format, const struct tocsin_message *message, struct span json,
                bool is_utc)
{
    struct format_source source = {message, json, event_time_of(message, is_utc), is_utc};
    for (size_t i = 0; i < format->count; i++) {
        const struct format_piece *piece = &format->pieces[i];
        const char *base = piece->kind == PIECE_LITERAL ? format->literals.data : format->text;
        format_put_piece(out, piece, span_of(base + piece->start, piece->len), &source);
    }
}
