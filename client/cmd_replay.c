/* tocsin replay: sends a stretch of the past into another broker, acknowledged, at the pace that it had or another.
 *
 * The happy path: a stream opens at one broker, an appender at the other, each event is sent when it is due, and at the
 * end all is acknowledged. The broker's own events are left out: they are another broker's life. What can fail: as with
 * sub and pub. */
#include <stdlib.h>
#include <time.h>

#include "client/clock.h"
#include "client/command.h"
#include "client/complain.h"
#include "client/last_find.h"
#include "client/progress.h"
#include "client/pub_door.h"
#include "client/replay_pace.h"
#include "client/signals.h"
#include "client/sub_options.h"

#define GO_ON   (-1)
#define LOOK_MS 500
#define OWN     "BrokerEvent"

struct replaying {
    struct sub_options settings;
    struct pub_options target;
    struct pub_door door;
    struct tocsin_stream *stream;
    struct tocsin_event *event;
    struct replay_pace pace;
    struct progress progress;
    uint64_t first;
    uint64_t sent;
};

/* Sleeps until the event is due, looking now and then whether a signal has come that found nobody asleep. */
static void wait_due(struct replaying *replaying, uint64_t received_us)
{
    int64_t now_us = clock_now_us();
    int64_t due_us = replay_pace_due_us(&replaying->pace, received_us, now_us);
    while (due_us > now_us && !signals_caught()) {
        int64_t until_us = due_us - now_us < LOOK_MS * 1000 ? due_us : now_us + LOOK_MS * 1000;
        struct timespec until = {(time_t)(until_us / 1000000), (long)(until_us % 1000000) * 1000};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
        now_us = clock_now_us();
    }
}

static int on_event(struct replaying *replaying, const struct tocsin_message *message)
{
    const struct sub_options *settings = &replaying->settings;
    if (past_is_over(&settings->past, message))
        return EXIT_CODE_OK;
    struct span category = span_of(message->category.data, message->category.len);
    if (!matcher_takes(&settings->matcher, message) || span_is(category, OWN))
        return GO_ON;
    wait_due(replaying, message->received_us);
    if (signals_caught())
        return 128 + signals_caught();
    int error = tocsin_event_from_msgpack(replaying->event, message->event.data, message->event.len);
    if (!error)
        error = pub_door_send(&replaying->door, replaying->event);
    if (!error) {
        replaying->sent++;
        return GO_ON;
    }
    progress_end(&replaying->progress);
    if (error == TOCSIN_E_INTERRUPTED)
        return 128 + signals_caught();
    complain("seq %llu: %s: %s", (unsigned long long)message->seq, replaying->target.where.endpoint,
             tocsin_error_text(error));
    return error == TOCSIN_E_REFUSED ? EXIT_CODE_REFUSED : EXIT_CODE_UNREACHABLE;
}

static int on_message(struct replaying *replaying, const struct tocsin_message *message)
{
    switch (message->kind) {
    case TOCSIN_MESSAGE_EVENT:
        return on_event(replaying, message);
    case TOCSIN_MESSAGE_END:
        return EXIT_CODE_OK;
    case TOCSIN_MESSAGE_HOLE:
        complain("the broker's log does not hold seq %llu to %llu any more", (unsigned long long)message->first,
                 (unsigned long long)message->last);
        return GO_ON;
    case TOCSIN_MESSAGE_RESET:
        complain("the broker's log became another one in the middle");
        return EXIT_CODE_FAILED;
    default:
        return GO_ON;
    }
}

