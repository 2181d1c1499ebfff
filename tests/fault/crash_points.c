/* Crash points: a broker's lives on a simulated disk, and at each step of them (before, within and behind every write,
 * sync, cut, creation, rename and removal) the machine stops. What is left is recovered by the broker's own code and
 * held against what was promised; and that recovery is stopped in its turn, and so on.
 *
 *   fault_crash_points [--plant FAULT] [POINTS]        10000 points, or a million where TOCSIN_FAULT_FULL is set
 *
 * Each world begins with an empty disk and a seed, which is all that it depends on; TOCSIN_FAULT_SEED=N runs that one
 * alone. With --plant the fault is put in, and the program fails unless it finds it. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "broker/log.h"
#include "proto/tocsin_base.h"
#include "tests/fault/fault_life.h"

#define FIRST_SEED     UINT64_C(2026112100000000)
#define DEPTH_MAX      3u
#define LIVES_IN_WORLD 8u
#define LINES_IN_WORLD 120u
#define POINTS_SHORT   10000u
#define POINTS_FULL    1000000u

static struct life lives[DEPTH_MAX + 1];
static struct verdict verdict;
static struct sim_random sequence;
static uint64_t steps_until_death;   /* of the outermost life; 0: it does not die */
static uint64_t syncs_until_failure; /* of events.log, in the outermost life; 0: none fails */

static const char *const mode_words[] = {
    [SETTINGS_SYNC_BATCH] = "batch", [SETTINGS_SYNC_INTERVAL] = "interval", [SETTINGS_SYNC_NONE] = "none"};

static struct {
    uint64_t points, nested, torn_tails, torn_bytes, missing, jumps, failed_syncs, rolls, opened, worlds, packed,
        pruned, seeks, bad_indexes;
    uint64_t steps[SIM_OP_COUNT];
} counts;

static uint64_t below(uint64_t limit)
{
    return sim_random_below(&sequence, limit);
}

static void before_change(struct life *life, const struct sim_op *op);

static int open_and_count(struct life *life)
{
    counts.points++;
    counts.nested += life->depth > 1;
    int result = life_open(life);
    if (result != TOCSIN_OK)
        return result;
    const struct log_opening *opening = log_file_opening(life->log);
    counts.opened++;
    counts.torn_tails += opening->torn_bytes > 0;
    counts.torn_bytes += opening->torn_bytes;
    counts.missing += opening->current_was_missing;
    counts.jumps += opening->gap != LOG_GAP_NONE;
    if (life->plant == PLANT_NOTHING && !verdict_is_red(&verdict) && sim_random_once_in(&sequence, 4)) {
        counts.seeks++;
        counts.bad_indexes += life_seek(life, below(LINES_IN_WORLD));
    }
    return result;
}

static void expect_ok(int result, const char *what)
{
    if (result != TOCSIN_OK)
        verdict_fail(&verdict, "%s fails on a sound disk: %d", what, result);
}

/* Retention with some of its limits, or none. */
static int retain(struct life *life)
{
    struct retention_limits limits = {
        .pack_after_s = RETENTION_NEVER, .age_s = RETENTION_NEVER, .bytes = RETENTION_NEVER};
    if (!sim_random_once_in(&sequence, 3))
        limits.pack_after_s = 0;
    if (sim_random_once_in(&sequence, 3))
        limits.age_s = 3600 * below(60);
    if (sim_random_once_in(&sequence, 4))
        limits.bytes = 20000 + below(60000);
    uint64_t packed = stats_get(&life->stats.retention_packed), pruned = stats_get(&life->stats.retention_pruned);
    int result = life_retain(life, &limits);
    counts.packed += stats_get(&life->stats.retention_packed) - packed;
    counts.pruned += stats_get(&life->stats.retention_pruned) - pruned;
    return result;
}

/* The recovered log is gone on with. */
static void go_on(struct life *life)
{
    expect_ok(life_begin(life), "begin");
    for (uint64_t left = below(3); left > 0 && !verdict_is_red(&verdict); left--)
        expect_ok(life_commit(life, 1 + (unsigned)below(3)), "commit");
    if (sim_random_once_in(&sequence, 3) && !verdict_is_red(&verdict))
        expect_ok(retain(life), "retention");
    bool is_stopped = sim_random_once_in(&sequence, 2);
    if (is_stopped)
        expect_ok(life_stop(life), "stop");
    life_close(life, is_stopped);
    life_crash(life, SIM_POWER_LOOSE);
    life->before = NULL;
    if (!verdict_is_red(&verdict) && open_and_count(life) == TOCSIN_OK)
        life_close(life, true);
}

