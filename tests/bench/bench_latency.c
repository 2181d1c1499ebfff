/* How long an event of 350 bytes takes from the moment when it was due at its producer to its consumer, at steady rates,
 * through tocsind and through what people use in its place.
 *
 *   bench_latency [-e RATE] [-s SECONDS] [-r ROUNDS] [-o FILE] [PEER...]      (PEER: part of a name, else tocsind and
 *                                            nats-server; zmq_proxy, the measure of the others, always)
 *
 * The load is open: events are due at even distances whether or not those before have arrived, and time counts from
 * when an event was due, not from when it was sent, so that a server that stands still is not spared. The peers take
 * turns, in rounds of so many seconds each, and each figure is the median of its rounds; "x proxy" is the median of the
 * ratios within a round, so that what the machine does meanwhile it does to both. RATE: events a second, one alone. FILE
 * gets the rows once more, with tabs between: rate, peer, setting, p50, p99, p99.9, x proxy. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/child.h"
#include "tests/bench/histogram.h"
#include "tests/bench/median.h"
#include "tests/bench/peers/load.h"

#define WARM_UP_S  0.5
#define ROUNDS_MAX 15
#define PEERS_MAX  64

struct times {
    struct histogram histogram;
    uint64_t begin_ns; /* what was due before is warming up */
};

static const struct load one_topic = {"latency", 350, 1, 1, 1, 0};
static const unsigned rates[] = {1000, 20000, 100000};

/* In the consumer's thread. */
static void note(void *context, const char *stamp)
{
    struct times *times = context;
    uint64_t due_ns = stamp_ns(stamp);
    uint64_t now_ns = clock_ns();
    if (due_ns >= times->begin_ns && due_ns <= now_ns)
        histogram_note(&times->histogram, now_ns - due_ns);
}

static void sleep_until(uint64_t ns)
{
    struct timespec when = {.tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u)};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL);
}

struct work {
    const struct peer *peer;
    unsigned rate; /* events a second */
    double duration_s;
    struct times times;
};

static void measure(void *shared)
{
    struct work *work = shared;
    struct times *times = &work->times;
    unsigned rate = work->rate;
    struct load_line line;
    *times = (struct times){.begin_ns = UINT64_MAX};
    line_open(&line, work->peer, &one_topic, (struct sink){.on_event = note, .context = times});
    uint64_t start_ns = clock_ns();
    times->begin_ns = start_ns + (uint64_t)(WARM_UP_S * 1e9);
    uint64_t count = (uint64_t)((WARM_UP_S + work->duration_s) * rate);
    for (uint64_t i = 0; i < count; i++) {
        uint64_t due_ns = start_ns + i * 1000000000u / rate;
        if (clock_ns() < due_ns)
            sleep_until(due_ns);
        event_stamp(&line.events[0], due_ns);
        line_send(&line);
    }
    if (!line_drain(&line))
        printf("(events were lost) ");
    line_close(&line);
}

struct choice {
    unsigned rate; /* 0: all */
    double duration_s;
    unsigned rounds;
    char **peers;
    int peer_count;
    FILE *rows; /* NULL: not wanted */
};

/* Microseconds, a figure a round. */
struct row {
    const struct peer *peer;
    double p50[ROUNDS_MAX], p99[ROUNDS_MAX], p999[ROUNDS_MAX], longest[ROUNDS_MAX];
    double times[ROUNDS_MAX]; /* the p99 as a multiple of zmq_proxy's */
    bool has_failed;
};

static void run_turn(struct row *row, unsigned rate, unsigned round, const struct row *plain,
                     const struct choice *choice)
{
    static struct work *work;
    if (!work)
        work = child_share(sizeof *work);
    *work = (struct work){.peer = row->peer, .rate = rate, .duration_s = choice->duration_s};
    const struct histogram *histogram = &work->times.histogram;
    row->has_failed = row->has_failed || !child_run(measure, work);
    row->p50[round] = histogram_us(histogram, 0.5);
    row->p99[round] = histogram_us(histogram, 0.99);
    row->p999[round] = histogram_us(histogram, 0.999);
    row->longest[round] = (double)histogram->longest_ns / 1e3;
    row->times[round] = plain->p99[round] > 0 ? row->p99[round] / plain->p99[round] : 0;
}

