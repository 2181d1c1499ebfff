/* A reader of regular expressions that sees only what is plain: bytes that stand for themselves, in a row, in groups
 * and between bars. Whatever else comes ends the row. It may see too little, but never what need not be there. */
#include "client/alert/regex_needs.h"

#define DEPTH_MAX 8u

struct regex_reader {
    const uint8_t *at;
    const uint8_t *end;
    unsigned depth;
    bool is_strange; /* nothing can be told of it */
};

/* A row of bytes that is being collected. */
struct row {
    struct need need;
    bool is_full;
};

static void read_branches(struct regex_reader *reader, struct needs *needs);

static void end_row(struct row *row, struct needs *needs)
{
    row->need.count = 1;
    if (row->need.choices[0].len > 0)
        needs_add(needs, &row->need);
    row->need.choices[0].len = 0;
    row->is_full = false;
}

static void put_byte(struct row *row, uint8_t byte)
{
    struct need_piece *piece = &row->need.choices[0];
    row->is_full = row->is_full || piece->len == NEED_PIECE_MAX;
    if (!row->is_full)
        piece->bytes[piece->len++] = byte;
}

/* Steps over [...], in which ] may come first, and [:alpha:] and its like stand. */
static void skip_brackets(struct regex_reader *reader)
{
    const uint8_t *at = reader->at + 1;
    at += at < reader->end && *at == '^';
    at += at < reader->end && *at == ']';
    while (at < reader->end && *at != ']') {
        uint8_t kind = at[0] == '[' && at + 1 < reader->end ? at[1] : 0;
        at++;
        if (kind != ':' && kind != '.' && kind != '=')
            continue;
        for (at++; at + 1 < reader->end && !(at[0] == kind && at[1] == ']');)
            at++;
        at += 2;
    }
    reader->is_strange |= at >= reader->end;
    reader->at = at >= reader->end ? reader->end : at + 1;
}

/* {2,3}: false where it may be none at all. */
static bool read_interval(struct regex_reader *reader)
{
    bool is_above_0 = false;
    for (reader->at++; reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9'; reader->at++)
        is_above_0 |= *reader->at != '0';
    while (reader->at < reader->end && *reader->at != '}')
        reader->at++;
    reader->is_strange |= reader->at == reader->end;
    reader->at += reader->at < reader->end;
    return is_above_0;
}

struct repetition {
    bool is_any;    /* there is one */
    bool may_be_no; /* of what stands before it */
};

static struct repetition read_repetition(struct regex_reader *reader)
{
    struct repetition repetition = {false, false};
    while (reader->at < reader->end && memchr("*+?{", *reader->at, 4)) {
        repetition.is_any = true;
        if (*reader->at == '{') {
            repetition.may_be_no |= !read_interval(reader);
            continue;
        }
        repetition.may_be_no |= *reader->at != '+';
        reader->at++;
    }
    return repetition;
}

/* A repetition is of a whole character, which may be several bytes, or, in another locale, of its last byte. */
static void drop_character(struct row *row)
{
    struct need_piece *piece = &row->need.choices[0];
    while (piece->len > 0 && piece->bytes[piece->len - 1] >= 0x80)
        piece->len--;
}

static void read_byte(struct regex_reader *reader, struct row *row, struct needs *needs)
{
    uint8_t byte = *reader->at++;
    struct repetition repetition = read_repetition(reader);
    if (!repetition.may_be_no)
        put_byte(row, byte);
    else if (byte >= 0x80)
        drop_character(row);
    if (repetition.is_any)
        end_row(row, needs);
}

static void read_group(struct regex_reader *reader, struct needs *needs)
{
    struct needs inner;
    reader->at++;
    if (++reader->depth > DEPTH_MAX) {
        reader->is_strange = true;
        return;
    }
    read_branches(reader, &inner);
    reader->depth--;
    reader->is_strange |= reader->at == reader->end;
    reader->at += reader->at < reader->end; /* the ) */
    if (read_repetition(reader).may_be_no)
        return;
    for (size_t i = 0; i < inner.count; i++)
        needs_add(needs, &inner.items[i]);
}

/* \. is a point; what stands behind \ and is a letter, a digit or one of <>`' means something else. */
static bool is_escaped_byte(const struct regex_reader *reader)
{
    uint8_t byte = reader->at + 1 < reader->end ? reader->at[1] : 0;
    return byte != '\0' && strchr("!\"#$%&()*+,-./:;=?@[\\]^_{|}~", byte) != NULL;
}

/* What stands for no byte in particular, or for none. */
static void skip_one(struct regex_reader *reader)
{
    if (*reader->at == '[') {
        skip_brackets(reader);
    } else {
        bool is_escape = *reader->at == '\\';
        reader->is_strange |= is_escape && reader->at + 1 == reader->end;
        reader->at += is_escape && reader->at + 1 < reader->end ? 2 : 1;
    }
    read_repetition(reader);
}

static void read_branch(struct regex_reader *reader, struct needs *needs)
{
    struct row row = {.is_full = false};
    needs->count = 0;
    while (reader->at < reader->end && *reader->at != '|' && !reader->is_strange) {
        uint8_t byte = *reader->at;
        if (byte == ')' && reader->depth > 0)
            break;
        if (memchr("*+?{", byte, 4)) { /* nothing stands before it */
            reader->is_strange = true;
        } else if (byte == '\\' && is_escaped_byte(reader)) {
            reader->at++;
            read_byte(reader, &row, needs);
        } else if (!memchr(".[\\^$()}]", byte, 9)) {
            read_byte(reader, &row, needs);
        } else {
            end_row(&row, needs);
            if (byte == '(')
                read_group(reader, needs);
            else
                skip_one(reader);
        }
    }
    end_row(&row, needs);
}

static void read_branches(struct regex_reader *reader, struct needs *needs)
{
    struct needs other;
    read_branch(reader, needs);
    while (reader->at < reader->end && *reader->at == '|' && !reader->is_strange) {
        reader->at++;
        read_branch(reader, &other);
        needs_join(needs, &other);
    }
}

void regex_needs_read(struct needs *needs, struct span regex)
{
    struct regex_reader reader = {.at = regex.data, .end = span_end(regex)};
    read_branches(&reader, needs);
    if (reader.is_strange || reader.at != reader.end)
        needs->count = 0;
}