/* A disk as a crash has left it: the next start. */
static void probe(struct life *life)
{
    life->before = life->depth < DEPTH_MAX ? before_change : NULL;
    if (open_and_count(life) != TOCSIN_OK) {
        life_close(life, false);
        return;
    }
    switch (below(8)) {
    case 0:
        go_on(life);
        break;
    case 1:
    case 2:
        life_close(life, true);
        break;
    default:
        life_close(life, false);
        break;
    }
}

static void crash_here(const struct life *life, const struct sim_op *op, enum sim_crash crash)
{
    struct life *next = &lives[life->depth + 1];
    life_copy(next, life);
    if (!sim_random_once_in(&sequence, 2))
        sim_disk_apply_part(&next->sim, &life->sim, op, op->len > 0 ? below(op->len + 1) : 0);
    life_crash(next, crash);
    probe(next);
}

static enum sim_crash any_crash(void)
{
    static const enum sim_crash crashes[] = {SIM_KILL, SIM_POWER_ORDERED, SIM_POWER_LOOSE};
    return crashes[below(3)];
}

/* The outermost life: it may die here, or have its sync fail. */
static void befall(struct life *life, const struct sim_op *op)
{
    counts.steps[op->kind]++;
    if (syncs_until_failure > 0 && op->kind == SIM_OP_SYNC && sim_disk_is_open_as(&life->sim, op->fd, "events.log") &&
        --syncs_until_failure == 0) {
        counts.failed_syncs++;
        life->sim.fault.kind = SIM_FAULT_ERROR;
        life->sim.fault.error = EIO;
        life->sim.fault.at = life->sim.op_count + 1;
        life->sim.fault.times = 1;
    }
    if (steps_until_death == 0 || --steps_until_death > 0)
        return;
    sim_disk_apply_part(&life->sim, &life->sim, op, op->len > 0 ? below(op->len + 1) : 0);
    life->sim.is_dead = true;
}

static void before_change(struct life *life, const struct sim_op *op)
{
    if (verdict_is_red(&verdict)) {
        life->sim.is_dead = true;
        return;
    }
    if (life->plant == PLANT_EARLY_ACK && op->kind == SIM_OP_SYNC && life->journal != NULL)
        life->model.safe_power = life->model.safe_kill = life->model.count;
    if (life->depth == 0) {
        crash_here(life, op, SIM_KILL);
        crash_here(life, op, SIM_POWER_ORDERED);
        crash_here(life, op, SIM_POWER_LOOSE);
        befall(life, op);
    } else if (sim_random_once_in(&sequence, life->depth == 1 ? 10 : 16)) {
        crash_here(life, op, any_crash());
    }
}

static void pass_time(struct life *life)
{
    switch (below(8)) {
    case 0:
    case 1:
    case 2:
        life->now_us += LIFE_HOUR_US * (1 + below(30));
        break;
    case 3:
        life->now_us -= LIFE_HOUR_US * below(3);
        break;
    default:
        life->now_us += below(2000000);
        break;
    }
}

static int live(struct life *life)
{
    int result = life_begin(life);
    for (uint64_t left = 1 + below(6); left > 0 && result == TOCSIN_OK; left--) {
        pass_time(life);
        result = life_commit(life, 1 + (unsigned)below(6));
        if (result == TOCSIN_OK && sim_random_once_in(&sequence, 3))
            result = life_tick(life);
        for (uint64_t steps = below(3); steps > 0 && result == TOCSIN_OK; steps--)
            result = retain(life);
    }
    return result;
}

/* One life of a world, to its end, whichever that is. */
static void run_life(struct life *life)
{
    steps_until_death = sim_random_once_in(&sequence, 3) ? 0 : 1 + below(70);
    syncs_until_failure = sim_random_once_in(&sequence, life->plant == PLANT_NO_REWRITE ? 1 : 4) ? 1 + below(8) : 0;
    life->before = before_change;
    int result = open_and_count(life);
    bool has_opened = result == TOCSIN_OK;
    if (has_opened)
        result = live(life);
    bool must_stop = sim_random_once_in(&sequence, 2);
    if (result == TOCSIN_OK && must_stop)
        result = life_stop(life);
    if (result != TOCSIN_OK && !life->sim.is_dead && life->sim.fault.failed == 0)
        expect_ok(result, "life");
    counts.rolls += stats_get(&life->stats.rolls);
    life_close(life, result == TOCSIN_OK && must_stop);
    if (life->sim.second_syncs > 0)
        verdict_fail(&verdict, "a file whose sync had failed was synced again");
}

