#include "broker/stream_request.h"

#include "proto/error.h"
#include "proto/rfc3339.h"
#include "proto/wire.h"

#define VERSION 1

static const char not_a_request[] = "a message is an array that begins with a verb";

/* Readers return NULL, or what is wrong. */
typedef const char *read_fn(struct wire_reader *reader, struct stream_request *request);

/* --- the members of open's map --- */

static const char *read_time(struct span text, uint64_t *us)
{
    struct rfc3339 time;
    if (!rfc3339_read(text, &time))
        return "from: time must be an RFC 3339 time";
    *us = time.seconds < 0 ? 0 : (uint64_t)time.seconds * 1000000 + (time.nanoseconds + 999) / 1000;
    return NULL;
}

static const char *read_from_map(struct wire_reader *reader, struct stream_request *request, uint32_t count)
{
    static const char wrong[] = "from: a map holds one of time and last";
    struct span key, time;
    if (count != 1 || !wire_read_str(reader, &key))
        return wrong;
    if (span_is(key, "time")) {
        request->from = STREAM_FROM_TIME;
        return wire_read_str(reader, &time) ? read_time(time, &request->from_value)
                                            : "from: time must be an RFC 3339 time";
    }
    if (!span_is(key, "last"))
        return wrong;
    request->from = STREAM_FROM_LAST;
    return wire_read_uint(reader, &request->from_value) ? NULL : "from: last must be a count";
}

static const char *read_from(struct wire_reader *reader, struct stream_request *request)
{
    struct span word;
    uint32_t count;
    if (wire_read_uint(reader, &request->from_value)) {
        request->from = STREAM_FROM_SEQ;
        return NULL;
    }
    if (wire_read_map(reader, &count))
        return read_from_map(reader, request, count);
    bool is_word = wire_read_str(reader, &word);
    request->from = is_word && span_is(word, "first") ? STREAM_FROM_FIRST : STREAM_FROM_NEW;
    return is_word && (span_is(word, "first") || span_is(word, "new"))
               ? NULL
               : "from must be a seq, \"new\", \"first\", {\"time\": …} or {\"last\": …}";
}

static const char *read_filters(struct wire_reader *reader, struct stream_request *request)
{
    struct wire_token token;
    uint32_t count;
    if (!wire_read_array(reader, &count))
        return "filters must be an array";
    if (count > STREAM_FILTERS_MAX)
        return "there may be 1000 filters";
    for (uint32_t i = 0; i < count; i++) {
        enum wire_type type = wire_read(reader, &token);
        if (type != WIRE_STR && type != WIRE_BIN)
            return "a filter must be a string, or bin";
        if (token.as.bytes.len > STREAM_FILTER_LEN_MAX)
            return "a filter may have 200 bytes";
        request->filters[request->filter_count++] = token.as.bytes;
    }
    return NULL;
}

static const char *read_types(struct wire_reader *reader, struct stream_request *request)
{
    struct span type;
    uint32_t count;
    if (!wire_read_array(reader, &count))
        return "types must be an array";
    if (count > STREAM_TYPES_MAX)
        return "there may be 256 types";
    for (uint32_t i = 0; i < count; i++) {
        if (!wire_read_str(reader, &type) || type.len == 0 || type.len > TOCSIN_TYPE_MAX)
            return "a type must be a string of 1 to 128 bytes";
        request->types[request->type_count++] = type;
    }
    return NULL;
}

static const char *read_level(struct wire_reader *reader, struct stream_request *request)
{
    struct span word;
    int level = wire_read_str(reader, &word) ? level_of_word((const char *)word.data, word.len) : -1;
    request->level = level < 0 ? TOCSIN_LEVEL_TRACE : (enum tocsin_level)level;
    return level < 0 ? "level must be one of Trace, Debug, Info, Warning and Error" : NULL;
}

