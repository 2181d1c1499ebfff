/* JSON text to MessagePack, in one pass over the text and without recursion.
 *
 * Values are appended as they are read. How many members a container holds is known at its end only: one byte is kept
 * for its head, and where the head turns out longer (16 members or more) the content moves up by two or four bytes.
 * When an object ends, its content is walked once for its keys. So a byte is touched at most twice for each container
 * around it, of which there are JSON_DEPTH_MAX at most: linear. To k keys (more than a few) come k log k comparisons,
 * in scratch space behind what was written. */
#include "proto/json_read.h"

#include "proto/json_keys.h"
#include "proto/json_string.h"
#include "proto/number.h"
#include "proto/tocsin_base.h"
#include "proto/wire.h"

/* More than the head of a container takes. */
#define HEAD_ROOM 8

struct frame {
    const uint8_t *open; /* the bracket */
    size_t head;         /* offset in out of the byte kept for the head */
    uint32_t count;      /* members so far */
    bool is_map;
};

struct reader {
    const uint8_t *start;
    const uint8_t *at;
    const uint8_t *end;
    struct text *out;
    struct json_fault fault; /* reason NULL: none; a function that fails without one ran out of memory */
    unsigned depth;
    unsigned depth_max;
    struct frame frames[JSON_DEPTH_MAX];
};

static bool refuse(struct reader *reader, const uint8_t *at, const char *reason)
{
    reader->fault = (struct json_fault){(size_t)(at - reader->start), reason};
    return false;
}

/* The next byte that is no white space; 0, which begins nothing, at the end. */
static uint8_t peek(struct reader *reader)
{
    while (reader->at < reader->end &&
           (*reader->at == ' ' || *reader->at == '\n' || *reader->at == '\r' || *reader->at == '\t'))
        reader->at++;
    return reader->at < reader->end ? *reader->at : 0;
}

static bool read_string(struct reader *reader)
{
    const char *reason = json_string_read(&reader->at, reader->end, reader->out);
    if (reason)
        return refuse(reader, reader->at, reason);
    return !reader->out->failed;
}

static bool read_number(struct reader *reader)
{
    struct number number;
    size_t used;
    int error = number_read((const char *)reader->at, (size_t)(reader->end - reader->at), &number, &used);
    if (error == TOCSIN_E_INVALID)
        return refuse(reader, reader->at, "number is out of range");
    if (error)
        return refuse(reader, reader->at, "malformed number");
    reader->at += used;
    if (number.kind == NUMBER_UINT)
        wire_write_uint(reader->out, number.as.u);
    else if (number.kind == NUMBER_INT)
        wire_write_int(reader->out, number.as.i);
    else
        wire_write_double(reader->out, number.as.d);
    return !reader->out->failed;
}

static bool read_word(struct reader *reader, const char *word)
{
    size_t len = strlen(word);
    if ((size_t)(reader->end - reader->at) < len || memcmp(reader->at, word, len) != 0)
        return refuse(reader, reader->at, "expected a value");
    reader->at += len;
    if (word[0] == 'n')
        wire_write_nil(reader->out);
    else
        wire_write_bool(reader->out, word[0] == 't');
    return !reader->out->failed;
}

/* A key of the innermost object, and its colon. */
static bool read_key(struct reader *reader)
{
    if (peek(reader) != '"')
        return refuse(reader, reader->at, "expected a member's name in quotes");
    if (!read_string(reader))
        return false;
    if (peek(reader) != ':')
        return refuse(reader, reader->at, "expected ':'");
    reader->at++;
    return true;
}

/* Gives the innermost container its head and leaves it. */
static bool close_container(struct reader *reader)
{
    const struct frame *frame = &reader->frames[reader->depth - 1];
    struct text *out = reader->out;
    size_t content = frame->head + 1, end = out->len;
    if (frame->is_map && frame->count > 1) {
        uint32_t repeated;
        if (!json_keys_check(out, content, frame->count, &repeated))
            return false;
        if (repeated > 0)
            return refuse(reader, json_keys_find(frame->open + 1, reader->at, repeated), "repeated member name");
    }
    if (frame->is_map)
        wire_write_map(out, frame->count);
    else
        wire_write_array(out, frame->count);
    if (out->failed)
        return false;
    uint8_t head[HEAD_ROOM];
    size_t head_len = out->len - end;
    memcpy(head, out->data + end, head_len);
    if (head_len > 1)
        memmove(out->data + frame->head + head_len, out->data + content, end - content);
    memcpy(out->data + frame->head, head, head_len);
    out->len = end + head_len - 1;
    reader->at++;
    reader->depth--;
    return true;
}

/* Enters the container at the reader, as far as its first value; an empty one is left at once and `*is_done` set. */
static bool open_container(struct reader *reader, bool *is_done)
{
    bool is_map = *reader->at == '{';
    if (reader->depth == reader->depth_max)
        return refuse(reader, reader->at, "nested too deep");
    reader->frames[reader->depth++] = (struct frame){reader->at, reader->out->len, 0, is_map};
    text_put_char(reader->out, 0);
    if (reader->out->failed)
        return false;
    reader->at++;
    *is_done = peek(reader) == (is_map ? '}' : ']');
    if (*is_done)
        return close_container(reader);
    return !is_map || read_key(reader);
}

/* Reads a scalar or the beginning of a container; `*is_done` tells that the value is complete. */
static bool read_one(struct reader *reader, bool *is_done)
{
    *is_done = true;
    switch (peek(reader)) {
    case '{':
    case '[':
        return open_container(reader, is_done);
    case '"':
        return read_string(reader);
    case 't':
        return read_word(reader, "true");
    case 'f':
        return read_word(reader, "false");
    case 'n':
        return read_word(reader, "null");
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        return read_number(reader);
    default:
        return refuse(reader, reader->at, "expected a value");
    }
}

/* Behind a complete value: leaves the containers that end here and stops before the next value, if there is one. */
static bool read_behind(struct reader *reader)
{
    while (reader->depth > 0) {
        struct frame *frame = &reader->frames[reader->depth - 1];
        frame->count++;
        uint8_t byte = peek(reader);
        if (byte == ',') {
            reader->at++;
            return !frame->is_map || read_key(reader);
        }
        if (byte != (frame->is_map ? '}' : ']'))
            return refuse(reader, reader->at, frame->is_map ? "expected ',' or '}'" : "expected ',' or ']'");
        if (!close_container(reader))
            return false;
    }
    return true;
}

static bool read_text(struct reader *reader)
{
    do {
        bool is_done;
        if (!read_one(reader, &is_done))
            return false;
        if (is_done && !read_behind(reader))
            return false;
    } while (reader->depth > 0);
    peek(reader);
    return reader->at == reader->end || refuse(reader, reader->at, "text behind the value");
}

int json_read_value(struct span json, unsigned depth_max, struct text *out, struct json_fault *fault)
{
    struct reader reader; /* the frames need no zeros */
    reader.start = reader.at = json.data;
    reader.end = span_end(json);
    reader.out = out;
    reader.fault = (struct json_fault){0, NULL};
    reader.depth = 0;
    reader.depth_max = depth_max < JSON_DEPTH_MAX ? depth_max : JSON_DEPTH_MAX;
    size_t len_before = out->len;
    bool is_read =
        json.len <= JSON_TEXT_MAX ? read_text(&reader) : refuse(&reader, json.data, "text is longer than 1 GiB");
    if (is_read)
        return 0;
    out->len = len_before;
    if (!reader.fault.reason)
        return TOCSIN_E_NOMEM;
    if (fault)
        *fault = reader.fault;
    return TOCSIN_E_SYNTAX;
}