static void run_world(uint64_t seed, enum plant plant)
{
    struct life *life = &lives[0];
    sequence.state = seed;
    life->plant = plant;
    life->mode = below(5) < 3                       ? SETTINGS_SYNC_BATCH
                 : sim_random_once_in(&sequence, 2) ? SETTINGS_SYNC_INTERVAL
                                                    : SETTINGS_SYNC_NONE;
    life_clear(life);
    counts.worlds++;
    for (unsigned i = 0; i < LIVES_IN_WORLD && life->model.count < LINES_IN_WORLD; i++) {
        run_life(life);
        if (verdict_is_red(&verdict))
            return;
        life_crash(life, any_crash());
    }
}

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void report(double seconds)
{
    printf("%" PRIu64 " crash points (%" PRIu64 " of them in a recovery or behind one) in %" PRIu64 " worlds, %.1f s, "
           "%.0f a second\n",
           counts.points, counts.nested, counts.worlds, seconds, (double)counts.points / seconds);
    printf("%" PRIu64 " starts, %" PRIu64 " torn tails set aside (%" PRIu64 " bytes), %" PRIu64
           " without an events.log, %" PRIu64 " with seqs skipped; %" PRIu64 " rolls, %" PRIu64 " failed syncs\n",
           counts.opened, counts.torn_tails, counts.torn_bytes, counts.missing, counts.jumps, counts.rolls,
           counts.failed_syncs);
    printf("%" PRIu64 " files compressed, %" PRIu64 " removed; %" PRIu64 " lines sought, %" PRIu64
           " times past a wrong index\n",
           counts.packed, counts.pruned, counts.seeks, counts.bad_indexes);
    printf("steps of the outermost lives:");
    for (int kind = 0; kind < SIM_OP_COUNT; kind++)
        if (counts.steps[kind] > 0)
            printf(" %s %" PRIu64, sim_disk_word((enum sim_op_kind)kind), counts.steps[kind]);
    printf("\n");
}

/* For the table that ./dev fault prints. */
static void print_result(enum plant plant, bool is_good)
{
    printf("RESULT\tcrash_points%s%s\t%s\t%" PRIu64 " points, %s\n", plant != PLANT_NOTHING ? ", planted " : "",
           plant != PLANT_NOTHING ? plant_words[plant] : "", is_good ? "ok" : "FAILED", counts.points,
           verdict_is_red(&verdict) ? verdict.why : "0 violations");
}

static int run(uint64_t points, enum plant plant)
{
    const char *only = getenv("TOCSIN_FAULT_SEED");
    uint64_t seed = only != NULL ? strtoull(only, NULL, 10) : FIRST_SEED;
    double began = seconds_now();

    printf("seeds from %" PRIu64 ", planted: %s\n", seed, plant_words[plant]);
    do
        run_world(seed++, plant);
    while (only == NULL && counts.points < points && !verdict_is_red(&verdict));
    report(seconds_now() - began);
    if (verdict_is_red(&verdict)) {
        printf("violation in the world of seed %" PRIu64 " (sync mode %s): %s\n", seed - 1, mode_words[lives[0].mode],
               verdict.why);
        printf("to see it again: TOCSIN_FAULT_SEED=%" PRIu64 "\n", seed - 1);
    } else {
        printf("0 violations\n");
    }
    bool is_good = verdict_is_red(&verdict) == (plant != PLANT_NOTHING);
    print_result(plant, is_good);
    return is_good ? EXIT_SUCCESS : EXIT_FAILURE;
}

static uint64_t points_default(void)
{
    return getenv("TOCSIN_FAULT_FULL") != NULL ? POINTS_FULL : POINTS_SHORT;
}

static int usage(void)
{
    fprintf(stderr, "usage: fault_crash_points [--plant FAULT] [POINTS]\n");
    return 2;
}

int main(int argc, char **argv)
{
    enum plant plant = PLANT_NOTHING;
    int at = 1;

    if (argc > 2 && strcmp(argv[1], "--plant") == 0) {
        while (plant < PLANT_COUNT && strcmp(argv[2], plant_words[plant]) != 0)
            plant++;
        if (plant == PLANT_COUNT)
            return usage();
        at = 3;
    }
    uint64_t points = at < argc ? strtoull(argv[at], NULL, 10) : points_default();
    if (points == 0 || at + 1 < argc)
        return usage();
    setenv("TZ", "UTC", 1); /* no look at the machine's zone at each start */
    log_init(LOG_LEVEL_ERROR, NULL);
    life_make_key();
    for (unsigned depth = 0; depth <= DEPTH_MAX; depth++) {
        life_init(&lives[depth], &verdict, &sequence);
        lives[depth].depth = depth;
    }
    int result = run(points, plant);
    for (unsigned depth = 0; depth <= DEPTH_MAX; depth++)
        life_fini(&lives[depth]);
    life_remove_key();
    return result;
}
