/* tocsin pub: publishes one event from options, as often as asked, or the events of files.
 *
 * The happy path: the publisher opens, each event is composed or read, judged and sent, and at the end all is handed
 * over. What can fail: an event is malformed or refused (4, at once or with --keep-going at the end), a file cannot be
 * read (1), the broker cannot be reached or does not take events any more (3), a signal (what was taken is still handed
 * over, then 128 + its number). */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "client/clock.h"
#include "client/command.h"
#include "client/complain.h"
#include "client/progress.h"
#include "client/pub_door.h"
#include "client/pub_input.h"
#include "client/pub_options.h"
#include "client/pub_template.h"
#include "client/signals.h"

struct publishing {
    const struct pub_options *settings;
    struct pub_door door;
    struct tocsin_event *event;
    struct progress progress;
    int64_t begun_us;
    uint64_t sent;
    uint64_t refused; /* or malformed */
    struct text source_id;
    struct text summary;
    struct text snapshot;
};

static int code_of_signal(void)
{
    return signals_caught() ? 128 + signals_caught() : EXIT_CODE_OK;
}

/* Waits until the next event may leave. */
static void keep_pace(const struct publishing *publishing)
{
    double rate = publishing->settings->events_per_second;
    if (rate <= 0)
        return;
    int64_t due_us = publishing->begun_us + (int64_t)((double)publishing->sent * 1e6 / rate);
    struct timespec due = {(time_t)(due_us / 1000000), (long)(due_us % 1000000) * 1000};
    if (due_us > clock_now_us())
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL); /* a signal ends it */
}

static int refuse(struct publishing *publishing)
{
    publishing->refused++;
    return publishing->settings->keeps_going ? EXIT_CODE_OK : EXIT_CODE_REFUSED;
}

/* Complains about an event that cannot be; `where` is its place, "" for the one of the options. */
static int on_refusal(struct publishing *publishing, const char *where)
{
    enum tocsin_refusal code;
    const char *field;
    progress_end(&publishing->progress);
    if (tocsin_event_refusal(publishing->event, &code, &field) == TOCSIN_OK)
        complain("%sthe event is not complete", where);
    else
        complain("%s%s %s (%s)", where, *field ? field : "the event", tocsin_refusal_text(code),
                 tocsin_refusal_word(code));
    return refuse(publishing);
}

static int send_event(struct publishing *publishing, const char *where)
{
    keep_pace(publishing);
    if (signals_caught())
        return code_of_signal();
    int error = pub_door_send(&publishing->door, publishing->event);
    switch (error) {
    case TOCSIN_OK:
        publishing->sent++;
        return EXIT_CODE_OK;
    case TOCSIN_E_REFUSED:
    case TOCSIN_E_INVALID:
        return on_refusal(publishing, where);
    case TOCSIN_E_INTERRUPTED:
        return code_of_signal();
    case TOCSIN_E_FULL:
    case TOCSIN_E_UNREACHABLE:
        progress_end(&publishing->progress);
        complain("%s takes no more events: waited %g s", publishing->settings->where.endpoint,
                 publishing->settings->where.timeout_ms / 1000.0);
        return EXIT_CODE_UNREACHABLE;
    default:
        progress_end(&publishing->progress);
        complain("%s%s", where, tocsin_error_text(error));
        return EXIT_CODE_FAILED;
    }
}

static uint64_t realtime_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* Composes the event of the options for the `count`th time. */
static int compose(struct publishing *publishing, uint64_t count)
{
    const struct pub_options *settings = publishing->settings;
    struct tocsin_event *event = publishing->event;
    uint64_t now_us = realtime_us();
    struct pub_template values = {count, now_us, (now_us << 20) + count};
    pub_template_fill(&publishing->source_id, settings->source_id, &values);
    pub_template_fill(&publishing->summary, settings->summary, &values);
    pub_template_fill(&publishing->snapshot, settings->snapshot ? settings->snapshot : "", &values);
    if (publishing->source_id.failed || publishing->summary.failed || publishing->snapshot.failed)
        return TOCSIN_E_NOMEM;
    tocsin_event_set(event, settings->level, settings->category, settings->type, publishing->source_id.data,
                     publishing->summary.data);
    tocsin_event_set_cause(event, settings->cause);
    if (settings->time_us > 0)
        tocsin_event_set_time_us(event, settings->time_us);
    return settings->snapshot ? tocsin_event_snapshot_json(event, publishing->snapshot.data) : TOCSIN_OK;
}

static int publish_options(struct publishing *publishing)
{
    const struct pub_options *settings = publishing->settings;
    int code = EXIT_CODE_OK;
    for (uint64_t count = 1; count <= settings->count && !code; count++) {
        int error = compose(publishing, count);
        if (error == TOCSIN_E_SYNTAX) {
            progress_end(&publishing->progress);
            complain("--snapshot: \"%s\" is no JSON", publishing->snapshot.data);
            code = refuse(publishing);
            continue;
        }
        code = send_event(publishing, "");
        progress_show(&publishing->progress, count, settings->count, publishing->sent);
    }
    return code;
}

/* The place of the event taken last: "events.log:17: ". */
static void put_place(char *out, size_t size, const struct pub_input *input, const char *kind)
{
    snprintf(out, size, "%.400s:%s%" PRIu64 ": ", input->name, kind, input->line);
}

