/* From one file to the next: what was read is acknowledged and kept, together with the name of the next one, before a
 * line of that is read. So the number of a line follows from the state and the bytes alone. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "client/clock.h"
#include "client/complain.h"
#include "client/gateway/follow.h"

void follow_leave_for(struct follow *follow, struct follow_pick target)
{
    follow->target = target;
    follow->phase = FOLLOW_LEAVING;
}

void follow_leave_gone(struct follow *follow)
{
    follow_leave_for(follow, (struct follow_pick){SIZE_MAX, 0});
}

void follow_leave_for_itself(struct follow *follow)
{
    follow_leave_for(follow, (struct follow_pick){follow->store->state.current, follow->store->state.end});
}

bool follow_leave_is_due(const struct follow *follow)
{
    uint64_t last_n;
    return sink_last_n(follow->sink, &last_n) && follow_taken(follow) < last_n;
}

static bool keep(struct follow *follow)
{
    follow->saved_us = clock_now_us();
    if (follow_store_keep(follow->store))
        return true;
    follow_tell(follow, follow->store->file.path, "cannot be written", strerror(errno));
    return false;
}

void follow_leave_keep(struct follow *follow)
{
    struct follow_file *file = follow_current(follow);
    struct follow_place place;
    struct follow_mark mark;
    if (!file || follow->phase != FOLLOW_READING ||
        !follow_passed_take(&follow->passed, follow_settled(follow), &place) || file->fd < 0 ||
        !follow_mark_make(&mark, file->fd, place.offset) || !follow_mark_holds(&follow->read, file->fd))
        return;
    file->mark = mark;
    follow->store->state.n = place.n;
    keep(follow);
}

/* Gives away the numbers that the broker has for lines which are no longer there: it would take the next lines for
 * them. It keeps what it has, so these are never sent. */
static void pass_over_numbers(struct follow *follow)
{
    struct tocsin_event *event = follow->gateway->event;
    uint64_t last_n;
    if (!sink_last_n(follow->sink, &last_n) || last_n <= follow_taken(follow))
        return;
    complain("%s: the broker has %" PRIu64
             " events more than can be read again: lines are gone, or files were changed; "
             "some may be logged twice",
             follow->scan.dir, last_n - follow_taken(follow));
    tocsin_event_set(event, TOCSIN_LEVEL_INFO, "GatewayEvent", "Nothing", "-", "");
    while (follow_taken(follow) < last_n && sink_put(follow->sink, event, "number", NULL) == TOCSIN_OK) {
    }
}

void follow_leave_begin(struct follow *follow)
{
    struct follow_file *file = follow_current(follow);
    follow->passed.count = 0;
    follow->phase = FOLLOW_READING;
    if (!file)
        return;
    follow->read = file->mark;
    if (follow_scan_open(&follow->scan, file)) {
        follow_reader_begin(&follow->reader, file->fd, file->mark.offset);
        return;
    }
    follow->phase = FOLLOW_FINDING; /* it was renamed just now, or cannot be opened: that is told */
}

/* The index of the next file; file_count: none. It must be told from others by now: if it was cut back since it was
 * picked it cannot be. */
static size_t find_target(struct follow *follow)
{
    struct follow_state *state = &follow->store->state;
    if (follow->target.index >= state->file_count)
        return state->file_count;
    struct follow_file *file = &state->files[follow->target.index];
    if (file->fd >= 0)
        follow_mark_extend(&file->mark, file->fd);
    return file->mark.head_len > 0 ? follow->target.index : state->file_count;
}

bool follow_leave_finish(struct follow *follow)
{
    struct follow_state *state = &follow->store->state;
    struct follow_file *file = follow_current(follow);
    pass_over_numbers(follow);
    if (follow_settled(follow) < follow_taken(follow))
        return false;
    if (file)
        file->mark = follow->read;
    state->n = follow_taken(follow);
    state->current = find_target(follow);
    state->end = follow->target.end;
    if (!keep(follow))
        return false;
    follow_leave_begin(follow);
    return true;
}
