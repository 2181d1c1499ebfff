#include "broker/watchdog.h"

#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "broker/clock.h"
#include "broker/log.h"

/* How often memory is looked at, and from half of the limit on; the connections then. */
#define CALM_MS   100
#define TIGHT_MS  20
#define SURVEY_US 1000000
#define TRIM_US   1000000

/* Who does not read may stay so long above the limit; and so long when memory is a quarter above it. */
#define STALLED_US     1000000
#define STALLED_MIN_US 200000

/* How many looks ahead the limit must not be crossed at the rate of now. */
#define LOOKS_AHEAD 3

/* What makes connections guilty when memory is too much: holding a sixteenth of the limit together; or less, while memory
 * grows. One byte of a short message takes up to 30 in libzmq. */
#define GUILTY_SHARE   16
#define GROWING_SHARE  256
#define GROWING_MIN    (1u << 20)
#define GROWTH_MIN     (4u << 20)
#define HELD_BYTES_MIN 65536u

struct watchdog {
    struct watchdog_options options;
    struct connections connections;
    pthread_t thread;
    int stop_fd;
    int memory_fd;
    bool is_tight;
    uint64_t now_us;
    uint64_t resident_bytes; /* at the last look */
    uint64_t surveyed_bytes; /* when the connections were last looked at */
    uint64_t surveyed_us;
    uint64_t trimmed_us;
};

