/* The file of silences. It may be one that a person has written, or anything at all. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/alert/silences.h"
#include "client/escape.h"
#include "client/span_text.h"
#include "proto/error.h"
#include "proto/json_read.h"
#include "proto/rfc3339.h"
#include "proto/wire.h"

#define DEPTH_MAX 4

static bool refuse(struct text *message, const char *reason)
{
    text_put_str(message, reason);
    return false;
}

static bool read_string(struct wire_reader *reader, struct span *value, const char *name, struct text *message)
{
    if (wire_read_str(reader, value) && !memchr(value->data, '\0', value->len))
        return true;
    text_printf(message, "%s: expected a text", name);
    return false;
}

static bool read_time(struct wire_reader *reader, uint64_t *us, const char *name, struct text *message)
{
    struct span value;
    struct rfc3339 time;
    if (!read_string(reader, &value, name, message))
        return false;
    if (!rfc3339_read(value, &time) || time.seconds < 0) {
        text_printf(message, "%s: expected a time, as 2026-11-21T00:30:00Z", name);
        return false;
    }
    *us = (uint64_t)time.seconds * 1000000 + time.nanoseconds / 1000;
    return true;
}

static bool read_flag(struct wire_reader *reader, bool *flag, const char *name, struct text *message)
{
    struct wire_token token;
    if (wire_read(reader, &token) == WIRE_BOOL) {
        *flag = token.as.boolean;
        return true;
    }
    text_printf(message, "%s: expected true or false", name);
    return false;
}

static bool read_matcher(struct wire_reader *reader, struct label_matchers *matchers, struct text *message)
{
    uint32_t count;
    struct span key, name = {NULL, 0}, value = {NULL, 0};
    bool is_regex = false, is_equal = true, is_good = true;
    if (!wire_read_map(reader, &count))
        return refuse(message, "matchers: expected objects with name and value");
    for (uint32_t i = 0; i < count && is_good; i++) {
        if (!wire_read_str(reader, &key))
            return refuse(message, "expected a name");
        if (span_is(key, "name"))
            is_good = read_string(reader, &name, "name", message);
        else if (span_is(key, "value"))
            is_good = read_string(reader, &value, "value", message);
        else if (span_is(key, "isRegex"))
            is_good = read_flag(reader, &is_regex, "isRegex", message);
        else if (span_is(key, "isEqual"))
            is_good = read_flag(reader, &is_equal, "isEqual", message);
        else
            wire_skip(reader);
    }
    if (!is_good)
        return false;
    if (!name.data || !value.data)
        return refuse(message, "matchers: expected name and value in each");
    return label_matchers_add_parts(matchers, name, value, is_regex, is_equal, message);
}

static bool read_matchers(struct wire_reader *reader, struct label_matchers *matchers, struct text *message)
{
    uint32_t count;
    if (!wire_read_array(reader, &count) || count == 0)
        return refuse(message, "matchers: expected a list of at least one");
    for (uint32_t i = 0; i < count; i++) {
        if (!read_matcher(reader, matchers, message))
            return false;
    }
    return true;
}

static bool read_text(struct wire_reader *reader, char **text, const char *name, struct text *message)
{
    struct span value;
    if (!read_string(reader, &value, name, message))
        return false;
    free(*text);
    *text = span_text(value);
    return *text || refuse(message, "out of memory");
}

static bool read_member(struct wire_reader *reader, struct span key, struct silence *silence, struct text *message)
{
    struct span id;
    if (span_is(key, "matchers"))
        return read_matchers(reader, &silence->matchers, message);
    if (span_is(key, "startsAt"))
        return read_time(reader, &silence->starts_us, "startsAt", message);
    if (span_is(key, "endsAt"))
        return read_time(reader, &silence->ends_us, "endsAt", message);
    if (span_is(key, "createdBy"))
        return read_text(reader, &silence->author, "createdBy", message);
    if (span_is(key, "comment"))
        return read_text(reader, &silence->comment, "comment", message);
    if (!span_is(key, "id"))
        return wire_skip(reader);
    if (!read_string(reader, &id, "id", message))
        return false;
    for (size_t i = 0; i < id.len; i++) {
        if (!strchr("0123456789abcdef", id.data[i]))
            id.len = 0;
    }
    if (id.len != SILENCE_ID_LEN)
        return refuse(message, "id: expected 16 digits of 0 to 9 and a to f");
    memcpy(silence->id, id.data, id.len);
    return true;
}

static bool complete(struct silence *silence, struct text *message)
{
    if (!silence->author)
        silence->author = strdup("");
    if (!silence->comment)
        silence->comment = strdup("");
    if (!silence->author || !silence->comment)
        return refuse(message, "out of memory");
    if (silence->matchers.count == 0 || silence->ends_us == 0 || silence->id[0] == '\0')
        return refuse(message, "expected id, matchers, startsAt and endsAt in each silence");
    return silence->ends_us >= silence->starts_us || refuse(message, "endsAt: expected a time behind startsAt");
}

static bool read_silence(struct wire_reader *reader, struct silences *silences, struct text *message)
{
    uint32_t count;
    struct span key;
    struct silence silence = {.starts_us = 0};
    bool is_good = wire_read_map(reader, &count) || refuse(message, "expected an object for each silence");
    for (uint32_t i = 0; is_good && i < count; i++)
        is_good = wire_read_str(reader, &key) && read_member(reader, key, &silence, message);
    is_good = is_good && complete(&silence, message) &&
              (silences_add(silences, &silence) || refuse(message, "out of memory"));
    silence_fini(&silence);
    return is_good;
}

static bool read_all(struct silences *silences, struct span bytes, struct text *message)
{
    uint32_t count;
    struct wire_reader reader = wire_reader_of(bytes);
    if (!wire_read_array(&reader, &count))
        return refuse(message, "expected a list of silences");
    if (count > SILENCES_MAX)
        return refuse(message, "expected 10000 silences at most");
    for (uint32_t i = 0; i < count; i++) {
        struct text why;
        text_init(&why);
        bool is_good = read_silence(&reader, silences, &why);
        if (!is_good) {
            text_printf(message, "silence %u: ", i + 1);
            text_put(message, why.data, why.len);
        }
        text_fini(&why);
        if (!is_good)
            return false;
    }
    return true;
}

/* Line and column, from 1, of what stands at the offset. */
static void put_place(struct text *message, struct span json, size_t offset)
{
    size_t line = 1, column = 1;
    for (size_t i = 0; i < offset && i < json.len; i++) {
        column = json.data[i] == '\n' ? 1 : column + 1;
        line += json.data[i] == '\n';
    }
    text_printf(message, "%zu:%zu: ", line, column);
}