static int replay(struct replaying *replaying)
{
    struct tocsin_message message;
    int code = GO_ON;
    progress_begin(&replaying->progress, replaying->settings.is_quiet);
    while (code == GO_ON && !signals_caught()) {
        int error = tocsin_stream_next(replaying->stream, &message, LOOK_MS);
        if (!error)
            code = on_message(replaying, &message);
        else if (error != TOCSIN_E_TIMEOUT && error != TOCSIN_E_INTERRUPTED && error != TOCSIN_E_PROTOCOL)
            code = where_complain(&replaying->settings.where, error);
        uint64_t cursor = tocsin_stream_cursor(replaying->stream), head = tocsin_stream_head(replaying->stream);
        progress_show(&replaying->progress, cursor > replaying->first ? cursor - replaying->first : 0,
                      head > replaying->first ? head - replaying->first : 0, replaying->sent);
    }
    progress_end(&replaying->progress);
    return code == GO_ON ? 128 + signals_caught() : code;
}

/* Waits for the acknowledgements, whatever happened before. */
static int finish(struct replaying *replaying, int code)
{
    uint64_t unsent = 0;
    pub_door_close(&replaying->door, &unsent);
    if (!replaying->settings.is_quiet)
        complain("%llu event%s sent to %s", (unsigned long long)(replaying->sent - unsent),
                 replaying->sent - unsent == 1 ? "" : "s", replaying->target.where.endpoint);
    if (unsent > 0)
        complain("%llu event%s not acknowledged", (unsigned long long)unsent, unsent == 1 ? " was" : "s were");
    if (code != EXIT_CODE_OK)
        return code;
    if (unsent > 0)
        return EXIT_CODE_UNREACHABLE;
    return replaying->door.refused > 0 ? EXIT_CODE_REFUSED : EXIT_CODE_OK;
}

static int open_stream(struct replaying *replaying)
{
    struct sub_options *settings = &replaying->settings;
    int error = settings->past.last_count > 0 ? last_find(&settings->past, &settings->stream, &settings->matcher) : 0;
    settings->stream.from = settings->past.from;
    settings->stream.from_value = settings->past.from_value;
    if (!error)
        error = tocsin_stream_open(&replaying->stream, &settings->stream);
    if (error)
        return where_complain(&settings->where, error);
    replaying->first = tocsin_stream_cursor(replaying->stream);
    return GO_ON;
}

static bool read_target(struct replaying *replaying, const struct options *options)
{
    const char *to = options_get(options, OPTION_TO), *speed = options_get(options, OPTION_SPEED);
    struct pub_options *target = &replaying->target;
    target->is_acknowledged = true;
    target->where.timeout_ms = replaying->settings.where.timeout_ms;
    if (!to || endpoint_of_server(to, ENDPOINT_APPEND, target->where.endpoint) != TOCSIN_OK) {
        complain("--to: the broker to send to, HOST or HOST:PORT");
        return false;
    }
    replaying->pace.speed = 1;
    where_copy_keys(&target->where, &replaying->settings.where);
    const char *to_server_key = options_get(options, OPTION_TO_SERVER_KEY);
    if (to_server_key && !where_set_server_key(&target->where, "--to-server-key", to_server_key))
        return false;
    if (speed && !replay_pace_read(speed, &replaying->pace.speed)) {
        complain("--speed: \"%s\" is not allowed: allowed is a number as 1, 10x or 0.5, or max", speed);
        return false;
    }
    return true;
}

static int run(struct replaying *replaying)
{
    signals_catch();
    replaying->event = tocsin_event_new();
    int code = replaying->event ? open_stream(replaying) : EXIT_CODE_FAILED;
    if (code == GO_ON) {
        int error = pub_door_open(&replaying->door, &replaying->target);
        code = error ? where_complain(&replaying->target.where, error) : finish(replaying, replay(replaying));
    }
    tocsin_stream_close(&replaying->stream);
    tocsin_event_free(&replaying->event);
    return code;
}

int command_replay(const struct options *options)
{
    struct replaying replaying = {0};
    bool is_read = sub_options_read(&replaying.settings, options) && read_target(&replaying, options);
    int code = is_read ? run(&replaying) : EXIT_CODE_USAGE;
    sub_options_fini(&replaying.settings);
    return code;
}
