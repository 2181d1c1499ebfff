/* What an event costs as the work around it grows: more subscribers, more topics, a longer log. One producer by the
 * library, events of 350 bytes, `interval` sync.
 *
 *   bench_growth [-w WHAT] [-s SECONDS] [-r ROUNDS] [-m MEGABYTES] [-o FILE]
 *
 * The rows of a kind are brokers that stand side by side and are measured in turns, in rounds of so many seconds each, and
 * the median is told: what the machine does meanwhile, it does to all of them. WHAT: subscribers, topics or log, one
 * alone; MEGABYTES: of the longest log, default 10000. "sent" is what reaches each subscriber, "delivered" what reaches
 * all of them together; processor time is the broker's for each that is delivered. FILE gets the rows once more, with
 * tabs between: what grows, how much, sent/s, delivered/s, processor time, MB. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "tests/bench/bench_stream_log.h"
#include "tests/bench/median.h"
#include "tests/bench/peers/load_rate.h"
#include "tests/bench/peers/peer_tocsin.h"

#define ROW_COUNT  3u
#define ROUNDS_MAX 15u

struct choice {
    const char *what; /* NULL: all */
    double duration_s;
    unsigned rounds;
    uint64_t log_mb;
    FILE *rows; /* NULL: not wanted */
};

struct row {
    char amount[16];
    struct load load;
    const char *log_dir; /* NULL: a new log */
    struct load_stand stand;
    struct load_rate rates[ROUNDS_MAX];
    bool is_well;
};

/* Each figure by itself. */
static struct load_rate median_of(const struct load_rate *rates, unsigned count)
{
    double events[ROUNDS_MAX];
    double cpu_us[ROUNDS_MAX];
    for (unsigned i = 0; i < count; i++) {
        events[i] = rates[i].events;
        cpu_us[i] = rates[i].cpu_us;
    }
    return (struct load_rate){median(events, count), median(cpu_us, count), rates[count - 1].memory_mb};
}

static void print(const struct row *row, const struct choice *choice)
{
    const char *what = row->load.name;
    if (!row->is_well) {
        printf("%-12s %10s %12s\n", what, row->amount, "failed");
        return;
    }
    struct load_rate rate = median_of(row->rates, choice->rounds);
    double delivered = rate.events * row->load.consumers;
    double cpu_us = rate.cpu_us / row->load.consumers;
    printf("%-12s %10s %12.0f %12.0f %10.2f %8.1f\n", what, row->amount, rate.events, delivered, cpu_us,
           rate.memory_mb);
    if (choice->rows)
        fprintf(choice->rows, "%s\t%s\t%.0f\t%.0f\t%.3f\t%.1f\n", what, row->amount, rate.events, delivered, cpu_us,
                rate.memory_mb);
    fflush(NULL);
}

static void measure(struct row *rows, const struct choice *choice)
{
    for (unsigned i = 0; i < ROW_COUNT; i++) {
        peer_tocsin_use_log(rows[i].log_dir);
        rows[i].is_well = load_stand_open(&rows[i].stand, &peer_tocsin_interval, &rows[i].load);
    }
    peer_tocsin_use_log(NULL);
    for (unsigned round = 0; round < choice->rounds; round++) {
        for (unsigned i = 0; i < ROW_COUNT; i++)
            rows[i].is_well =
                rows[i].is_well && load_stand_measure(&rows[i].stand, choice->duration_s, &rows[i].rates[round]);
    }
    for (unsigned i = 0; i < ROW_COUNT; i++) {
        rows[i].is_well = load_stand_close(&rows[i].stand) && rows[i].is_well;
        print(&rows[i], choice);
    }
}

static void grow_subscribers(const struct choice *choice)
{
    static const unsigned counts[ROW_COUNT] = {1, 10, 100};
    static struct row rows[ROW_COUNT];
    for (unsigned i = 0; i < ROW_COUNT; i++) {
        rows[i].load = (struct load){"subscribers", 350, 1, 1, counts[i], 0};
        snprintf(rows[i].amount, sizeof rows[i].amount, "%u", counts[i]);
    }
    measure(rows, choice);
}

static void grow_topics(const struct choice *choice)
{
    static const unsigned counts[ROW_COUNT] = {1, 100, 10000};
    static struct row rows[ROW_COUNT];
    for (unsigned i = 0; i < ROW_COUNT; i++) {
        rows[i].load = (struct load){"topics", 350, counts[i], 1, 1, 0};
        snprintf(rows[i].amount, sizeof rows[i].amount, "%u", counts[i]);
    }
    measure(rows, choice);
}

static uint64_t room_mb(void)
{
    struct statvfs space;
    bench_must(statvfs("/tmp", &space) == 0, "/tmp");
    return (uint64_t)space.f_bavail * space.f_frsize / 2 / 1000000;
}

/* The brokers go on with logs that were there. */
static void grow_log(const struct choice *choice)
{
    static const unsigned parts[ROW_COUNT] = {100, 10, 1};
    static struct bench_log logs[ROW_COUNT];
    static struct row rows[ROW_COUNT];
    uint64_t most_mb = choice->log_mb < room_mb() ? choice->log_mb : room_mb();
    for (unsigned i = 0; i < ROW_COUNT; i++) {
        uint64_t mb = most_mb / parts[i];
        bench_log_make(&logs[i], mb * 1000000);
        log_file_close(&logs[i].file);
        rows[i].load = (struct load){"log", 350, 1, 1, 1, 0};
        rows[i].log_dir = logs[i].dir;
        snprintf(rows[i].amount, sizeof rows[i].amount, "%.1f GB", (double)mb / 1000);
    }
    measure(rows, choice);
    for (unsigned i = 0; i < ROW_COUNT; i++)
        bench_log_remove(&logs[i]);
}

static const struct {
    const char *name;
    void (*grow)(const struct choice *choice);
} kinds[] = {{"subscribers", grow_subscribers}, {"topics", grow_topics}, {"log", grow_log}};

static bool read_choice(int argc, char **argv, struct choice *choice)
{
    for (int letter; (letter = getopt(argc, argv, "w:s:r:m:o:")) != -1;) {
        if (letter == 'w')
            choice->what = optarg;
        else if (letter == 's')
            choice->duration_s = strtod(optarg, NULL);
        else if (letter == 'r')
            choice->rounds = (unsigned)strtoul(optarg, NULL, 10);
        else if (letter == 'm')
            choice->log_mb = strtoull(optarg, NULL, 10);
        else if (letter == 'o' && !choice->rows)
            choice->rows = fopen(optarg, "w");
        else
            return false;
    }
    return choice->duration_s > 0 && choice->rounds > 0 && choice->rounds <= ROUNDS_MAX;
}

int main(int argc, char **argv)
{
    struct choice choice = {.duration_s = 0.7, .rounds = 5, .log_mb = 10000};
    if (!read_choice(argc, argv, &choice)) {
        fprintf(stderr, "seconds above 0 and 1 to %u rounds\n", ROUNDS_MAX);
        return 2;
    }
    bench_must(sodium_init() >= 0, "no libsodium");
    printf("%-12s %10s %12s %12s %10s %8s\n", "", "", "sent/s", "delivered/s", "CPU us", "MB");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!choice.what || strcmp(choice.what, kinds[i].name) == 0)
            kinds[i].grow(&choice);
    }
    if (choice.rows)
        fclose(choice.rows);
    return 0;
}
