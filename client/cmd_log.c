/* tocsin log: writes what it receives to files, syslog, journald or a collector, and loses nothing while they are away.
 *
 * The happy path: events come from the broker's stream, are encoded for the target and collected; when there is enough,
 * or nothing more at once, the target takes them, and the cursor moves. What can fail: the target is away (told, and
 * asked again for ever: events wait in the broker's log), it refuses an event for good (told, and passed over), the
 * broker is away (told), the log lacks a part (told). A signal ends it behind what was taken. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client/clock.h"
#include "client/command.h"
#include "client/complain.h"
#include "client/logger/lag.h"
#include "client/logger/log_options.h"
#include "client/signals.h"

#define GO_ON   (-1)
#define LOOK_MS 500

#define CURSOR_TOLD_EACH_US INT64_C(60000000)

struct logging {
    struct log_options settings;
    struct target *target;
    struct tocsin_stream *stream;
    struct batch batch;
    struct lag lag;
    uint64_t taken;
    uint64_t refused;
    int64_t cursor_told_us; /* when it was told last that the cursor cannot be written; 0: never */
};

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

/* --- delivering --- */

/* How many events are known to wait: those here, and those behind them in the log, whether they match or not. */
static uint64_t waiting(const struct logging *logging)
{
    uint64_t head = tocsin_stream_head(logging->stream), cursor = tocsin_stream_cursor(logging->stream);
    return logging->batch.count - logging->batch.done + (head > cursor ? head - cursor : 0);
}

static int64_t behind_us(uint64_t received_us)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000 - (int64_t)received_us;
}

static void wait_for_target(struct logging *logging)
{
    bool is_to_be_told;
    int64_t now_us = clock_now_us();
    int pause_ms = lag_on_away(&logging->lag, now_us, (uint64_t)now_us * 2654435761U >> 7, &is_to_be_told);
    const struct batch_entry *oldest = &logging->batch.entries[logging->batch.done];
    if (is_to_be_told)
        complain("%s; at least %llu event%s wait%s in the broker's log, the oldest for %lld s; trying again",
                 logging->target->reason, (unsigned long long)waiting(logging), plural(waiting(logging)),
                 waiting(logging) == 1 ? "s" : "", (long long)(behind_us(oldest->received_us) / 1000000));
    poll(NULL, 0, logging->target->pause_ms > 0 ? logging->target->pause_ms : pause_ms);
}

static void pass_over(struct logging *logging)
{
    const struct batch_entry *entry = &logging->batch.entries[logging->batch.done++];
    complain("%s; seq %llu is passed over, for it will never be taken", logging->target->reason,
             (unsigned long long)entry->seq);
    logging->refused++;
}

static void tell_taken(struct logging *logging, uint64_t received_us)
{
    int64_t away_us, now_us = clock_now_us();
    bool is_quiet = logging->settings.sub.is_quiet;
    if (lag_on_taken(&logging->lag, now_us, &away_us) && !is_quiet)
        complain("the target takes events again, after %.1f s", (double)away_us / 1e6);
    int64_t late_us = behind_us(received_us);
    if (!lag_is_slow(&logging->lag, now_us, late_us, (int64_t)logging->settings.lag_ms * 1000) || is_quiet)
        return;
    uint64_t count = waiting(logging);
    if (count > 0)
        complain("behind by %lld s: at least %llu event%s wait%s in the broker's log", (long long)(late_us / 1000000),
                 (unsigned long long)count, plural(count), count == 1 ? "s" : "");
    else
        complain("what was written now came %lld s ago; nothing more is known to wait", (long long)(late_us / 1000000));
}

/* A cursor that cannot be written, for its disk is full, say, is behind: after a restart events come again, and none is
 * lost. So one goes on; only at the end, when nobody tries again, it is a failure. */
static int commit(struct logging *logging, bool is_last)
{
    if (tocsin_stream_commit(logging->stream, is_last) == TOCSIN_OK)
        return GO_ON;
    int reason = errno;
    int64_t now_us = clock_now_us();
    if (is_last || logging->cursor_told_us == 0 || now_us - logging->cursor_told_us >= CURSOR_TOLD_EACH_US) {
        complain("--cursor: %s: %s; what is written from here on would be written again by the next run",
                 logging->settings.sub.past.cursor_path, strerror(reason));
        logging->cursor_told_us = now_us;
    }
    return is_last ? EXIT_CODE_FAILED : GO_ON;
}

/* Until the target has all of the batch, or a signal comes. */
static int deliver(struct logging *logging)
{
    struct batch *batch = &logging->batch;
    bool is_taken = batch->count == 0;
    while (!is_taken) {
        enum target_answer answer = logging->target->kind->deliver(logging->target, batch);
        is_taken = answer == TARGET_TAKEN;
        if (answer == TARGET_GONE)
            return EXIT_CODE_OK;
        if (answer == TARGET_REFUSED)
            pass_over(logging);
        is_taken |= batch->done == batch->count && answer == TARGET_REFUSED;
        if (answer == TARGET_AWAY && !signals_caught())
            wait_for_target(logging);
        if (!is_taken && signals_caught())
            return 128 + signals_caught();
    }
    if (batch->count > 0) {
        logging->taken += batch->count;
        tell_taken(logging, batch->entries[batch->count - 1].received_us);
    }
    batch_clear(batch);
    return commit(logging, false);
}

