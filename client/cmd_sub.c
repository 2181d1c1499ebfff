/* tocsin sub: follows events live, or tells a part of the log and what comes after it, without loss.
 *
 * The happy path: options become filters and a printer, the subscriber or the stream opens, each event is printed and
 * written when it is due; a cursor moves when what was printed is written. What can fail: the broker cannot be reached (3),
 * the reader of our output went away (a quiet end), events were lost (told, or 5), nothing came for too long (27), a signal
 * (128 + its number). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "client/arg.h"
#include "client/clock.h"
#include "client/command.h"
#include "client/complain.h"
#include "client/last_find.h"
#include "client/out.h"
#include "client/print.h"
#include "client/signals.h"
#include "client/source.h"
#include "client/sub_options.h"

/* How often one looks whether the reader of the output is there still. */
#define LOOK_MS 500

/* How much the broker's clock may be behind ours. */
#define UNTIL_SLACK_S 2

#define GO_ON (-1)

struct following {
    struct sub_options *settings;
    struct source source;
    struct out out;
    uint64_t events;
    uint64_t lost;
    int64_t quiet_since_us;
};

static int code_of_output(int error)
{
    return error == TOCSIN_OK ? GO_ON : out_code(error);
}

/* What was printed is written: the cursor may move behind it. */
static int commit(struct following *following, bool must_write)
{
    if (!following->source.stream || following->out.text.len > 0)
        return GO_ON;
    if (tocsin_stream_commit(following->source.stream, must_write) == TOCSIN_OK)
        return GO_ON;
    complain("--cursor: %s: %s", following->settings->past.cursor_path, strerror(errno));
    return EXIT_CODE_FAILED;
}

static int on_event(struct following *following, const struct tocsin_message *message)
{
    const struct sub_options *settings = following->settings;
    if (past_is_over(&settings->past, message))
        return EXIT_CODE_OK;
    if (!matcher_takes(&settings->matcher, message))
        return GO_ON;
    following->quiet_since_us = clock_now_us();
    struct tocsin_text json = {"", 0};
    if (print_needs_json(&settings->printer) && source_event_json(&following->source, &json) == TOCSIN_E_NOMEM)
        return code_of_output(TOCSIN_E_NOMEM);
    print_event(&following->out.text, &settings->printer, message, span_of(json.data, json.len));
    following->events++;
    int code = code_of_output(out_done(&following->out));
    if (code == GO_ON)
        code = commit(following, false);
    return code == GO_ON && following->events == settings->count ? EXIT_CODE_OK : code;
}

static void tell_gap(const struct tocsin_message *gap)
{
    unsigned long long at_least = gap->at_least, first = gap->first, last = gap->last;
    if (gap->topic.data)
        complain("lost at least %llu event%s of %.*s on the way, seq %llu to %llu; the broker's log has them", at_least,
                 at_least == 1 ? "" : "s", (int)gap->topic.len, gap->topic.data, first, last);
    else
        complain("lost %llu event%s on the way, seq %llu to %llu; the broker's log has them", at_least,
                 at_least == 1 ? "" : "s", first, last);
}

static int on_gap(struct following *following, const struct tocsin_message *message)
{
    enum sub_gaps gaps = following->settings->gaps;
    following->lost += message->at_least;
    if (gaps == GAPS_FAIL || (gaps == GAPS_WARN && !following->settings->is_quiet))
        tell_gap(message);
    return gaps == GAPS_FAIL ? EXIT_CODE_GAP : GO_ON;
}

static int on_hole(const struct following *following, const struct tocsin_message *message)
{
    enum sub_gaps gaps = following->settings->gaps;
    if (gaps == GAPS_FAIL || (gaps == GAPS_WARN && !following->settings->is_quiet))
        complain("the broker's log does not hold seq %llu to %llu any more", (unsigned long long)message->first,
                 (unsigned long long)message->last);
    return gaps == GAPS_FAIL ? EXIT_CODE_GAP : GO_ON;
}

static int on_message(struct following *following, const struct tocsin_message *message)
{
    bool is_quiet = following->settings->is_quiet;
    switch (message->kind) {
    case TOCSIN_MESSAGE_EVENT:
        return on_event(following, message);
    case TOCSIN_MESSAGE_GAP:
        return on_gap(following, message);
    case TOCSIN_MESSAGE_LOST:
        if (!is_quiet)
            complain("lost the connection to %s; trying again", following->settings->where.endpoint);
        break;
    case TOCSIN_MESSAGE_RESTORED:
        if (!is_quiet)
            complain("connected to %s again", following->settings->where.endpoint);
        break;
    case TOCSIN_MESSAGE_RESET:
        if (!is_quiet)
            complain("the broker's log is another one now, or went back (%.*s): its last seq is %llu",
                     (int)message->log_id.len, message->log_id.data, (unsigned long long)message->head);
        return following->source.stream && following->settings->gaps == GAPS_FAIL ? EXIT_CODE_GAP : GO_ON;
    case TOCSIN_MESSAGE_HOLE:
        return on_hole(following, message);
    case TOCSIN_MESSAGE_END:
        return EXIT_CODE_OK;
    }
    return GO_ON;
}