bool silences_read(struct silences *silences, struct span json, struct text *message)
{
    struct text bytes;
    struct json_fault fault = {0, NULL};
    *silences = (struct silences){0};
    text_init(&bytes);
    int error = json_read_value(json, DEPTH_MAX, &bytes, &fault);
    if (error == TOCSIN_E_SYNTAX)
        put_place(message, json, fault.offset);
    bool is_good = error ? refuse(message, error == TOCSIN_E_SYNTAX ? fault.reason : "out of memory")
                         : read_all(silences, text_span(&bytes), message);
    text_fini(&bytes);
    if (!is_good)
        silences_fini(silences);
    return is_good;
}

/* NULL, or why the file cannot be read. */
static const char *read_content(const char *path, struct text *content)
{
    struct stat stat;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT ? NULL : strerror(errno);
    const char *trouble = fstat(fd, &stat) != 0 ? strerror(errno) : S_ISREG(stat.st_mode) ? NULL : "is no plain file";
    ssize_t got = trouble ? 0 : 1;
    while (got > 0 && content->len <= SILENCES_BYTES_MAX && text_reserve(content, 65536)) {
        got = read(fd, content->data + content->len, 65536);
        content->len += got > 0 ? (size_t)got : 0;
    }
    if (got < 0)
        trouble = strerror(errno);
    else if (content->failed)
        trouble = "out of memory";
    else if (content->len > SILENCES_BYTES_MAX)
        trouble = "is larger than 16 MiB";
    close(fd);
    return trouble;
}

bool silences_read_file(struct silences *silences, const char *path, struct text *message)
{
    struct text content, why;
    *silences = (struct silences){0};
    text_init(&content);
    text_init(&why);
    const char *trouble = read_content(path, &content);
    bool is_good =
        trouble ? refuse(&why, trouble) : content.len == 0 || silences_read(silences, text_span(&content), &why);
    if (!is_good) {
        escape_text(message, span_of_str(path));
        text_put_str(message, ": ");
        escape_text(message, text_span(&why));
    }
    text_fini(&why);
    text_fini(&content);
    return is_good;
}
