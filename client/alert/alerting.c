/* One turn of the bridge, and its end. */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "client/alert/alert_journal.h"
#include "client/alert/alerting.h"
#include "client/clock.h"
#include "client/command.h"
#include "client/complain.h"

#define GO_ON      ALERTING_GO_ON
#define LOOK_MS    100
#define BUSY_MS    10               /* while requests are under way */
#define EVENTS_MAX 1000             /* that are taken before anything else has its turn */
#define LAST_US    INT64_C(3000000) /* at the end: for what is under way */

static volatile sig_atomic_t is_to_reload;

static void on_hup(int signal)
{
    (void)signal;
    is_to_reload = 1;
}

void alerting_catch_hup(void)
{
    struct sigaction hup = {.sa_handler = on_hup};
    sigemptyset(&hup.sa_mask);
    sigaction(SIGHUP, &hup, NULL);
}

/* --- time --- */

static bool is_current(const struct alerting *alerting)
{
    return !alerting->is_lost && tocsin_stream_cursor(alerting->stream) >= tocsin_stream_head(alerting->stream);
}

/* How far the clocks are apart, seen from an event that has just come. */
static void note_clock(struct alerting *alerting, uint64_t received_us)
{
    if (alerting->was_current)
        alerting->behind_us = (int64_t)(clock_wall_us() - received_us);
}

static void advance(struct alerting *alerting)
{
    uint64_t now_us = clock_wall_us();
    alerting->was_current = is_current(alerting);
    uint64_t time_us = now_us - (uint64_t)alerting->behind_us - ALERTING_LATE_US;
    if (alerting->was_current)
        bridge_advance(&alerting->bridge, time_us, now_us);
    else if (alerting->is_lost)
        bridge_advance_alone(&alerting->bridge, time_us, now_us);
}

/* --- what is kept --- */

static int save(struct alerting *alerting, bool must_write)
{
    uint64_t seq = tocsin_stream_cursor(alerting->stream), changes = notifier_changes(alerting->bridge.notifier);
    bool is_due = clock_now_us() - alerting->state.written_us >= alerting->state.pause_us;
    bool is_new = seq != alerting->saved_seq || changes != alerting->saved_changes;
    if (!alerting->keeps_state || !is_new)
        notifier_settle(alerting->bridge.notifier);
    if (!alerting->keeps_state || !(must_write || (is_due && is_new)))
        return GO_ON;
    if (!alert_state_write(&alerting->state, &alerting->bridge, seq, tocsin_stream_log_id(alerting->stream)))
        return EXIT_CODE_FAILED;
    alerting->saved_seq = seq;
    alerting->saved_changes = changes;
    notifier_settle(alerting->bridge.notifier);
    return GO_ON;
}

/* That it cannot be written is told once: nothing hangs on it. */
static void write_journal(struct alerting *alerting)
{
    if (!alerting->journal_path)
        return;
    bool is_written = alert_journal_write(alerting->journal_path, &alerting->journal);
    if (!is_written && !alerting->has_journal_trouble)
        complain("%s: %s; explain will not know what was sent", alerting->journal_path, strerror(errno));
    alerting->has_journal_trouble = !is_written;
}

static int flush(struct alerting *alerting)
{
    write_journal(alerting);
    int error = bridge_is_short_of_memory(&alerting->bridge) ? TOCSIN_E_NOMEM : out_flush(&alerting->out);
    if (error == TOCSIN_OK)
        return GO_ON;
    if (error == TOCSIN_E_CLOSED) { /* who reads along is of no account */
        alerting->bridge.out = NULL;
        return GO_ON;
    }
    return out_code(error);
}

static void reload(struct alerting *alerting)
{
    struct rules_file rules;
    is_to_reload = 0;
    if (!rules_file_read_told(&rules, alerting->rules_path)) {
        complain("the rules stay as they were");
        return;
    }
    size_t count = rules.rules.count;
    if (bridge_reload(&alerting->bridge, &rules))
        complain("%s: read again, %zu rules", alerting->rules_path, count);
    else
        complain("%s; the rules stay as they were", tocsin_error_text(TOCSIN_E_NOMEM));
}