static int publish_next(struct publishing *publishing, struct pub_input *input, bool *is_at_end)
{
    char fault[128], place[512];
    int error = pub_input_next(input, publishing->event, fault, sizeof fault);
    const char *kind = input->format == PUB_MSGPACK ? "value " : "";
    put_place(place, sizeof place, input, kind);
    switch (error) {
    case TOCSIN_OK:
        return send_event(publishing, place);
    case TOCSIN_E_END:
        *is_at_end = true;
        return EXIT_CODE_OK;
    case TOCSIN_E_SYNTAX:
        progress_end(&publishing->progress);
        complain("%s:%s%" PRIu64 ":%s", input->name, kind, input->line, fault);
        return refuse(publishing);
    case TOCSIN_E_INTERRUPTED:
        return code_of_signal();
    case TOCSIN_E_IO:
        return EXIT_CODE_FAILED;
    default:
        complain("%s%s", place, tocsin_error_text(error));
        return EXIT_CODE_FAILED;
    }
}

static int publish_file(struct publishing *publishing, const char *path)
{
    struct pub_input input;
    bool is_at_end = false;
    int code = pub_input_open(&input, path, publishing->settings->format) ? EXIT_CODE_OK : EXIT_CODE_FAILED;
    while (!code && !is_at_end) {
        code = publish_next(publishing, &input, &is_at_end);
        progress_show(&publishing->progress, input.taken_bytes, input.size, publishing->sent);
    }
    pub_input_close(&input);
    return code;
}

/* What was sent, in how long; where it was more than one, or was asked for. */
static void tell_totals(const struct publishing *publishing, uint64_t unsent)
{
    const struct pub_options *settings = publishing->settings;
    bool is_one = settings->file_count == 0 && settings->count == 1;
    uint64_t taken = publishing->sent + publishing->door.recovered;
    bool is_nothing = taken == 0 && publishing->refused == 0;
    if (settings->is_quiet || ((is_one || is_nothing) && !settings->is_verbose))
        return;
    double seconds = (double)(clock_now_us() - publishing->begun_us) / 1e6;
    uint64_t sent = taken - unsent;
    complain("%" PRIu64 " event%s sent in %.3f s, %.0f a second; %" PRIu64 " refused", sent, sent == 1 ? "" : "s",
             seconds, seconds > 0 ? (double)sent / seconds : 0, publishing->refused);
}

/* Once: mostly it was said with its reason. */
static int complain_of_spool(const struct publishing *publishing, int error)
{
    if (!publishing->door.is_told || error == TOCSIN_E_NOMEM)
        complain("--spool: %s: %s", publishing->settings->spool_dir, tocsin_error_text(error));
    return EXIT_CODE_FAILED;
}

/* Of what was taken, what did not get there. Returns the exit code. */
static int tell_unsent(const struct publishing *publishing, uint64_t unsent, int error)
{
    const struct pub_options *settings = publishing->settings;
    const char *plural = unsent == 1 ? "" : "s";
    if (settings->spool_dir && error)
        return complain_of_spool(publishing, error);
    if (unsent == 0)
        return EXIT_CODE_OK;
    if (settings->spool_dir) {
        complain("%" PRIu64 " event%s not acknowledged yet: kept in %s", unsent, plural, settings->spool_dir);
        return EXIT_CODE_OK;
    }
    complain("%" PRIu64 " event%s %s %s", unsent, plural,
             settings->is_acknowledged ? "not acknowledged by" : "could not be handed over to",
             settings->where.endpoint);
    return EXIT_CODE_UNREACHABLE;
}

/* Hands over what was taken, whatever happened before. */
static int finish(struct publishing *publishing, int code)
{
    uint64_t unsent;
    progress_end(&publishing->progress);
    int error = pub_door_close(&publishing->door, &unsent);
    publishing->refused += publishing->door.refused;
    tell_totals(publishing, unsent);
    int code_of_unsent = tell_unsent(publishing, unsent, error);
    if (code)
        return code;
    if (code_of_unsent)
        return code_of_unsent;
    return publishing->refused > 0 ? EXIT_CODE_REFUSED : EXIT_CODE_OK;
}

static int run(struct publishing *publishing)
{
    const struct pub_options *settings = publishing->settings;
    int error = pub_door_open(&publishing->door, settings);
    if (error && settings->spool_dir && error != TOCSIN_E_INVALID)
        return complain_of_spool(publishing, error);
    if (error)
        return where_complain(&settings->where, error);
    if (settings->is_verbose && !settings->spool_dir)
        complain("connected to %s", settings->where.endpoint);
    publishing->begun_us = clock_now_us();
    progress_begin(&publishing->progress, settings->is_quiet);
    int code = settings->file_count == 0 ? publish_options(publishing) : EXIT_CODE_OK;
    for (size_t i = 0; i < settings->file_count && !code; i++)
        code = publish_file(publishing, settings->files[i]);
    return finish(publishing, code);
}

int command_pub(const struct options *options)
{
    struct pub_options settings;
    int code = pub_options_read(&settings, options);
    if (!code) {
        struct publishing publishing = {.settings = &settings, .event = tocsin_event_new()};
        signals_catch();
        code = publishing.event ? run(&publishing) : EXIT_CODE_FAILED;
        text_fini(&publishing.source_id);
        text_fini(&publishing.summary);
        text_fini(&publishing.snapshot);
        tocsin_event_free(&publishing.event);
    }
    pub_options_fini(&settings);
    return code;
}
