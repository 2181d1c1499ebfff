/* One file is read at a time, the current one, to its end; then the first of the others that has a line more.
 *
 * The happy path: the broker is found, the current file is read on behind what was kept, its lines are put into the sink,
 * acknowledged, and each second what is acknowledged is kept. At its end, when another file has lines, it is left for
 * that one (follow_leave.c).
 *
 * What can fail: a file cannot be read or the state not kept (tried again each second), the sink is full (a later call
 * goes on), and the current file has another content than before: then it is left, and looked for by its content. */
#include "client/gateway/follow.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "client/clock.h"
#include "client/complain.h"
#include "client/signals.h"

#define SLICE_LINES   2000 /* then others have their turn */
#define KEEP_EVERY_US 1000000
#define LOOK_EVERY_US 1000000
#define POLL_EVERY_US 200000 /* where the system tells of no changes */
#define AT_ONCE_US    1

static int64_t realtime_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Looks through the directory. False: that was not possible, and nothing has changed. */
static bool look(struct follow *follow)
{
    bool is_displaced = false;
    follow->must_look = false;
    int error = follow_scan(&follow->scan, &follow->store->state, &follow->read, &is_displaced);
    if (error)
        follow_tell(follow, follow->scan.dir, "cannot be looked through", follow_scan_reason(error));
    if (follow->scan.open_error)
        follow_tell(follow, follow->scan.unopened, "cannot be opened", strerror(follow->scan.open_error));
    follow->is_failed = error || follow->scan.open_error;
    follow->scan.open_error = 0;
    if (follow->scan.unread > 0)
        complain("%s: files are gone before they were read: %" PRIu64 " bytes", follow->scan.dir, follow->scan.unread);
    follow->scan.unread = 0;
    struct follow_file *file = follow_current(follow);
    if (is_displaced)
        follow_leave_gone(follow);
    else if (file && follow->phase == FOLLOW_READING && file->fd != follow->reader.fd) /* it goes on elsewhere */
        follow_reader_begin(&follow->reader, file->fd, follow->reader.offset);
    return !error || error == TOCSIN_E_FULL;
}

/* Puts lines until there is no more of them: TOCSIN_E_END; TOCSIN_OK: there are, and it is others' turn. */
static int read_lines(struct follow *follow)
{
    uint64_t *end = &follow->store->state.end;
    for (unsigned i = 0; i < SLICE_LINES; i++) {
        struct follow_reader_line line;
        int error = *end > 0 ? follow_reader_peek_rest(&follow->reader, *end, &line)
                             : follow_reader_peek(&follow->reader, &line);
        if (!error)
            error = follow->settings.put(follow->settings.context, &line, follow_current(follow)->name);
        if (error)
            return error;
        follow_reader_take(&follow->reader, &line);
        counts_add(&follow->gateway->counts, COUNT_RECEIVED, 1);
        counts_add(&follow->gateway->counts, COUNT_BYTES, line.len + 1);
        if (follow->reader.offset >= *end)
            *end = 0;
    }
    return TOCSIN_OK;
}

static void note_passed(struct follow *follow)
{
    /* the events of a line that is not done with do not count yet */
    const struct follow_settings *settings = &follow->settings;
    uint64_t n = follow_taken(follow) - (settings->under_way ? settings->under_way(settings->context) : 0);
    follow_passed_note(&follow->passed, (struct follow_place){n, follow->reader.offset});
}

/* The current file was cut back or written anew: its content may go on elsewhere. */
static int find_again(struct follow *follow)
{
    if (!look(follow)) {
        follow->must_look = true;
        return TOCSIN_E_IO;
    }
    struct follow_file *file = follow_current(follow);
    bool is_nowhere = !file->is_present && (file->fd < 0 || !follow_mark_holds(&follow->read, file->fd));
    if (follow->phase == FOLLOW_READING && is_nowhere)
        follow_leave_gone(follow);
    return TOCSIN_OK; /* else it is read again, and if need be looked for again */
}

/* Reads the current file. TOCSIN_E_END: to its end. */
static int read_current(struct follow *follow)
{
    struct follow_file *file = follow_current(follow);
    if (!file)
        return TOCSIN_E_END;
    if (!follow_mark_holds(&follow->read, file->fd))
        return find_again(follow);
    struct follow_mark read;
    int error = read_lines(follow);
    if (!follow_mark_make(&read, file->fd, follow->reader.offset) || !follow_mark_holds(&follow->read, file->fd)) {
        /* cut back while it was read; what was read of it was there */
        return find_again(follow);
    }
    follow->read = read;
    note_passed(follow);
    if (error == TOCSIN_E_IO)
        follow_tell(follow, file->name, "cannot be read", strerror(errno));
    return error;
}

