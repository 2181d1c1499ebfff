#include "client/pub_input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/complain.h"
#include "client/signals.h"
#include "proto/wire.h"

#define CHUNK_BYTES 65536

bool pub_input_open(struct pub_input *input, const char *path, enum pub_format format)
{
    *input = (struct pub_input){.name = path, .fd = STDIN_FILENO, .format = format};
    text_init(&input->bytes);
    if (strcmp(path, "-") == 0) {
        input->name = "standard input";
        return true;
    }
    input->fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (input->fd >= 0 && fstat(input->fd, &status) == 0) {
        input->size = S_ISREG(status.st_mode) ? (uint64_t)status.st_size : 0;
        return true;
    }
    complain("%s: %s", path, strerror(errno));
    return false;
}

void pub_input_close(struct pub_input *input)
{
    if (input->fd > STDIN_FILENO)
        close(input->fd);
    text_fini(&input->bytes);
}

static struct span rest_of(const struct pub_input *input)
{
    bool is_empty = input->start == input->bytes.len;
    return is_empty ? span_of("", 0) : span_of(input->bytes.data + input->start, input->bytes.len - input->start);
}

static void take(struct pub_input *input, size_t len)
{
    input->start += len;
    input->taken_bytes += len;
}

/* Nothing behind this can be told apart. */
static void give_up(struct pub_input *input)
{
    take(input, input->bytes.len - input->start);
    input->is_at_end = true;
}

/* Reads more behind what is there. Sets is_at_end at the end. */
static int read_more(struct pub_input *input)
{
    struct text *bytes = &input->bytes;
    if (input->start > 0) {
        memmove(bytes->data, bytes->data + input->start, bytes->len - input->start);
        bytes->len -= input->start;
        input->start = 0;
    }
    if (!text_reserve(bytes, CHUNK_BYTES))
        return TOCSIN_E_NOMEM;
    ssize_t len = signals_caught() ? -1 : read(input->fd, bytes->data + bytes->len, CHUNK_BYTES);
    if (len < 0 && (errno == EINTR || signals_caught()))
        return TOCSIN_E_INTERRUPTED;
    if (len < 0) {
        complain("%s: %s", input->name, strerror(errno));
        return TOCSIN_E_IO;
    }
    bytes->len += (size_t)len;
    input->is_at_end = len == 0;
    return TOCSIN_OK;
}

/* A map of MessagePack begins with 0x80-0x8f, 0xde or 0xdf, and JSON never does. */
static int find_format(struct pub_input *input)
{
    while (rest_of(input).len == 0 && !input->is_at_end) {
        int error = read_more(input);
        if (error)
            return error;
    }
    struct span rest = rest_of(input);
    bool is_msgpack = rest.len > 0 && ((*rest.data & 0xf0) == 0x80 || *rest.data == 0xde || *rest.data == 0xdf);
    input->format = is_msgpack ? PUB_MSGPACK : PUB_JSON;
    return TOCSIN_OK;
}

/* Finds the end of the first line; what was searched already is not searched again. */
static int find_line(struct pub_input *input, struct span *line)
{
    size_t searched = 0;
    for (;;) {
        struct span rest = rest_of(input);
        const uint8_t *end = rest.len > searched ? memchr(rest.data + searched, '\n', rest.len - searched) : NULL;
        if (end || (input->is_at_end && rest.len > 0)) {
            *line = span_of(rest.data, end ? (size_t)(end - rest.data) + 1 : rest.len);
            return TOCSIN_OK;
        }
        if (input->is_at_end)
            return TOCSIN_E_END;
        if (rest.len > PUB_INPUT_MAX)
            return TOCSIN_E_SYNTAX;
        searched = rest.len;
        int error = read_more(input);
        if (error)
            return error;
    }
}

static struct span trim(struct span line)
{
    static const char byte_order_mark[] = "\xef\xbb\xbf";
    if (line.len >= 3 && memcmp(line.data, byte_order_mark, 3) == 0)
        line = span_of(line.data + 3, line.len - 3);
    while (line.len > 0 && strchr("\n\r\t ", line.data[line.len - 1]) && line.data[line.len - 1])
        line.len--;
    return line;
}

static int next_line(struct pub_input *input, struct tocsin_event *event, char *fault, size_t size)
{
    for (;;) {
        struct span line = {NULL, 0};
        int error = find_line(input, &line);
        if (error && error != TOCSIN_E_SYNTAX)
            return error;
        input->line++;
        if (error) {
            snprintf(fault, size, "1: the line is longer than 8 MiB; what follows is not read");
            give_up(input);
            return error;
        }
        take(input, line.len);
        line = trim(line);
        if (line.len > 0)
            return tocsin_event_from_json(event, (const char *)line.data, line.len, fault, size);
    }
}

static int next_value(struct pub_input *input, struct tocsin_event *event, char *fault, size_t size)
{
    for (;;) {
        struct span rest = rest_of(input);
        struct wire_reader reader = wire_reader_of(rest);
        if (rest.len > 0 && wire_skip(&reader)) {
            size_t len = (size_t)(reader.at - rest.data);
            input->line++;
            take(input, len);
            return tocsin_event_from_msgpack(event, rest.data, len);
        }
        if (rest.len == 0 && input->is_at_end)
            return TOCSIN_E_END;
        if (input->is_at_end || rest.len > PUB_INPUT_MAX) {
            input->line++;
            snprintf(fault, size, "byte %llu: no MessagePack, or cut short",
                     (unsigned long long)input->taken_bytes + 1);
            give_up(input);
            return TOCSIN_E_SYNTAX;
        }
        int error = read_more(input);
        if (error)
            return error;
    }
}

int pub_input_next(struct pub_input *input, struct tocsin_event *event, char *fault, size_t size)
{
    int error = input->format == PUB_AUTO ? find_format(input) : TOCSIN_OK;
    if (error)
        return error;
    return input->format == PUB_JSON ? next_line(input, event, fault, size) : next_value(input, event, fault, size);
}
