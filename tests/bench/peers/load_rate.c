#include "tests/bench/peers/load_rate.h"

#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

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

static struct load_rate measure(struct load_line *line, double duration_s)
{
    const struct server *server = line->started;
    send_for(line, WARM_UP_NS);
    struct server_usage before = server_usage(server);
    uint64_t count = line_received(line);
    uint64_t start_ns = clock_ns();
    send_for(line, (uint64_t)(duration_s * 1e9));
    count = line_received(line) - count;
    double elapsed_s = (double)(clock_ns() - start_ns) / 1e9;
    struct server_usage after = server_usage(server);
    if (!line_drain(line))
        printf("(%llu of %llu were lost) ", (unsigned long long)(line->sent - line_received(line)),
               (unsigned long long)line->sent);
    return (struct load_rate){(double)count / elapsed_s, (after.cpu_s - before.cpu_s) * 1e6 / (double)count,
                              after.memory_mb};
}

/* In the child: an answer to each duration that it is told, until that is 0. */
static void stand(const struct peer *peer, const struct load *load, int fd)
{
    struct load_line line;
    struct load_rate rate = {0};
    double duration_s;
    line_open(&line, peer, load, (struct sink){0});
    while (write(fd, &rate, sizeof rate) == sizeof rate &&
           read(fd, &duration_s, sizeof duration_s) == sizeof duration_s && duration_s > 0) {
        rate = measure(&line, duration_s);
        fflush(NULL);
    }
    line_close(&line);
}

struct place {
    const struct peer *peer;
    const struct load *load;
    int fd;
};

static void take_place(void *context)
{
    const struct place *place = context;
    stand(place->peer, place->load, place->fd);
}

static bool hear(const struct load_stand *stand, struct load_rate *rate)
{
    return read(stand->fd, rate, sizeof *rate) == sizeof *rate;
}

bool load_stand_open(struct load_stand *stand, const struct peer *peer, const struct load *load)
{
    int ends[2];
    struct load_rate none;
    peer_check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0, "bench", "socketpair");
    struct place place = {peer, load, ends[1]};
    *stand = (struct load_stand){child_start(take_place, &place), ends[0]};
    close(ends[1]);
    return hear(stand, &none);
}

bool load_stand_measure(const struct load_stand *stand, double duration_s, struct load_rate *rate)
{
    return send(stand->fd, &duration_s, sizeof duration_s, MSG_NOSIGNAL) == sizeof duration_s && hear(stand, rate);
}

bool load_stand_close(struct load_stand *stand)
{
    static const double over = 0;
    bool is_told = send(stand->fd, &over, sizeof over, MSG_NOSIGNAL) == sizeof over;
    close(stand->fd);
    return child_wait(stand->child) && is_told;
}

bool load_measure(const struct peer *peer, const struct load *load, double duration_s, struct load_rate *rate)
{
    struct load_stand stand;
    bool is_well = load_stand_open(&stand, peer, load) && load_stand_measure(&stand, duration_s, rate);
    return load_stand_close(&stand) && is_well;
}
