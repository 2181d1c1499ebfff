/* How long an event of 350 bytes takes from the moment when it was due at its producer to its consumer, at steady rates,
 * through tocsind and through what people use in its place.
 *
 *   bench_latency [-s SECONDS] [PEER...]        (PEER: part of a name; zmq_proxy, the measure of the others, always)
 *
 * The load is open: events are due at even distances whether or not those before have arrived, and time counts from
 * when an event was due, not from when it was sent, so that a server that stands still is not spared. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/peers/load.h"

#define WARM_UP_S 0.5

/* Times in powers of two, each in so many parts: an error below 2 %. */
#define PARTS     64u
#define POWERS    40u
#define PART_BITS 6u

struct histogram {
    uint64_t counts[POWERS * PARTS];
    uint64_t total;
    uint64_t longest_ns;
    uint64_t begin_ns; /* what was due before is warming up */
};

static const struct load one_topic = {"latency", 350, 1, 1, 1, 0};
static const unsigned rates[] = {1000, 20000, 100000};

static unsigned part_of(uint64_t ns)
{
    if (ns < PARTS)
        return (unsigned)ns;
    unsigned power = 63u - (unsigned)__builtin_clzll(ns) - PART_BITS;
    unsigned part = (power + 1) * PARTS + (unsigned)((ns >> power) & (PARTS - 1));
    return part < POWERS * PARTS ? part : POWERS * PARTS - 1;
}

static double part_us(unsigned part)
{
    if (part < PARTS)
        return part / 1e3;
    unsigned power = part / PARTS - 1;
    return (double)((uint64_t)(PARTS + part % PARTS) << power) / 1e3;
}

/* In the consumer's thread. */
static void note(void *context, const char *stamp)
{
    struct histogram *histogram = context;
    uint64_t due_ns = stamp_ns(stamp);
    uint64_t now_ns = clock_ns();
    if (due_ns < histogram->begin_ns || due_ns > now_ns)
        return;
    uint64_t took_ns = now_ns - due_ns;
    histogram->counts[part_of(took_ns)]++;
    histogram->total++;
    if (took_ns > histogram->longest_ns)
        histogram->longest_ns = took_ns;
}

static double percentile_us(const struct histogram *histogram, double share)
{
    uint64_t wanted = (uint64_t)((double)histogram->total * share);
    uint64_t seen = 0;
    for (unsigned part = 0; part < POWERS * PARTS; part++) {
        seen += histogram->counts[part];
        if (seen > wanted)
            return part_us(part);
    }
    return (double)histogram->longest_ns / 1e3;
}

static void sleep_until(uint64_t ns)
{
    struct timespec when = {.tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u)};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL);
}

static void measure(const struct peer *peer, unsigned rate, double duration_s, struct histogram *histogram)
{
    struct line line;
    *histogram = (struct histogram){.begin_ns = UINT64_MAX};
    line_open(&line, peer, &one_topic, (struct sink){.on_event = note, .context = histogram});
    uint64_t start_ns = clock_ns();
    histogram->begin_ns = start_ns + (uint64_t)(WARM_UP_S * 1e9);
    uint64_t count = (uint64_t)((WARM_UP_S + duration_s) * rate);
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

static bool is_wanted(const struct peer *peer, char **wanted, int count)
{
    bool is_named = count == 0;
    for (int i = 0; i < count; i++)
        is_named = is_named || strstr(peer->name, wanted[i]) || strstr(peer->how, wanted[i]);
    return is_named;
}

static void print_rate(unsigned rate, double duration_s, char **wanted, int count)
{
    static struct histogram histogram;
    double plain_us = 0;
    printf("\n%u events a second, microseconds\n%-14s %-28s %9s %9s %9s %9s %8s\n", rate, "", "", "p50", "p99", "p99.9",
           "longest", "x proxy");
    for (size_t i = 0; peers[i]; i++) {
        const struct peer *peer = peers[i];
        if ((i > 0 && !is_wanted(peer, wanted, count)) || (peer->program && !server_exists(peer->program)))
            continue;
        measure(peer, rate, duration_s, &histogram);
        double p99_us = percentile_us(&histogram, 0.99);
        if (i == 0)
            plain_us = p99_us;
        printf("%-14s %-28s %9.0f %9.0f %9.0f %9.0f %8.2f\n", peer->name, peer->how, percentile_us(&histogram, 0.5),
               p99_us, percentile_us(&histogram, 0.999), (double)histogram.longest_ns / 1e3, p99_us / plain_us);
        fflush(stdout);
    }
}

int main(int argc, char **argv)
{
    double duration_s = 3;
    for (int letter; (letter = getopt(argc, argv, "s:")) != -1;) {
        if (letter != 's')
            return 2;
        duration_s = strtod(optarg, NULL);
    }
    prctl(PR_SET_TIMERSLACK, 1); /* nanosecond: the sender wakes when an event is due */
    printf("from when an event was due to its consumer; x proxy: p99 as a multiple of zmq_proxy's\n");
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++)
        print_rate(rates[i], duration_s, argv + optind, argc - optind);
    return 0;
}
