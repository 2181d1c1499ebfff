/* What an event costs as the work around it grows: more subscribers, more topics, a longer log. One producer by the
 * library, events of 350 bytes, `interval` sync.
 *
 *   bench_growth [-s SECONDS] [-m MEGABYTES] [-o FILE]      (MEGABYTES: of the longest log, default 10000)
 *
 * "sent" is what reaches each subscriber, "delivered" what reaches all of them together; processor time is the broker's
 * for each that is delivered. FILE gets the rows once more, with tabs between: what grows, how much, sent/s,
 * delivered/s, processor time, MB. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "tests/bench/bench_stream_log.h"
#include "tests/bench/peers/load_rate.h"
#include "tests/bench/peers/peer_tocsin.h"

struct choice {
    double duration_s;
    uint64_t log_mb;
    FILE *rows; /* NULL: not wanted */
};

static void measure(const char *what, const char *amount, const struct load *load, const struct choice *choice)
{
    struct load_rate rate;
    if (!load_measure(&peer_tocsin_interval, load, choice->duration_s, &rate)) {
        printf("%-12s %10s %12s\n", what, amount, "failed");
        return;
    }
    double delivered = rate.events * load->consumers;
    double cpu_us = rate.cpu_us / load->consumers;
    printf("%-12s %10s %12.0f %12.0f %10.2f %8.1f\n", what, amount, rate.events, delivered, cpu_us, rate.memory_mb);
    if (choice->rows)
        fprintf(choice->rows, "%s\t%s\t%.0f\t%.0f\t%.3f\t%.1f\n", what, amount, rate.events, delivered, cpu_us,
                rate.memory_mb);
    fflush(NULL);
}

static void grow_subscribers(const struct choice *choice)
{
    static const unsigned counts[] = {1, 10, 100};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        char amount[16];
        struct load load = {"subscribers", 350, 1, 1, counts[i], 0};
        snprintf(amount, sizeof amount, "%u", counts[i]);
        measure(load.name, amount, &load, choice);
    }
}

static void grow_topics(const struct choice *choice)
{
    static const unsigned counts[] = {1, 100, 10000};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        char amount[16];
        struct load load = {"topics", 350, counts[i], 1, 1, 0};
        snprintf(amount, sizeof amount, "%u", counts[i]);
        measure(load.name, amount, &load, choice);
    }
}

static uint64_t room_mb(void)
{
    struct statvfs space;
    bench_must(statvfs("/tmp", &space) == 0, "/tmp");
    return (uint64_t)space.f_bavail * space.f_frsize / 2 / 1000000;
}

/* The broker goes on with a log that was there. */
static void grow_log(const struct choice *choice)
{
    static const unsigned parts[] = {100, 10, 1};
    static struct bench_log log;
    static const struct load load = {"log", 350, 1, 1, 1, 0};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        char amount[16];
        uint64_t mb = choice->log_mb < room_mb() ? choice->log_mb / parts[i] : room_mb() / parts[i];
        snprintf(amount, sizeof amount, "%.1f GB", (double)mb / 1000);
        log = (struct bench_log){0};
        bench_log_make(&log, mb * 1000000);
        log_file_close(&log.file);
        peer_tocsin_use_log(log.dir);
        measure(load.name, amount, &load, choice);
        peer_tocsin_use_log(NULL);
        bench_log_remove(&log);
    }
}

int main(int argc, char **argv)
{
    struct choice choice = {.duration_s = 3, .log_mb = 10000};
    for (int letter; (letter = getopt(argc, argv, "s:m:o:")) != -1;) {
        if (letter == 's')
            choice.duration_s = strtod(optarg, NULL);
        else if (letter == 'm')
            choice.log_mb = strtoull(optarg, NULL, 10);
        else if (letter == 'o' && !choice.rows)
            choice.rows = fopen(optarg, "w");
        else
            return 2;
    }
    bench_must(sodium_init() >= 0, "no libsodium");
    printf("%-12s %10s %12s %12s %10s %8s\n", "", "", "sent/s", "delivered/s", "CPU us", "MB");
    grow_subscribers(&choice);
    grow_topics(&choice);
    grow_log(&choice);
    if (choice.rows)
        fclose(choice.rows);
    return 0;
}
