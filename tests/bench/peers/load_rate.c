#include "tests/bench/peers/load_rate.h"

#include <stdio.h>
#include <time.h>

#include "tests/bench/child.h"

/* Of events that may be on their way; the broker holds 64 MiB of them before it drops some. */
#define WINDOW_EVENTS 16384u
#define WINDOW_BYTES  (16u << 20)

#define LOOK_EVERY 64u
#define WARM_UP_NS 500000000u

static unsigned window_of(const struct load *load)
{
    unsigned fitting = WINDOW_BYTES / load->event_len;
    return fitting < WINDOW_EVENTS ? fitting : WINDOW_EVENTS;
}

/* Sends for so long. The window is looked at now and then only: with a hundred consumers a look is not cheap. */
static void send_for(struct load_line *line, uint64_t duration_ns)
{
    static const struct timespec pause = {.tv_nsec = 20000};
    unsigned window = window_of(line->load);
    uint64_t end_ns = clock_ns() + duration_ns;
    while (clock_ns() < end_ns) {
        for (unsigned i = 0; i < LOOK_EVERY; i++)
            line_send(line);
        while (line->sent - line_received(line) > window && clock_ns() < end_ns)
            nanosleep(&pause, NULL);
    }
}

static struct load_rate measure(const struct peer *peer, const struct load *load, double duration_s)
{
    struct load_line line;
    line_open(&line, peer, load, (struct sink){0});
    const struct server *server = line.started;
    send_for(&line, WARM_UP_NS);
    struct server_usage before = server_usage(server);
    uint64_t count = line_received(&line);
    uint64_t start_ns = clock_ns();
    send_for(&line, (uint64_t)(duration_s * 1e9));
    count = line_received(&line) - count;
    double elapsed_s = (double)(clock_ns() - start_ns) / 1e9;
    struct server_usage after = server_usage(server);
    if (!line_drain(&line))
        printf("(%llu of %llu were lost) ", (unsigned long long)(line.sent - line_received(&line)),
               (unsigned long long)line.sent);
    line_close(&line);
    return (struct load_rate){(double)count / elapsed_s, (after.cpu_s - before.cpu_s) * 1e6 / (double)count,
                              after.memory_mb};
}

struct work {
    const struct peer *peer;
    const struct load *load;
    double duration_s;
    struct load_rate rate;
};

static void measure_work(void *shared)
{
    struct work *work = shared;
    work->rate = measure(work->peer, work->load, work->duration_s);
}

bool load_measure(const struct peer *peer, const struct load *load, double duration_s, struct load_rate *rate)
{
    static struct work *work;
    if (!work)
        work = child_share(sizeof *work);
    *work = (struct work){.peer = peer, .load = load, .duration_s = duration_s};
    bool is_well = child_run(measure_work, work);
    *rate = work->rate;
    return is_well;
}
