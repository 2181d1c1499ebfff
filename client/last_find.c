#include "client/last_find.h"

#include <stdlib.h>

#include "client/signals.h"

#define WINDOW_FACTOR 8

/* The seqs of the last ones, a ring. */
struct last {
    uint64_t *seqs;
    uint64_t room;
    uint64_t found;
};

static int look_through(struct tocsin_stream *stream, struct last *last, const struct past_options *past,
                        const struct matcher *matcher)
{
    struct tocsin_message message;
    int error;
    last->found = 0;
    while (!(error = tocsin_stream_next(stream, &message, -1))) {
        if (message.kind == TOCSIN_MESSAGE_RESET)
            return TOCSIN_E_OTHER_LOG;
        if (message.kind == TOCSIN_MESSAGE_EVENT && matcher_takes(matcher, &message) && !past_is_over(past, &message))
            last->seqs[last->found++ % last->room] = message.seq;
    }
    return error == TOCSIN_E_END ? TOCSIN_OK : error;
}

/* Looks at the last `window` seqs. *is_all: there are no more. */
static int look(struct past_options *past, const struct tocsin_stream_options *options, const struct matcher *matcher,
                uint64_t window, struct last *last, bool *is_all)
{
    struct tocsin_stream *stream;
    struct tocsin_stream_options terms = *options;
    terms.from = TOCSIN_FROM_LAST;
    terms.from_value = window;
    terms.ends_at_head = true;
    terms.latest = false;
    terms.cursor_file = NULL;
    int error = tocsin_stream_open(&stream, &terms);
    if (error)
        return error;
    uint64_t begin = tocsin_stream_cursor(stream) + 1, head = tocsin_stream_head(stream);
    *is_all = head < window || begin > head + 1 - window;
    error = look_through(stream, last, past, matcher);
    past->until_seq = tocsin_stream_cursor(stream);
    past->from = TOCSIN_FROM_SEQ;
    past->from_value = last->found > last->room ? last->seqs[last->found % last->room] : begin;
    if (last->found > 0 && last->found <= last->room)
        past->from_value = last->seqs[0];
    tocsin_stream_close(&stream);
    return error;
}

int last_find(struct past_options *past, const struct tocsin_stream_options *options, const struct matcher *matcher)
{
    struct last last = {.room = past->last_count};
    bool is_all = false;
    int error = TOCSIN_OK;
    last.seqs = calloc(last.room, sizeof *last.seqs);
    if (!last.seqs)
        return TOCSIN_E_NOMEM;
    uint64_t window = past->last_count;
    do {
        past->until_seq = UINT64_MAX;
        error = look(past, options, matcher, window, &last, &is_all);
        if (!error && signals_caught())
            error = TOCSIN_E_INTERRUPTED;
        window *= WINDOW_FACTOR;
    } while (!error && !is_all && last.found < last.room);
    free(last.seqs);
    return error;
}
