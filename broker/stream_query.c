/* One answer at a time: the seqs are found at once, so that it is the state of one moment, and the records sent piece by
 * piece. A client that does not read for long loses its answer, so that those behind it get theirs. */
#include <stdlib.h>

#include "broker/stream_internal.h"
#include "proto/wire.h"

#define WAITING_MAX   64u
#define PATIENCE_US   5000000u
#define RETRY_US      5000u
#define FETCHES_MAX   64u
#define PIECE_LEN_MAX (768u << 10) /* the protocol allows 1 MiB in all */

struct question {
    struct prefix_set *set; /* NULL: all */
    access_id owner;        /* the key that asks */
    uint8_t route_len;
    uint8_t route[STREAM_ROUTE_MAX];
};

struct stream_query {
    struct question waiting[WAITING_MAX]; /* a ring; the first one is being answered */
    size_t first;
    size_t count;
    uint64_t *seqs; /* of the answer; NULL: not found yet */
    size_t seq_at;
    size_t seq_count;
    uint64_t retry_us;
    uint64_t sent_us; /* the last piece */
};

struct stream_query *stream_query_new(void)
{
    return calloc(1, sizeof(struct stream_query));
}

static struct question *current(struct stream_query *query)
{
    return &query->waiting[query->first];
}

static void drop_current(struct stream_query *query)
{
    prefix_set_free(&current(query)->set);
    free(query->seqs);
    query->seqs = NULL;
    query->first = (query->first + 1) % WAITING_MAX;
    query->count--;
}

void stream_query_free(struct stream_query **query)
{
    if (!*query)
        return;
    while ((*query)->count > 0)
        drop_current(*query);
    free(*query);
    *query = NULL;
}

bool stream_query_ask(struct stream *stream, struct span route, const struct span *filters, size_t filter_count)
{
    struct stream_query *query = stream->query;
    if (query->count == WAITING_MAX || route.len > STREAM_ROUTE_MAX)
        return false;
    struct question *question = &query->waiting[(query->first + query->count) % WAITING_MAX];
    *question = (struct question){.route_len = (uint8_t)route.len, .owner = stream->key ? stream->key->id : 0};
    memcpy(question->route, route.data, route.len);
    if (filter_count > 0) {
        question->set = prefix_set_new(filters, filter_count, false);
        if (!question->set)
            return false;
    }
    query->count++;
    return true;
}

bool stream_query_is_asked(const struct stream *stream)
{
    return stream->query->count > 0;
}

/* The seqs of the answer. False when memory has run out. */
static bool find_seqs(struct stream *stream, struct stream_query *query)
{
    size_t room = topics_count(stream->topics) + 1;
    query->seqs = malloc(room * sizeof *query->seqs);
    if (!query->seqs)
        return false;
    query->seq_at = 0;
    query->seq_count = stream_find_latest(stream, current(query)->set, 0, stream->limit_seq, query->seqs, room, room);
    query->sent_us = stream->now_us;
    return true;
}

/* Fills stream->records with the next piece. */
static void fill_piece(struct stream *stream, struct stream_query *query)
{
    text_clear(&stream->records);
    stream->record_count = 0;
    for (unsigned fetches = 0; fetches < FETCHES_MAX && query->seq_at < query->seq_count; query->seq_at++) {
        bool is_from_file;
        size_t len_before = stream->records.len;
        if (!stream_put_seq(stream, NULL, query->seqs[query->seq_at], &is_from_file))
            continue;
        fetches += is_from_file;
        if (stream->record_count > 0 && stream->records.len > PIECE_LEN_MAX) {
            stream->records.len = len_before;
            break;
        }
        stream->record_count++;
    }
}

/* The client's route was sent. */
static void send_piece(struct stream *stream, struct stream_query *query)
{
    fill_piece(stream, query);
    bool is_last = stream->record_count == 0;
    stream_write_verb(stream, 2, "latest");
    wire_write_array(&stream->out, stream->record_count);
    struct span head = stream->records.failed || stream->out.failed ? (struct span){NULL, 0} : text_span(&stream->out);
    if (!stream_finish(stream, head, text_span(&stream->records)) || is_last)
        drop_current(query);
    else
        query->sent_us = stream->now_us;
}

bool stream_query_go_on(struct stream *stream)
{
    struct stream_query *query = stream->query;
    if (query->count == 0 || stream->now_us < query->retry_us || !stream_knows_topics(stream, stream->limit_seq))
        return false;
    struct span route = span_of(current(query)->route, current(query)->route_len);
    if (!stream_may_read(stream, current(query)->owner)) {
        drop_current(query);
        return true;
    }
    if (!query->seqs && !find_seqs(stream, query)) {
        stream_send_error(stream, route, "unavailable", "out of memory");
        drop_current(query);
        return true;
    }
    switch (stream_begin(stream, route)) {
    case STREAM_SENT:
        send_piece(stream, query);
        return true;
    case STREAM_BLOCKED:
        query->retry_us = stream->now_us + RETRY_US;
        if (stream->now_us - query->sent_us < PATIENCE_US)
            return false;
        break;
    case STREAM_GONE:
        break;
    }
    drop_current(query);
    return true;
}
