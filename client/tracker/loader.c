#include "client/tracker/loader.h"

#include "client/source_told.h"

#define READS_MAX 5 /* how often one begins anew because the log is another one */

static int restart(struct loader *loader)
{
    tracker_fini(&loader->tracker);
    loader->holes = 0;
    loader->is_current = false;
    return tracker_init(&loader->tracker, loader->options->seed) ? TOCSIN_OK : TOCSIN_E_NOMEM;
}

static int open_files(struct loader *loader)
{
    int error = wanted_init(&loader->wanted, &loader->options->stream);
    return error ? error : log_files_open(&loader->source.files, loader->options->dir, &loader->wanted, 0, 0);
}

/* From the beginning: the types that rules are for; all where it is for an earlier time. */
static int open_beginning(struct loader *loader)
{
    const char *types[TRACKER_TYPES_MAX];
    struct tocsin_stream_options terms = loader->options->stream;
    loader->is_in_rules = loader->options->at_us == UINT64_MAX;
    terms.from = TOCSIN_FROM_FIRST;
    terms.ends_at_head = true;
    if (loader->is_in_rules) {
        terms.types = types;
        terms.type_count = tracker_types(types);
    }
    int error = tocsin_stream_open(&loader->source.stream, &terms);
    if (error)
        return error;
    memcpy(loader->log_id, tocsin_stream_log_id(loader->source.stream), sizeof loader->log_id);
    loader->tracker.first_seq = tocsin_stream_cursor(loader->source.stream) + 1;
    return TOCSIN_OK;
}

/* Behind `seq`: the latest of all topics, and what came meanwhile. */
static int open_latest(struct loader *loader, uint64_t seq)
{
    struct tocsin_stream_options terms = loader->options->stream;
    loader->is_in_rules = false;
    tracker_reach(&loader->tracker, seq);
    terms.from = TOCSIN_FROM_SEQ;
    terms.from_value = seq + 1;
    terms.latest = true;
    terms.log_id = loader->log_id;
    terms.ends_at_head = !loader->options->follows;
    tocsin_stream_close(&loader->source.stream);
    return tocsin_stream_open(&loader->source.stream, &terms);
}

/* The log is another one, or lost its end: what was read is nothing. */
static int begin_anew(struct loader *loader)
{
    int error = TOCSIN_E_OTHER_LOG;
    for (int i = 0; i < READS_MAX && error == TOCSIN_E_OTHER_LOG; i++) {
        source_close(&loader->source);
        error = restart(loader);
        if (!error)
            error = open_beginning(loader);
    }
    return error;
}

int loader_open(struct loader *loader, const struct loader_options *options)
{
    *loader = (struct loader){.options = options};
    int error = restart(loader);
    if (error)
        return error;
    return options->dir ? open_files(loader) : open_beginning(loader);
}

void loader_close(struct loader *loader)
{
    source_close(&loader->source);
    wanted_fini(&loader->wanted);
    tracker_fini(&loader->tracker);
}

static enum loader_step fail(int reason, int *error)
{
    *error = reason;
    return LOADER_FAILED;
}

static enum loader_step on_end(struct loader *loader, uint64_t last, int *error)
{
    if (!loader->is_in_rules) {
        tracker_reach(&loader->tracker, last);
        loader->is_current = true;
        return LOADER_DONE;
    }
    int opened = open_latest(loader, last);
    if (opened == TOCSIN_E_OTHER_LOG)
        opened = begin_anew(loader);
    return opened ? fail(opened, error) : LOADER_MORE;
}

static enum loader_step on_message(struct loader *loader, const struct tocsin_message *message, int *error)
{
    int again;
    switch (message->kind) {
    case TOCSIN_MESSAGE_EVENT:
        if (message->received_us > loader->options->at_us) {
            loader->is_current = true;
            return LOADER_DONE;
        }
        if (loader->tracker.first_seq == 0 && loader->options->stream.filter_count == 0)
            loader->tracker.first_seq = message->seq; /* of files; a broker tells it */
        tracker_apply(&loader->tracker, message);
        return loader->tracker.is_short_of_memory ? fail(TOCSIN_E_NOMEM, error) : LOADER_MORE;
    case TOCSIN_MESSAGE_END:
        return on_end(loader, message->last, error);
    case TOCSIN_MESSAGE_RESET:
        again = begin_anew(loader);
        return again ? fail(again, error) : LOADER_MORE;
    case TOCSIN_MESSAGE_LOST:
        loader->is_lost = true;
        return LOADER_MORE;
    case TOCSIN_MESSAGE_RESTORED:
        loader->is_lost = false;
        return LOADER_MORE;
    case TOCSIN_MESSAGE_HOLE:
        loader->holes += message->last - message->first + 1;
        return LOADER_MORE;
    default:
        return LOADER_MORE;
    }
}

static enum loader_step on_bad_line(struct loader *loader, int error)
{
    source_told_passed_over(loader->options->dir, &loader->source, error);
    loader->has_bad_lines = true;
    return LOADER_MORE;
}

enum loader_step loader_step(struct loader *loader, int timeout_ms, int *error)
{
    struct tocsin_message message;
    bool has_files = loader->source.files != NULL;
    int result = source_next(&loader->source, &message, timeout_ms);
    switch (result) {
    case TOCSIN_OK:
        return on_message(loader, &message, error);
    case TOCSIN_E_TIMEOUT:
    case TOCSIN_E_INTERRUPTED:
        return LOADER_IDLE;
    case TOCSIN_E_PROTOCOL:
        return LOADER_MORE;
    case TOCSIN_E_END:
        loader->is_current = true;
        return LOADER_DONE;
    case TOCSIN_E_OTHER_LOG:
        result = begin_anew(loader);
        return result ? fail(result, error) : LOADER_MORE;
    case TOCSIN_E_SYNTAX:
    case TOCSIN_E_IO:
        return has_files ? on_bad_line(loader, result) : fail(result, error);
    default:
        return fail(result, error);
    }
}

bool loader_is_up_to_date(const struct loader *loader)
{
    const struct tocsin_stream *stream = loader->source.stream;
    return stream && !loader->is_in_rules && !loader->is_lost &&
           tocsin_stream_cursor(stream) >= tocsin_stream_head(stream);
}

void loader_progress(const struct loader *loader, uint64_t *done, uint64_t *total)
{
    *done = *total = 0;
    if (loader->source.files) {
        log_files_progress(loader->source.files, done, total);
    } else if (loader->source.stream && (loader->is_in_rules || loader->options->at_us != UINT64_MAX)) {
        *done = tocsin_stream_cursor(loader->source.stream);
        *total = tocsin_stream_head(loader->source.stream);
    }
}