static uint64_t resident_bytes(const struct watchdog *watchdog)
{
    char text[128];
    unsigned long long pages = 0;
    ssize_t len = pread(watchdog->memory_fd, text, sizeof text - 1, 0);
    text[len > 0 ? len : 0] = '\0';
    return sscanf(text, "%*u %20llu", &pages) == 1 ? (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

static void survey(struct watchdog *watchdog)
{
    connections_look(&watchdog->connections, watchdog->now_us);
    watchdog->surveyed_us = watchdog->now_us;
    watchdog->surveyed_bytes = watchdog->resident_bytes;
}

static bool holds_more(const struct connection *connection, uint64_t than)
{
    return connection->held_bytes >= than;
}

static bool is_stalled_before(const struct connection *connection, uint64_t than)
{
    return connection->stalled_us > 0 && connection->stalled_us <= than;
}

static void tell(struct watchdog *watchdog, const struct connection_worst *worst, size_t count, const char *reason,
                 const char *what)
{
    struct denial denial = {.door = worst->door->name, .reason = reason, .count = count};
    denial_put(denial.address, sizeof denial.address, span_of_str(worst->address));
    denials_note(watchdog->options.denials, &denial);
    log_warning("memory is above max-memory (%llu of %llu MiB): ended %zu connections that %s, the worst of %s at %s "
                "(%llu MiB)",
                (unsigned long long)(watchdog->resident_bytes >> 20),
                (unsigned long long)(watchdog->options.limit_bytes >> 20), count, what, worst->address,
                worst->door->name, (unsigned long long)(worst->held_bytes >> 20));
}

/* Those that hold about as much as the worst. */
static bool end_guilty(struct watchdog *watchdog, bool is_growing)
{
    const struct connections *connections = &watchdog->connections;
    uint64_t limit = watchdog->options.limit_bytes;
    uint64_t growing_min = limit / GROWING_SHARE > GROWING_MIN ? limit / GROWING_SHARE : GROWING_MIN;
    if (connections->held_bytes < limit / GUILTY_SHARE && !(is_growing && connections->held_bytes >= growing_min))
        return false;
    uint64_t than = connections->worst_bytes / 2 > HELD_BYTES_MIN ? connections->worst_bytes / 2 : HELD_BYTES_MIN;
    struct connection_worst worst;
    size_t count = connections_end(&watchdog->connections, holds_more, than, &worst);
    if (count == 0)
        return false;
    stats_add(&watchdog->options.stats->connections_unburdened, count);
    tell(watchdog, &worst, count, "too much memory", "send more than can be read");
    return true;
}

static void end_stalled(struct watchdog *watchdog)
{
    struct connection_worst worst;
    uint64_t limit = watchdog->options.limit_bytes;
    uint64_t may_us = watchdog->resident_bytes > limit + limit / 4 ? STALLED_MIN_US : STALLED_US;
    if (watchdog->now_us < may_us)
        return;
    size_t count = connections_end(&watchdog->connections, is_stalled_before, watchdog->now_us - may_us, &worst);
    if (count == 0)
        return;
    stats_add(&watchdog->options.stats->connections_stalled, count);
    tell(watchdog, &worst, count, "does not read", "do not read what is sent to them");
}

/* What is free already is nobody's fault. */
static void trim(struct watchdog *watchdog)
{
    if (watchdog->now_us - watchdog->trimmed_us < TRIM_US)
        return;
    watchdog->trimmed_us = watchdog->now_us;
    malloc_trim(0);
    watchdog->resident_bytes = resident_bytes(watchdog);
}

static void begin_tight(struct watchdog *watchdog)
{
    watchdog->is_tight = true;
    atomic_store(&watchdog->options.taken->is_asked, true);
    survey(watchdog);
}

static void end_tight(struct watchdog *watchdog)
{
    watchdog->is_tight = false;
    atomic_store(&watchdog->options.taken->is_asked, false);
    connections_forget(&watchdog->connections);
}

static void look_while_tight(struct watchdog *watchdog, uint64_t before)
{
    uint64_t limit = watchdog->options.limit_bytes;
    uint64_t growth = watchdog->resident_bytes > before ? watchdog->resident_bytes - before : 0;
    if (watchdog->resident_bytes + LOOKS_AHEAD * growth <= limit) {
        if (watchdog->now_us - watchdog->surveyed_us >= SURVEY_US)
            survey(watchdog);
        return;
    }
    bool is_growing = watchdog->resident_bytes > watchdog->surveyed_bytes + GROWTH_MIN;
    survey(watchdog);
    if (end_guilty(watchdog, is_growing) || watchdog->resident_bytes <= limit)
        return;
    trim(watchdog);
    if (watchdog->resident_bytes > limit)
        end_stalled(watchdog);
}

static void look(struct watchdog *watchdog)
{
    uint64_t before = watchdog->resident_bytes;
    uint64_t limit = watchdog->options.limit_bytes;
    watchdog->now_us = clock_monotonic_us();
    watchdog->resident_bytes = resident_bytes(watchdog);
    if (watchdog->is_tight && watchdog->resident_bytes < limit / 8 * 3)
        end_tight(watchdog);
    else if (!watchdog->is_tight && watchdog->resident_bytes > limit / 2)
        begin_tight(watchdog);
    if (watchdog->is_tight)
        look_while_tight(watchdog, before);
}

static void *run(void *arg)
{
    struct watchdog *watchdog = arg;
    struct pollfd stop = {.fd = watchdog->stop_fd, .events = POLLIN};
    watchdog->resident_bytes = resident_bytes(watchdog);
    while (poll(&stop, 1, watchdog->is_tight ? TIGHT_MS : CALM_MS) <= 0)
        look(watchdog);
    return NULL;
}

static void release(struct watchdog **watchdog)
{
    connections_fini(&(*watchdog)->connections);
    if ((*watchdog)->stop_fd >= 0)
        close((*watchdog)->stop_fd);
    if ((*watchdog)->memory_fd >= 0)
        close((*watchdog)->memory_fd);
    free(*watchdog);
    *watchdog = NULL;
}

struct watchdog *watchdog_start(const struct watchdog_options *options)
{
    struct watchdog *watchdog = calloc(1, sizeof *watchdog);
    if (!watchdog)
        return NULL;
    watchdog->options = *options;
    connections_init(&watchdog->connections, options->doors, options->taken);
    watchdog->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    watchdog->memory_fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (watchdog->stop_fd < 0 || watchdog->memory_fd < 0 || pthread_create(&watchdog->thread, NULL, run, watchdog) != 0)
        release(&watchdog);
    return watchdog;
}

void watchdog_stop(struct watchdog **watchdog)
{
    uint64_t one = 1;
    if (!*watchdog)
        return;
    ssize_t written = write((*watchdog)->stop_fd, &one, sizeof one);
    (void)written; /* a counter that is full is readable too */
    pthread_join((*watchdog)->thread, NULL);
    release(watchdog);
}