static bool read_bool(struct wire_reader *reader, bool *value)
{
    struct wire_token token;
    if (wire_read(reader, &token) != WIRE_BOOL)
        return false;
    *value = token.as.boolean;
    return true;
}

static const char *read_latest(struct wire_reader *reader, struct stream_request *request)
{
    return read_bool(reader, &request->latest) ? NULL : "latest must be true or false";
}

static const char *read_follow(struct wire_reader *reader, struct stream_request *request)
{
    return read_bool(reader, &request->follow) ? NULL : "follow must be true or false";
}

static const struct option {
    const char *key;
    read_fn *read;
} options[] = {
    {"from", read_from},   {"filters", read_filters}, {"level", read_level},
    {"types", read_types}, {"latest", read_latest},   {"follow", read_follow},
};

#define OPTION_COUNT (sizeof options / sizeof *options)

static const char *read_options(struct wire_reader *reader, struct stream_request *request)
{
    uint32_t count;
    unsigned seen = 0;
    if (!wire_read_map(reader, &count))
        return "open takes a version and a map";
    for (uint32_t i = 0; i < count; i++) {
        struct span key;
        size_t option = 0;
        if (!wire_read_str(reader, &key))
            return "keys of open's map are strings";
        while (option < OPTION_COUNT && !span_is(key, options[option].key))
            option++;
        if (option == OPTION_COUNT)
            return "open knows from, filters, level, types, latest and follow, and no other key";
        if (seen & 1u << option)
            return "a key of open's map is there twice";
        seen |= 1u << option;
        const char *wrong = options[option].read(reader, request);
        if (wrong)
            return wrong;
    }
    return NULL;
}

/* --- verbs --- */

static const char *read_credit(struct wire_reader *reader, struct stream_request *request)
{
    return wire_read_uint(reader, &request->credit) ? NULL : "credit takes a number of bytes";
}

static const struct verb {
    const char *word;
    enum stream_verb verb;
    uint32_t count_min; /* items of the array, with the verb */
    uint32_t count_max;
    read_fn *read;
} verbs[] = {
    {"open", STREAM_OPEN, 3, 3, read_options},
    {"credit", STREAM_CREDIT, 2, 2, read_credit},
    {"close", STREAM_CLOSE, 1, 1, NULL},
    {"ping", STREAM_PING, 1, 1, NULL},
    {"pong", STREAM_PONG, 1, 1, NULL},
    {"info", STREAM_INFO, 1, 1, NULL},
    {"latest", STREAM_LATEST, 1, 2, read_filters},
    {"reload", STREAM_RELOAD, 1, 1, NULL},
};

#define VERB_COUNT (sizeof verbs / sizeof *verbs)

const char *stream_request_read(struct stream_request *request, struct span message, const char **code)
{
    struct wire_reader reader = wire_reader_of(message);
    struct span word;
    uint32_t count;
    uint64_t version;

    *code = "protocol";
    request->filter_count = request->type_count = 0;
    request->from = STREAM_FROM_NEW;
    request->level = TOCSIN_LEVEL_TRACE;
    request->latest = false;
    request->follow = true;
    if (!wire_read_array(&reader, &count) || count == 0 || !wire_read_str(&reader, &word))
        return not_a_request;
    const struct verb *verb = verbs;
    while (verb < verbs + VERB_COUNT && !span_is(word, verb->word))
        verb++;
    if (verb == verbs + VERB_COUNT)
        return "there is no such verb";
    request->verb = verb->verb;
    if (verb->verb == STREAM_OPEN && count > 1 && (!wire_read_uint(&reader, &version) || version != VERSION)) {
        *code = "version";
        return "this broker speaks version 1";
    }
    if (count < verb->count_min || count > verb->count_max)
        return "the verb takes another number of arguments";
    const char *wrong = count > 1 && verb->read ? verb->read(&reader, request) : NULL;
    if (!wrong && reader.at != reader.end)
        return "there is more behind the message";
    return wrong;
}
