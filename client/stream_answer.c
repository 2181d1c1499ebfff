#include "client/stream_answer.h"

#include "proto/wire.h"

#define VERSION 1

typedef bool read_fn(struct wire_reader *reader, struct stream_answer *answer);

static bool is_log_id(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        bool is_digit = text.data[i] >= '0' && text.data[i] <= '9';
        if (!is_digit && (text.data[i] < 'a' || text.data[i] > 'f'))
            return false;
    }
    return text.len == STREAM_LOG_ID_LEN;
}

static bool read_opened(struct wire_reader *reader, struct stream_answer *answer)
{
    uint64_t version;
    return wire_read_uint(reader, &version) && version == VERSION && wire_read_str(reader, &answer->log_id) &&
           is_log_id(answer->log_id) && wire_read_uint(reader, &answer->from) && answer->from > 0 &&
           wire_read_uint(reader, &answer->head);
}

/* The array of records goes to the end of the message. */
static bool read_records(struct wire_reader *reader, struct stream_answer *answer)
{
    if (!wire_read_array(reader, &answer->record_count))
        return false;
    answer->records = span_of(reader->at, (size_t)(reader->end - reader->at));
    reader->at = reader->end;
    return true;
}

static bool read_batch(struct wire_reader *reader, struct stream_answer *answer)
{
    return wire_read_uint(reader, &answer->upto) && read_records(reader, answer);
}

static bool read_hole(struct wire_reader *reader, struct stream_answer *answer)
{
    return wire_read_uint(reader, &answer->first) && wire_read_uint(reader, &answer->upto) && answer->first > 0 &&
           answer->first <= answer->upto;
}

static bool read_end(struct wire_reader *reader, struct stream_answer *answer)
{
    return wire_read_uint(reader, &answer->upto);
}

static bool read_error(struct wire_reader *reader, struct stream_answer *answer)
{
    return wire_read_str(reader, &answer->code) && wire_read_str(reader, &answer->text);
}

static bool read_info(struct wire_reader *reader, struct stream_answer *answer)
{
    const uint8_t *start = reader->at;
    uint32_t count;
    struct wire_reader ahead = *reader;
    if (!wire_read_map(&ahead, &count) || !wire_skip(reader))
        return false;
    answer->map = span_of(start, (size_t)(reader->at - start));
    return true;
}

static bool read_reloaded(struct wire_reader *reader, struct stream_answer *answer)
{
    return wire_read_uint(reader, &answer->keys) && wire_read_str(reader, &answer->text);
}

static const struct verb {
    const char *word;
    enum stream_answer_kind kind;
    uint32_t count; /* items of the array, with the verb */
    read_fn *read;
} verbs[] = {
    {"opened", STREAM_ANSWER_OPENED, 5, read_opened},
    {"batch", STREAM_ANSWER_BATCH, 3, read_batch},
    {"hole", STREAM_ANSWER_HOLE, 3, read_hole},
    {"end", STREAM_ANSWER_END, 2, read_end},
    {"error", STREAM_ANSWER_ERROR, 3, read_error},
    {"info", STREAM_ANSWER_INFO, 2, read_info},
    {"latest", STREAM_ANSWER_LATEST, 2, read_records},
    {"reloaded", STREAM_ANSWER_RELOADED, 3, read_reloaded},
    {"ping", STREAM_ANSWER_PING, 1, NULL},
    {"pong", STREAM_ANSWER_PONG, 1, NULL},
};

#define VERB_COUNT (sizeof verbs / sizeof *verbs)

int stream_answer_read(struct span message, struct stream_answer *answer)
{
    struct wire_reader reader = wire_reader_of(message);
    struct span word;
    uint32_t count;
    *answer = (struct stream_answer){.kind = STREAM_ANSWER_UNKNOWN};
    if (!wire_read_array(&reader, &count) || count == 0 || !wire_read_str(&reader, &word))
        return TOCSIN_E_PROTOCOL;
    const struct verb *verb = verbs;
    while (verb < verbs + VERB_COUNT && !span_is(word, verb->word))
        verb++;
    if (verb == verbs + VERB_COUNT)
        return TOCSIN_OK;
    answer->kind = verb->kind;
    bool is_good = count == verb->count && (!verb->read || verb->read(&reader, answer)) && reader.at == reader.end;
    return is_good ? TOCSIN_OK : TOCSIN_E_PROTOCOL;
}

int stream_answer_next(struct stream_answer *answer, struct event_judge *judge, struct record *record)
{
    if (answer->record_count == 0)
        return answer->records.len == 0 ? TOCSIN_E_END : TOCSIN_E_PROTOCOL;
    size_t used;
    if (record_judge(judge, answer->records, record, &used) != TOCSIN_OK)
        return TOCSIN_E_PROTOCOL;
    answer->records = span_of(answer->records.data + used, answer->records.len - used);
    answer->record_count--;
    return TOCSIN_OK;
}
