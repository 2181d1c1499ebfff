/* tocsin sub: follows events live.
 *
 * The happy path: options become filters and a printer, the subscriber opens, each event is printed and written when it
 * is due. What can fail: the broker cannot be reached (3), the reader of our output went away (a quiet end), events
 * were lost (told, or 5), nothing came for too long (27), a signal (128 + its number). */
#include <stdlib.h>
#include <unistd.h>

#include "client/arg.h"
#include "client/clock.h"
#include "client/command.h"
#include "client/complain.h"
#include "client/out.h"
#include "client/print.h"
#include "client/signals.h"
#include "client/sub_options.h"

/* How often one looks whether the reader of the output is there still. */
#define LOOK_MS 500

#define GO_ON (-1)

struct following {
    const struct sub_options *settings;
    struct tocsin_subscriber *subscriber;
    struct out out;
    uint64_t events;
    uint64_t lost;
    int64_t quiet_since_us;
};

static int code_of_output(int error)
{
    if (error == TOCSIN_OK)
        return GO_ON;
    if (error == TOCSIN_E_CLOSED)
        return EXIT_CODE_OK;
    complain("standard output: %s", tocsin_error_text(error));
    return EXIT_CODE_FAILED;
}

static int on_event(struct following *following, const struct tocsin_message *message)
{
    const struct sub_options *settings = following->settings;
    if (message->level > settings->max_level)
        return GO_ON;
    following->quiet_since_us = clock_now_us();
    struct tocsin_text json = {"", 0};
    if (print_needs_json(&settings->printer) &&
        tocsin_subscriber_event_json(following->subscriber, &json) == TOCSIN_E_NOMEM)
        return code_of_output(TOCSIN_E_NOMEM);
    print_event(&following->out.text, &settings->printer, message, span_of(json.data, json.len));
    following->events++;
    int code = code_of_output(out_done(&following->out));
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
            complain("the broker's log is another one now (%.*s): seq goes on behind %llu", (int)message->log_id.len,
                     message->log_id.data, (unsigned long long)message->head);
        break;
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

/* Nothing is at hand: writes what is due, and looks whether it is time to end. */
static int on_idle(struct following *following)
{
    int code = code_of_output(out_flush(&following->out));
    if (code != GO_ON)
        return code;
    if (out_is_abandoned(&following->out))
        return EXIT_CODE_OK;
    return following->settings->wait_ms > 0 && wait_ms(following) == 0 ? EXIT_CODE_WAIT : GO_ON;
}

static int step(struct following *following)
{
    struct tocsin_message message;
    int error = tocsin_subscriber_next(following->subscriber, &message, 0);
    if (error == TOCSIN_E_TIMEOUT) {
        int code = on_idle(following);
        if (code != GO_ON)
            return code;
        error = tocsin_subscriber_next(following->subscriber, &message, wait_ms(following));
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
    if (following->settings->is_verbose)
        complain("%llu events, at least %llu lost on the way", (unsigned long long)following->events,
                 (unsigned long long)following->lost);
    return code;
}

int command_sub(const struct options *options)
{
    struct sub_options settings;
    int code = EXIT_CODE_USAGE;
    if (sub_options_read(&settings, options)) {
        struct following following = {.settings = &settings};
        signals_catch();
        int error = tocsin_subscriber_open(&following.subscriber, &settings.subscriber);
        if (error == TOCSIN_OK && settings.is_verbose)
            complain("connected to %s", settings.where.endpoint);
        out_init(&following.out, STDOUT_FILENO);
        code = error ? where_complain(&settings.where, error) : follow(&following);
        out_fini(&following.out);
        tocsin_subscriber_close(&following.subscriber);
    }
    sub_options_fini(&settings);
    return code;
}
