/* The same events through tocsind and through what people use in its place, each a process of its own on this
 * machine's loopback, one after the other in one run: read the ratios, not the figures.
 *
 *   bench_peers [-s SECONDS] [-r ROUNDS] [-w WORKLOAD | -x WORKLOAD] [-o FILE] [PEER...]
 *
 * A producer sends as fast as what it sent arrives (a window, so that nothing is dropped). PEER and WORKLOAD: parts of
 * their names (-x: all workloads but that); the first peer, zmq_proxy, is always measured, for it is the measure of the others. Of several rounds
 * the median counts. FILE gets the rows once more, with tabs between: workload, peer, setting, events/s, x proxy, processor time, MB. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/peers/load_rate.h"

#define ROUNDS_MAX 9

static const struct load loads[] = {
    {"350 bytes", 350, 1, 1, 1, 0},         {"16 topics", 350, 16, 1, 1, 0},
    {"150 bytes", 150, 1, 1, 1, 0},         {"4 KB", 4096, 1, 1, 1, 0},
    {"fan-in 100", 350, 16, 100, 1, 0},     {"fan-out 100", 350, 16, 1, 100, 0},
    {"10,000 topics", 350, 10000, 1, 1, 0}, {"1,000 filters", 350, 1000, 1, 1, 1000},
};

#define LOAD_COUNT (sizeof loads / sizeof *loads)

static int by_rate(const void *left, const void *right)
{
    double difference = ((const struct load_rate *)left)->events - ((const struct load_rate *)right)->events;
    return (difference > 0) - (difference < 0);
}

/* False when a round failed. */
static bool median(const struct peer *peer, const struct load *load, double duration_s, unsigned rounds,
                   struct load_rate *rate)
{
    struct load_rate figures[ROUNDS_MAX];
    for (unsigned i = 0; i < rounds; i++) {
        if (!load_measure(peer, load, duration_s, &figures[i]))
            return false;
    }
    qsort(figures, rounds, sizeof *figures, by_rate);
    *rate = figures[rounds / 2];
    return true;
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
        struct load_rate figures;
        if (!median(peer, load, choice->duration_s, choice->rounds, &figures)) {
            printf("%10s\n", "failed");
            continue;
        }
        if (i == 0)
            plain = figures.events;
        printf("%10.0f %8.2f %10.2f %8.1f\n", figures.events, figures.events / plain, figures.cpu_us,
               figures.memory_mb);
        if (choice->rows)
            fprintf(choice->rows, "%s\t%s\t%s\t%.0f\t%.3f\t%.2f\t%.1f\n", load->name, peer->name, peer->how,
                    figures.events, figures.events / plain, figures.cpu_us, figures.memory_mb);
        fflush(NULL);
    }
}

int main(int argc, char **argv)
{
    struct choice choice = {.duration_s = 2, .rounds = 1};
    const char *workload = "";
    const char *left_out = NULL;
    for (int letter; (letter = getopt(argc, argv, "s:r:w:x:o:")) != -1;) {
        if (letter == 's')
            choice.duration_s = strtod(optarg, NULL);
        else if (letter == 'r')
            choice.rounds = (unsigned)strtoul(optarg, NULL, 10);
        else if (letter == 'w')
            workload = optarg;
        else if (letter == 'x')
            left_out = optarg;
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
        if (strstr(loads[i].name, workload) && !(left_out && strstr(loads[i].name, left_out)))
            print_load(&loads[i], &choice);
    if (choice.rows)
        fclose(choice.rows);
    return 0;
}