static void print_row(struct row *row, unsigned rate, const struct choice *choice)
{
    const struct peer *peer = row->peer;
    if (row->has_failed) {
        printf("%-14s %-28s %9s\n", peer->name, peer->how, "failed");
        return;
    }
    double p50_us = median(row->p50, choice->rounds);
    double p99_us = median(row->p99, choice->rounds);
    double p999_us = median(row->p999, choice->rounds);
    double times = median(row->times, choice->rounds);
    printf("%-14s %-28s %9.0f %9.0f %9.0f %9.0f %8.2f\n", peer->name, peer->how, p50_us, p99_us, p999_us,
           median(row->longest, choice->rounds), times);
    if (choice->rows)
        fprintf(choice->rows, "%u\t%s\t%s\t%.0f\t%.0f\t%.0f\t%.2f\n", rate, peer->name, peer->how, p50_us, p99_us,
                p999_us, times);
    fflush(NULL);
}

static unsigned choose_rows(struct row *rows, const struct choice *choice)
{
    unsigned count = 0;
    for (size_t i = 0; peers[i] && count < PEERS_MAX; i++) {
        if ((i == 0 || peer_is_wanted(peers[i], choice->peers, choice->peer_count)) && peer_exists(peers[i]))
            rows[count++] = (struct row){.peer = peers[i]};
    }
    return count;
}

static void print_rate(unsigned rate, const struct choice *choice)
{
    static struct row rows[PEERS_MAX];
    unsigned count = choose_rows(rows, choice);
    printf("\n%u events a second, microseconds\n%-14s %-28s %9s %9s %9s %9s %8s\n", rate, "", "", "p50", "p99", "p99.9",
           "longest", "x proxy");
    for (unsigned round = 0; round < choice->rounds; round++) {
        for (unsigned i = 0; i < count; i++)
            run_turn(&rows[i], rate, round, &rows[0], choice);
    }
    for (unsigned i = 0; i < count; i++)
        print_row(&rows[i], rate, choice);
}

static bool read_choice(int argc, char **argv, struct choice *choice)
{
    for (int letter; (letter = getopt(argc, argv, "e:s:r:o:")) != -1;) {
        if (letter == 'e')
            choice->rate = (unsigned)strtoul(optarg, NULL, 10);
        else if (letter == 's')
            choice->duration_s = strtod(optarg, NULL);
        else if (letter == 'r')
            choice->rounds = (unsigned)strtoul(optarg, NULL, 10);
        else if (letter == 'o' && !choice->rows)
            choice->rows = fopen(optarg, "w");
        else
            return false;
    }
    if (optind < argc) {
        choice->peers = argv + optind;
        choice->peer_count = argc - optind;
    }
    return choice->duration_s > 0 && choice->rounds > 0 && choice->rounds <= ROUNDS_MAX;
}

int main(int argc, char **argv)
{
    /* those that send an event when they are given it, or soon; the others' producers collect until something is full */
    static char *usual[] = {"tocsind", "nats-server"};
    struct choice choice = {.duration_s = 1, .rounds = 7, .peers = usual, .peer_count = 2};
    if (!read_choice(argc, argv, &choice)) {
        fprintf(stderr, "seconds above 0 and 1 to %d rounds\n", ROUNDS_MAX);
        return 2;
    }
    prctl(PR_SET_TIMERSLACK, 1); /* nanosecond: the sender wakes when an event is due */
    printf("from when an event was due to its consumer; x proxy: p99 as a multiple of zmq_proxy's\n");
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        if (choice.rate == 0 || choice.rate == rates[i])
            print_rate(rates[i], &choice);
    }
    if (choice.rows)
        fclose(choice.rows);
    return 0;
}