/* How long to wait for the next event: until -W has passed, and no longer than a look. */
static int wait_ms(const struct following *following)
{
    int left_ms = LOOK_MS;
    if (following->settings->wait_ms > 0) {
        int64_t end_us = clock_deadline_us(following->quiet_since_us, following->settings->wait_ms);
        left_ms = clock_left_ms(end_us, clock_now_us());
    }
    return left_ms < LOOK_MS ? left_ms : LOOK_MS;
}

/* The time of --until has passed, also by the broker's clock, as far as one can know here, and all is told that the log
 * held by then. */
static bool is_past_end(const struct following *following)
{
    const struct tocsin_stream *stream = following->source.stream;
    struct timespec now;
    if (stream && tocsin_stream_cursor(stream) < tocsin_stream_head(stream))
        return false;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t until_us = following->settings->past.until_us;
    return until_us != UINT64_MAX && (uint64_t)now.tv_sec > until_us / 1000000 + UNTIL_SLACK_S;
}

/* Nothing is at hand: writes what is due, and looks whether it is time to end. */
static int on_idle(struct following *following)
{
    int code = code_of_output(out_flush(&following->out));
    if (code != GO_ON)
        return code;
    code = commit(following, false);
    if (code != GO_ON)
        return code;
    if (out_is_abandoned(&following->out) || is_past_end(following))
        return EXIT_CODE_OK;
    return following->settings->wait_ms > 0 && wait_ms(following) == 0 ? EXIT_CODE_WAIT : GO_ON;
}

static int step(struct following *following)
{
    struct tocsin_message message;
    int error = source_next(&following->source, &message, 0);
    if (error == TOCSIN_E_TIMEOUT) {
        int code = on_idle(following);
        if (code != GO_ON)
            return code;
        error = source_next(&following->source, &message, wait_ms(following));
    }
    switch (error) {
    case TOCSIN_OK:
        return on_message(following, &message);
    case TOCSIN_E_TIMEOUT:
    case TOCSIN_E_INTERRUPTED:
        return GO_ON;
    case TOCSIN_E_PROTOCOL:
        complain("a message from %s was not understood, and passed over", following->settings->where.endpoint);
        return GO_ON;
    default:
        complain("%s: %s", following->settings->where.endpoint, tocsin_error_text(error));
        return EXIT_CODE_FAILED;
    }
}

static int follow(struct following *following)
{
    following->quiet_since_us = clock_now_us();
    int code = GO_ON;
    while (code == GO_ON && !signals_caught())
        code = step(following);
    int flushed = out_flush(&following->out);
    if (code == GO_ON)
        code = 128 + signals_caught();
    if (flushed && flushed != TOCSIN_E_CLOSED && code == EXIT_CODE_OK)
        code = code_of_output(flushed);
    int committed = flushed ? GO_ON : commit(following, true);
    if (committed != GO_ON && code == EXIT_CODE_OK)
        code = committed;
    if (following->settings->is_verbose)
        complain("%llu event%s, %s%llu lost on the way", (unsigned long long)following->events,
                 following->events == 1 ? "" : "s", following->lost > 0 ? "at least " : "",
                 (unsigned long long)following->lost);
    return code;
}

static int open_source(struct sub_options *settings, struct source *source)
{
    if (!settings->past.is_asked)
        return tocsin_subscriber_open(&source->live, &settings->subscriber);
    if (settings->past.last_count > 0) {
        int error = last_find(&settings->past, &settings->stream, &settings->matcher);
        if (error)
            return error;
        settings->stream.from = settings->past.from;
        settings->stream.from_value = settings->past.from_value;
        if (settings->past.follows || settings->past.cursor_path)
            settings->past.until_seq = UINT64_MAX;
    }
    return tocsin_stream_open(&source->stream, &settings->stream);
}

int command_sub(const struct options *options)
{
    struct sub_options settings;
    int code = EXIT_CODE_USAGE;
    if (sub_options_read(&settings, options)) {
        struct following following = {.settings = &settings};
        signals_catch();
        int error = open_source(&settings, &following.source);
        if (error == TOCSIN_OK && settings.is_verbose)
            complain("connected to %s", settings.where.endpoint);
        if (error) {
            code = where_complain(&settings.where, error);
        } else {
            out_init(&following.out, STDOUT_FILENO);
            code = follow(&following);
            out_fini(&following.out);
        }
        source_close(&following.source);
    }
    sub_options_fini(&settings);
    return code;
}