/* --- events --- */

static int on_event(struct logging *logging, const struct tocsin_message *message)
{
    struct log_event event;
    if (past_is_over(&logging->settings.sub.past, message))
        return EXIT_CODE_OK;
    if (!matcher_takes(&logging->settings.sub.matcher, message) ||
        !log_event_of(&event, message, tocsin_stream_log_id(logging->stream)))
        return GO_ON;
    logging->target->kind->encode(logging->target, &logging->batch.text, &event);
    if (!batch_add(&logging->batch, message->seq, message->received_us)) {
        complain("%s", tocsin_error_text(TOCSIN_E_NOMEM));
        return EXIT_CODE_FAILED;
    }
    return batch_is_full(&logging->batch) ? deliver(logging) : GO_ON;
}

static int on_message(struct logging *logging, const struct tocsin_message *message)
{
    bool is_quiet = logging->settings.sub.is_quiet;
    const char *endpoint = logging->settings.sub.where.endpoint;
    switch (message->kind) {
    case TOCSIN_MESSAGE_EVENT:
        return on_event(logging, message);
    case TOCSIN_MESSAGE_END:
        return EXIT_CODE_OK;
    case TOCSIN_MESSAGE_HOLE:
        complain("the broker's log does not hold seq %llu to %llu any more: they are missing here",
                 (unsigned long long)message->first, (unsigned long long)message->last);
        return GO_ON;
    case TOCSIN_MESSAGE_RESET:
        complain("the broker's log is another one now, or went back: its last seq is %llu",
                 (unsigned long long)message->head);
        return GO_ON;
    case TOCSIN_MESSAGE_LOST:
        if (!is_quiet)
            complain("lost the connection to %s; trying again", endpoint);
        return GO_ON;
    case TOCSIN_MESSAGE_RESTORED:
        if (!is_quiet)
            complain("connected to %s again", endpoint);
        return GO_ON;
    default:
        return GO_ON;
    }
}

static int step(struct logging *logging)
{
    struct tocsin_message message;
    int error = tocsin_stream_next(logging->stream, &message, 0);
    if (error == TOCSIN_E_TIMEOUT) {
        int code = deliver(logging);
        if (code != GO_ON)
            return code;
        error = tocsin_stream_next(logging->stream, &message, LOOK_MS);
    }
    switch (error) {
    case TOCSIN_OK:
        return on_message(logging, &message);
    case TOCSIN_E_TIMEOUT:
    case TOCSIN_E_INTERRUPTED:
        return GO_ON;
    case TOCSIN_E_PROTOCOL:
        complain("a message from %s was not understood, and is asked for again", logging->settings.sub.where.endpoint);
        return GO_ON;
    default:
        return where_complain(&logging->settings.sub.where, error);
    }
}

/* --- the command --- */

/* Where it ends in good order, or by a signal, what is at hand is delivered still, if the target takes it at once. */
static int finish(struct logging *logging, int code)
{
    bool is_to_be_delivered = code == EXIT_CODE_OK || code > 128;
    bool is_taken = logging->batch.count == 0;
    if (is_to_be_delivered && !is_taken) {
        int delivered = deliver(logging);
        is_taken = delivered == GO_ON;
        code = is_taken ? code : delivered;
    }
    if (is_taken && is_to_be_delivered) {
        int committed = commit(logging, true);
        code = committed == GO_ON ? code : committed;
    }
    uint64_t left = logging->batch.count - logging->batch.done;
    if (logging->settings.sub.is_verbose)
        complain("%llu event%s written", (unsigned long long)logging->taken, plural(logging->taken));
    if (left > 0 && code != EXIT_CODE_OK)
        complain("%llu event%s at hand could not be written%s", (unsigned long long)left, plural(left),
                 logging->settings.sub.past.cursor_path ? "; the next run begins with them" : "");
    return code == EXIT_CODE_OK && logging->refused > 0 ? EXIT_CODE_REFUSED : code;
}

static int run(struct logging *logging)
{
    struct sub_options *sub = &logging->settings.sub;
    signals_catch();
    int error = tocsin_stream_open(&logging->stream, &sub->stream);
    if (error)
        return where_complain(&sub->where, error);
    if (sub->is_verbose)
        complain("connected to %s", sub->where.endpoint);
    int code = GO_ON;
    while (code == GO_ON && !signals_caught())
        code = step(logging);
    return finish(logging, code == GO_ON ? 128 + signals_caught() : code);
}

int command_log(const struct options *options)
{
    struct logging logging = {0};
    int code = EXIT_CODE_USAGE;
    if (log_options_read(&logging.settings, options)) {
        logging.target = target_new(&logging.settings.target);
        if (logging.target)
            code = run(&logging);
    }
    tocsin_stream_close(&logging.stream);
    target_free(&logging.target);
    batch_fini(&logging.batch);
    log_options_fini(&logging.settings);
    return code;
}
