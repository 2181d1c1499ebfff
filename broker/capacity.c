#include "broker/capacity.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "broker/clock.h"
#include "broker/descriptors.h"
#include "broker/log.h"
#include "broker/owners.h"

#define CALM_MS 100
#define FEW_MS  10 /* while few descriptors are left */

/* Fewer connections than that are worth a warning at the start. */
#define ROOM_MIN 100

struct capacity {
    struct capacity_options options;
    struct descriptors descriptors;
    struct owners owners;
    pthread_t thread;
    int stop_fd;
    struct log_limit full_limit;
    uint64_t shut; /* connections, in all */
};

static void tell_full(struct capacity *capacity, uint64_t now_us)
{
    const struct descriptors *descriptors = &capacity->descriptors;
    struct denial denial = {.door = "all", .reason = "too many connections", .count = descriptors->shut};
    uint64_t suppressed;
    if (descriptors->is_full && log_limit_passes(&capacity->full_limit, now_us, &suppressed))
        log_warning("there are as many connections as there may be (max-connections, RLIMIT_NOFILE): no more come in "
                    "until some have ended");
    if (denial.count == 0 && descriptors->is_full)
        denial.count = 1;
    denial_put(denial.address, sizeof denial.address, span_of_str(descriptors->address));
    if (denial.count > 0)
        denials_note(capacity->options.denials, &denial);
}

static void look(struct capacity *capacity)
{
    uint64_t now_us = clock_monotonic_us();
    struct descriptors *descriptors = &capacity->descriptors;
    bool was_full = descriptors->is_full;
    if (descriptors_look(descriptors)) {
        capacity->shut += descriptors->shut;
        tell_full(capacity, now_us);
    }
    if (was_full && !descriptors->is_full)
        log_info("connections come in again");
    if (capacity->options.gate)
        owners_look(&capacity->owners, capacity->options.arrivals, now_us, clock_wall_us());
    stats_set(&capacity->options.stats->connections_refusing, descriptors->is_full);
    stats_set(&capacity->options.stats->connections_beyond, capacity->shut);
    stats_set(&capacity->options.stats->connections_of_keys, capacity->owners.known);
    stats_set(&capacity->options.stats->connections_of_keys_ended, capacity->owners.ended);
}

static void *run(void *arg)
{
    struct capacity *capacity = arg;
    struct pollfd stop = {.fd = capacity->stop_fd, .events = POLLIN};
    while (poll(&stop, 1, descriptors_are_few(&capacity->descriptors) ? FEW_MS : CALM_MS) <= 0)
        look(capacity);
    return NULL;
}

static void release(struct capacity **capacity)
{
    owners_fini(&(*capacity)->owners);
    if ((*capacity)->stop_fd >= 0)
        close((*capacity)->stop_fd);
    free(*capacity);
    *capacity = NULL;
}

struct capacity *capacity_start(const struct capacity_options *options)
{
    struct capacity *capacity = calloc(1, sizeof *capacity);
    if (!capacity)
        return NULL;
    capacity->options = *options;
    capacity->full_limit.interval_us = 10000000;
    capacity->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    bool is_whole = owners_init(&capacity->owners, capacity->options.doors, options->gate, options->denials);
    descriptors_init(&capacity->descriptors, capacity->options.doors, options->max_connections);
    size_t room = descriptors_room(&capacity->descriptors);
    if (room < ROOM_MIN && room < options->max_connections)
        log_warning(
            "there can be only %zu connections: give the process more file descriptors (LimitNOFILE, ulimit -Hn)",
            room);
    if (!is_whole || capacity->stop_fd < 0 || pthread_create(&capacity->thread, NULL, run, capacity) != 0)
        release(&capacity);
    return capacity;
}

void capacity_stop(struct capacity **capacity)
{
    uint64_t one = 1;
    if (!*capacity)
        return;
    ssize_t written = write((*capacity)->stop_fd, &one, sizeof one);
    (void)written; /* a counter that is full is readable too */
    pthread_join((*capacity)->thread, NULL);
    release(capacity);
}