/* The file of silences, where it is another than before. One that is wrong changes nothing. */
static void take_silences(struct alerting *alerting)
{
    struct silences silences;
    if (silences_file_look(&alerting->silences, clock_now_us(), &silences))
        bridge_silence(&alerting->bridge, &silences);
}

/* --- events --- */

static void on_message(struct alerting *alerting, const struct tocsin_message *message)
{
    bool is_quiet = alerting->settings.is_quiet;
    const char *endpoint = alerting->settings.where.endpoint;
    switch (message->kind) {
    case TOCSIN_MESSAGE_EVENT:
        note_clock(alerting, message->received_us);
        bridge_take(&alerting->bridge, message, clock_wall_us());
        return;
    case TOCSIN_MESSAGE_HOLE:
        complain("the broker's log does not hold seq %llu to %llu any more: no rule has seen them",
                 (unsigned long long)message->first, (unsigned long long)message->last);
        return;
    case TOCSIN_MESSAGE_RESET:
        complain("the broker's log is another one now, or went back: its last seq is %llu",
                 (unsigned long long)message->head);
        return;
    case TOCSIN_MESSAGE_LOST:
        alerting->is_lost = true;
        if (!is_quiet)
            complain("lost the connection to %s; trying again", endpoint);
        return;
    case TOCSIN_MESSAGE_RESTORED:
        alerting->is_lost = false;
        if (!is_quiet)
            complain("connected to %s again", endpoint);
        return;
    default:
        return;
    }
}

static int read_events(struct alerting *alerting)
{
    struct tocsin_message message;
    int timeout_ms = notifier_under_way(alerting->bridge.notifier) > 0 ? BUSY_MS : LOOK_MS;
    for (int i = 0; i < EVENTS_MAX; i++) {
        int error = tocsin_stream_next(alerting->stream, &message, i == 0 ? timeout_ms : 0);
        if (error == TOCSIN_E_TIMEOUT || error == TOCSIN_E_INTERRUPTED)
            break;
        if (error == TOCSIN_E_PROTOCOL) {
            complain("a message from %s was not understood, and is asked for again", alerting->settings.where.endpoint);
            continue;
        }
        if (error)
            return where_complain(&alerting->settings.where, error);
        on_message(alerting, &message);
    }
    return GO_ON;
}

int alerting_step(struct alerting *alerting)
{
    int code = read_events(alerting);
    if (code != GO_ON)
        return code;
    advance(alerting);
    if (is_to_reload)
        reload(alerting);
    take_silences(alerting);
    bridge_prepare(&alerting->bridge, clock_now_us(), clock_wall_us());
    code = save(alerting, false); /* before anybody is told */
    if (code != GO_ON)
        return code;
    notifier_run(alerting->bridge.notifier, clock_now_us(), clock_wall_us());
    return flush(alerting);
}

int alerting_finish(struct alerting *alerting, int code)
{
    struct notifier *notifier = alerting->bridge.notifier;
    int64_t end_us = clock_now_us() + LAST_US;
    int saved = save(alerting, true); /* before anybody is told */
    if (saved != GO_ON)
        return saved;
    while (notifier_waiting(notifier) > 0 && clock_now_us() < end_us) {
        struct timespec pause = {.tv_nsec = BUSY_MS * 1000000L};
        notifier_run(notifier, clock_now_us(), clock_wall_us());
        nanosleep(&pause, NULL);
    }
    flush(alerting);
    size_t waiting = notifier_waiting(notifier);
    if (waiting > 0)
        complain("%zu notices were not delivered%s", waiting, alerting->keeps_state ? "; the next run goes on" : "");
    saved = save(alerting, true);
    return saved == GO_ON ? code : saved;
}