/* At the end of the current file: on to another one, or nothing is left. True when there is something to do. */
static bool go_on(struct follow *follow)
{
    struct follow_pick next;
    if (follow_leave_is_due(follow)) {
        follow_leave_for_itself(follow);
        return true;
    }
    if (!follow_pick_next(&follow->scan, &follow->store->state, &follow->settings.form, realtime_ns(), &next))
        return false;
    /* it may have been written to since it was read, and before the next one was begun */
    if (follow_current(follow) && read_current(follow) != TOCSIN_E_END)
        return true;
    follow_leave_for(follow, next);
    return true;
}

/* The broker is there: it tells which events it has. */
static bool finish_finding(struct follow *follow)
{
    struct follow_file *file = follow_current(follow);
    uint64_t last_n;
    if (!sink_last_n(follow->sink, &last_n))
        return false;
    if (file)
        follow->read = file->mark;
    if (!look(follow)) {
        follow->gateway->is_done |= follow->settings.is_once;
        return false;
    }
    file = follow_current(follow);
    if (file && !file->is_present)
        follow_leave_gone(follow);
    else if (follow->store->has_booted && follow_leave_is_due(follow))
        follow_leave_for_itself(follow); /* after a crash of the machine the file may hold other lines than were sent */
    else
        follow_leave_begin(follow);
    return true;
}

static bool is_at_end(const struct follow *follow)
{
    return follow->settings.is_once && follow->phase == FOLLOW_READING &&
           follow_settled(follow) == follow_taken(follow);
}

/* As much as can be done now, in turn with others. True when there is more to do at once. */
static bool run(struct follow *follow)
{
    bool is_ending = follow->sink->is_dead || signals_caught(); /* what is not read yet stays where it is */
    if (is_ending || (follow->phase == FOLLOW_FINDING && !finish_finding(follow)))
        return false;
    if (follow->phase == FOLLOW_LEAVING)
        return follow_leave_finish(follow);
    if (follow->must_look)
        look(follow);
    int error = follow->phase == FOLLOW_READING ? read_current(follow) : TOCSIN_OK;
    if (error != TOCSIN_E_END)
        return error == TOCSIN_OK;
    if (go_on(follow))
        return true;
    follow->gateway->is_done |= is_at_end(follow);
    return false;
}

static void go(struct follow *follow)
{
    bool is_more = run(follow);
    bool is_told = follow->watch.directory >= 0 && !follow->settings.form.begins; /* nobody tells that a file rests */
    int64_t wait_us = is_told ? LOOK_EVERY_US : POLL_EVERY_US;
    follow->timer.every_us = is_more ? AT_ONCE_US : wait_us;
    follow->timer.due_us = clock_now_us() + follow->timer.every_us;
}

static void on_change(void *context, bool is_writing_only)
{
    struct follow *follow = context;
    follow->must_look |= !is_writing_only || !follow_current(follow);
    go(follow);
}

static void keep_now_and_then(struct follow *follow)
{
    if (clock_now_us() - follow->saved_us >= KEEP_EVERY_US)
        follow_leave_keep(follow);
}

static void on_timer(struct loop_timer *timer, int64_t now_us)
{
    struct follow *follow = (struct follow *)((char *)timer - offsetof(struct follow, timer));
    (void)now_us;
    if (timer->every_us != AT_ONCE_US) {
        follow->must_look = true;
        follow_watch_renew(&follow->watch);
    }
    keep_now_and_then(follow);
    go(follow);
}

void follow_resume(struct follow *follow)
{
    keep_now_and_then(follow);
    go(follow);
}

void follow_open(struct follow *follow, struct gateway *gateway, struct follow_store *store,
                 const struct follow_settings *settings)
{
    *follow = (struct follow){.settings = *settings, .gateway = gateway, .sink = &gateway->sink, .store = store};
    follow->scan = (struct follow_scan){settings->dir, settings->base, settings->is_by_number, 0, 0, ""};
    follow->base_n = store->state.n;
    if (settings->is_once)
        follow->settings.form.rest_ns = 0; /* what is there is all */
    if (store->is_new && settings->is_from_end)
        follow_pass_over(follow);
    follow_reader_init(&follow->reader, &follow->settings.form, gateway->max_message_bytes);
    follow_watch_open(&follow->watch, &gateway->loop, settings->dir, on_change, follow);
    follow->timer = (struct loop_timer){.every_us = AT_ONCE_US, .ring = on_timer};
    loop_every(&gateway->loop, &follow->timer);
    const char *from = settings->is_from_end ? ", from now on" : ", from the oldest on";
    if (!gateway->is_quiet)
        complain("following %s in %s as %s%s", settings->base, settings->dir, store->state.producer,
                 store->is_new ? from : "");
}

uint64_t follow_left(struct follow *follow)
{
    struct follow_file *file = follow_current(follow);
    uint64_t left = follow_pick_left(&follow->store->state);
    struct stat status;
    if (file && file->fd >= 0 && fstat(file->fd, &status) == 0 && (uint64_t)status.st_size > follow->reader.offset)
        left += (uint64_t)status.st_size - follow->reader.offset;
    return left;
}

void follow_close(struct follow *follow)
{
    follow_leave_keep(follow);
    follow_watch_close(&follow->watch);
    follow_reader_fini(&follow->reader);
}
