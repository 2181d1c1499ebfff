/* The same events through tocsind and through what people use in its place, each a process of its own on this
 * machine's loopback, one after the other in one run: read the ratios, not the figures.
 *
 *   bench_peers [-s SECONDS] [-r ROUNDS] [-w WORKLOAD] [-o FILE] [PEER...]
 *
 * A producer sends as fast as what it sent arrives (a window, so that nothing is dropped). PEER and WORKLOAD: parts of
 * their names; the first peer, zmq_proxy, is always measured, for it is the measure of the others. Of several rounds
 * the median counts. FILE gets the rows once more, with tabs between: workload, peer, setting, events/s, x proxy. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/peers/load.h"

#define WINDOW     16384u
#define LOOK_EVERY 64u
#define WARM_UP_NS 500000000u
#define ROUNDS_MAX 9

static const struct load loads[] = {
    {"350 bytes", 350, 1, 1, 1, 0},         {"16 topics", 350, 16, 1, 1, 0},
    {"150 bytes", 150, 1, 1, 1, 0},         {"4 KB", 4096, 1, 1, 1, 0},
    {"fan-in 100", 350, 16, 100, 1, 0},     {"fan-out 100", 350, 16, 1, 100, 0},
    {"10,000 topics", 350, 10000, 1, 1, 0}, {"1,000 filters", 350, 1000, 1, 1, 1000},
};

#define LOAD_COUNT (sizeof loads / sizeof *loads)

struct figures {
    double rate;      /* events a second that reached every consumer */
    double cpu_us;    /* processor time of the server for each */
    double memory_mb; /* of the server, at the end */
};

/* Sends for so long. The window is looked at now and then only: with a hundred consumers a look is not cheap. */
static void send_for(struct line *line, uint64_t duration_ns)
{
    static const struct timespec pause = {.tv_nsec = 20000};
    uint64_t end_ns = clock_ns() + duration_ns;
    while (clock_ns() < end_ns) {
        for (unsigned i = 0; i < LOOK_EVERY; i++)
            line_send(line);
        while (line->sent - line_received(line) > WINDOW && clock_ns() < end_ns)
            nanosleep(&pause, NULL);
    }
}

static struct figures measure(const struct peer *peer, const struct load *load, double duration_s)
{
    struct line line;
    line_open(&line, peer, load, (struct sink){0});
    const struct server *server = peer->server(line.started);
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
    return (struct figures){(double)count / elapsed_s, (after.cpu_s - before.cpu_s) * 1e6 / (double)count,
                            after.memory_mb};
}

static int by_rate(const void *left, const void *right)
{
    double difference = ((const struct figures *)left)->rate - ((const struct figures *)right)->rate;
    return (difference > 0) - (difference < 0);
}

static struct figures median(const struct peer *peer, const struct load *load, double duration_s, unsigned rounds)
{
    struct figures figures[ROUNDS_MAX];
    for (unsigned i = 0; i < rounds; i++)
        figures[i] = measure(peer, load, duration_s);
    qsort(figures, rounds, sizeof *figures, by_rate);
    return figures[rounds / 2];
}

struct choice {
    double duration_s;
    unsigned rounds;
    char **peers;
    int peer_count;
    FILE *rows; /* NULL: not wanted */
};

static void print_load(const struct load *load, const struct choice *choice)
{
    double plain = 0;
    printf("\n%s: %u bytes, %u topics, %u to %u\n%-14s %-28s %10s %8s %10s %8s\n", load->name, load->event_len,
           load->topics, load->producers, load->consumers, "", "", "events/s", "x proxy", "CPU us/ev", "MB");
    for (size_t i = 0; peers[i]; i++) {
        const struct peer *peer = peers[i];
        if (i > 0 && !peer_is_wanted(peer, choice->peers, choice->peer_count))
            continue;
        printf("%-14s %-28s ", peer->name, peer->how);
        if (load->filters > 0 && !peer->has_filters) {
            printf("%10s\n", "no filters");
            continue;
        }
        if (!peer_exists(peer)) {
            printf("%10s\n", "not there");
            continue;
        }
        struct figures figures = median(peer, load, choice->duration_s, choice->rounds);
        if (i == 0)
            plain = figures.rate;
        printf("%10.0f %8.2f %10.2f %8.1f\n", figures.rate, figures.rate / plain, figures.cpu_us, figures.memory_mb);
        if (choice->rows)
            fprintf(choice->rows, "%s\t%s\t%s\t%.0f\t%.3f\n", load->name, peer->name, peer->how, figures.rate,
                    figures.rate / plain);
        fflush(NULL);
    }
}

int main(int argc, char **argv)
{
    struct choice choice = {.duration_s = 2, .rounds = 1};
    const char *workload = "";
    for (int letter; (letter = getopt(argc, argv, "s:r:w:o:")) != -1;) {
        if (letter == 's')
            choice.duration_s = strtod(optarg, NULL);
        else if (letter == 'r')
            choice.rounds = (unsigned)strtoul(optarg, NULL, 10);
        else if (letter == 'w')
            workload = optarg;
        else if (letter == 'o' && !choice.rows)
            choice.rows = fopen(optarg, "w");
        else
            return 2;
    }
    if (choice.duration_s <= 0 || choice.rounds < 1 || choice.rounds > ROUNDS_MAX) {
        fprintf(stderr, "seconds above 0 and 1 to %d rounds\n", ROUNDS_MAX);
        return 2;
    }
    choice.peers = argv + optind;
    choice.peer_count = argc - optind;
    for (size_t i = 0; i < LOAD_COUNT; i++)
        if (strstr(loads[i].name, workload))
            print_load(&loads[i], &choice);
    if (choice.rows)
        fclose(choice.rows);
    return 0;
}
