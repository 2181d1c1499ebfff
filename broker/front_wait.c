/* The front's sleep. The thread that is to go on has often been woken on this very processor and waits until this one
 * sleeps, so little is done before that: each socket is asked once whether something has come (which also takes in what
 * its I/O thread has told it: its descriptor speaks of news only), where zmq_poll would poll twice and ask before and
 * behind. */
#include <poll.h>
#include <unistd.h>

#include "broker/clock.h"
#include "broker/front_internal.h"

#define MOVE_INTERVAL_US 10000 /* when nothing else wakes us */

/* What is waited for, but for the two that come first: the journal and the stop. */
struct sleep {
    struct pollfd fds[5 + DOOR_REALMS_MAX];
    nfds_t count;
    bool has_more; /* there is something already */
};

static void add_socket(struct sleep *sleep, void *socket)
{
    int fd = -1, events = ZMQ_POLLIN; /* of a socket that is of no use any more the reader is to find that out */
    size_t fd_size = sizeof fd, events_size = sizeof events;
    zmq_getsockopt(socket, ZMQ_FD, &fd, &fd_size);
    zmq_getsockopt(socket, ZMQ_EVENTS, &events, &events_size);
    sleep->has_more = sleep->has_more || (events & ZMQ_POLLIN);
    sleep->fds[sleep->count++] = (struct pollfd){.fd = fd, .events = POLLIN};
}

static void add_door(struct sleep *sleep, const struct door *door, bool is_read)
{
    if (door->socket && is_read && !sleep->has_more)
        add_socket(sleep, door->socket);
}

static uint64_t due_at_us(const struct front *front, uint64_t now_us)
{
    uint64_t due_us = front->next_beat_us;
    if (front->guard.next_kick_us > 0 && front->guard.next_kick_us < due_us)
        due_us = front->guard.next_kick_us;
    if (front->append && append_is_holding(front->append) && front->next_release_us < due_us)
        due_us = front->next_release_us;
    return waiting_has_queue(&front->waiting) ? now_us + MOVE_INTERVAL_US : due_us;
}

static void sleep_until_due(struct front *front, struct sleep *sleep)
{
    uint64_t now_us = clock_monotonic_us(), due_us = due_at_us(front, now_us);
    poll(sleep->fds, sleep->count, now_us < due_us ? (int)((due_us - now_us) / 1000) + 1 : 0);
    shares_idle(&front->shares, clock_monotonic_us() - now_us);
    uint64_t woken;
    ssize_t got = sleep->fds[1].revents != 0 ? read(front->stop_fd, &woken, sizeof woken) : 0;
    (void)got;
}

void front_wait(struct front *front)
{
    const struct front_options *options = &front->options;
    struct sleep sleep = {
        .fds = {{.fd = ring_fd(options->settled), .events = POLLIN}, {.fd = front->stop_fd, .events = POLLIN}},
        .count = 2,
    };
    add_door(&sleep, options->ingest, true);
    add_door(&sleep, options->append, true);
    add_door(&sleep, options->live, options->live->is_secured);
    for (size_t i = 0; i < options->realm_count; i++)
        add_door(&sleep, &options->realms[i], options->realms[i].is_secured);
    if (sleep.has_more || !ring_arm(options->settled))
        return;
    sleep_until_due(front, &sleep);
    ring_disarm(options->settled);
}
