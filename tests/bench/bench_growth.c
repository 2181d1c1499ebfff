/* What an event costs as the work around it grows: more subscribers, more topics, a longer log. One producer by the
 * library, events of 350 bytes, `interval` sync.
 *
 *   bench_growth [-w WHAT] [-s SECONDS] [-r ROUNDS] [-m MEGABYTES] [-o FILE]
 *
 * The rows of a kind are brokers that stand side by side and are measured in turns, in rounds of so many seconds each, and
 * the median is told: what the machine does meanwhile, it does to all of them. Each other round goes the other way round.
 * WHAT: subscribers, topics or log, one alone; MEGABYTES: of the longest log, default 10000. "sent" is what reaches each
 * subscriber, "delivered" what reaches all of them together; processor time is the broker's for each that is delivered;
 * "x first" the median of its ratios to the first row's, each within a round, and from where to where the middle half of
 * them lies. FILE gets the rows once more, with tabs between: what grows, how much, sent/s, delivered/s, processor time,
 * MB, x first. */
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

/* Processor time beside the first row's, round by round; sorted. */
static void ratios_of(double *ratios, const struct row *row, const struct row *first, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        ratios[i] = row->rates[i].cpu_us / row->load.consumers / (first->rates[i].cpu_us / first->load.consumers);
    median(ratios, count);
}

static void print(const struct row *row, const struct row *first, const struct choice *choice)
{
    const char *what = row->load.name;
    if (!row->is_well || !first->is_well) {
        printf("%-12s %10s %12s\n", what, row->amount, "failed");
        return;
    }
    struct load_rate rate = median_of(row->rates, choice->rounds);
    double delivered = rate.events * row->load.consumers;
    double cpu_us = rate.cpu_us / row->load.consumers;
    double ratios[ROUNDS_MAX];
    ratios_of(ratios, row, first, choice->rounds);
    double ratio = ratios[choice->rounds / 2];
    printf("%-12s %10s %12.0f %12.0f %10.2f %8.1f %8.2f  %.2f to %.2f\n", what, row->amount, rate.events, delivered,
           cpu_us, rate.memory_mb, ratio, ratios[choice->rounds / 4], ratios[choice->rounds * 3 / 4]);
    if (choice->rows)
        fprintf(choice->rows, "%s\t%s\t%.0f\t%.0f\t%.3f\t%.1f\t%.3f\n", what, row->amount, rate.events, delivered,
                cpu_us, rate.memory_mb, ratio);
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
        for (unsigned turn = 0; turn < ROW_COUNT; turn++) {
            struct row *row = &rows[round % 2 ? ROW_COUNT - 1 - turn : turn];
            row->is_well = row->is_well && load_stand_measure(&row->stand, choice->duration_s, &row->rates[round]);
        }
    }
    for (unsigned i = 0; i < ROW_COUNT; i++)
        rows[i].is_well = load_stand_close(&rows[i].stand) && rows[i].is_well;
    for (unsigned i = 0; i < ROW_COUNT; i++)
        print(&rows[i], &rows[0], choice);
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
    printf("%-12s %10s %12s %12s %10s %8s %8s\n", "", "", "sent/s", "delivered/s", "CPU us", "MB", "x first");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!choice.what || strcmp(choice.what, kinds[i].name) == 0)
            kinds[i].grow(&choice);
    }
    if (choice.rows)
        fclose(choice.rows);
    return 0;
}
