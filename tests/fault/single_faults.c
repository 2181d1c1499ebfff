/* Single faults: every operation that the log asks of the disk, in recovery, commit, roll, retention and close, fails in its turn,
 * once and for good, with EIO, ENOSPC, EINTR, a short count, and a short count with no room behind it.
 *
 * However that ends: nothing promised is lost, neither when the process is started again nor when the machine is; a
 * sync that has failed is never tried again, and nothing is promised after it; a write without room goes through later,
 * in the same life.
 *
 *   fault_single_faults        sync mode batch; where TOCSIN_FAULT_FULL is set, all of them */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/log.h"
#include "proto/tocsin_base.h"
#include "tests/fault/fault_life.h"

#define SEED     UINT64_C(2026112107)
#define FOR_GOOD (UINT64_MAX / 2)

enum phase { PHASE_RECOVERY, PHASE_COMMIT, PHASE_ROLL, PHASE_RETENTION, PHASE_CLOSE, PHASE_COUNT };
static const char *const phase_words[PHASE_COUNT] = {"recovery", "commit", "roll", "retention", "close"};

/* What a start finds. */
enum base { BASE_NEW, BASE_TORN, BASE_MISSING, BASE_COUNT };
static const char *const base_words[BASE_COUNT] = {"an empty directory", "a torn tail", "no events.log"};

static const struct shape {
    const char *word;
    enum sim_fault_kind kind;
    int error;
    uint64_t times; /* "for good"; no one is interrupted for ever */
} shapes[] = {
    {"EIO", SIM_FAULT_ERROR, EIO, FOR_GOOD},
    {"ENOSPC", SIM_FAULT_ERROR, ENOSPC, FOR_GOOD},
    {"EINTR", SIM_FAULT_ERROR, EINTR, 64},
    {"a short count", SIM_FAULT_SHORT, EIO, FOR_GOOD},
    {"a short count, then ENOSPC", SIM_FAULT_SHORT_THEN_FULL, ENOSPC, FOR_GOOD},
};
#define SHAPES (sizeof shapes / sizeof shapes[0])

static struct life base, work, after;
static struct verdict verdict;
static struct sim_random sequence;
static uint64_t phase_ends[PHASE_COUNT]; /* operations so far, without a fault */
static uint64_t hits[SIM_OP_COUNT];
static bool has_retention; /* for the lives at hand: it makes them three times as long */
static uint64_t runs, refused_starts, final_failures, waits;

/* Commits, and again where there was no room. */
static int insist(struct life *life, unsigned count)
{
    int result = life_commit(life, count);
    for (unsigned i = 0; i < 3 && result == TOCSIN_E_NOSPACE; i++) {
        waits++;
        result = life->journal->batch.event_count > 0 ? life_retry(life) : life_commit(life, count);
    }
    return result;
}

/* Three days are behind: one is removed, one compressed, and the last one stays. */
static int retain(struct life *life)
{
    struct retention_limits limits = {.pack_after_s = RETENTION_NEVER, .age_s = 3 * 86400, .bytes = RETENTION_NEVER};
    int result = TOCSIN_OK;
    for (unsigned day = 0; day < 2 && result == TOCSIN_OK; day++) {
        life->now_us += 24 * LIFE_HOUR_US;
        result = insist(life, 1);
    }
    life->now_us += 12 * LIFE_HOUR_US;
    for (unsigned step = 0; step < 3 && result == TOCSIN_OK; step++) {
        if (step > 0)
            limits.pack_after_s = 0;
        result = life_retain(life, &limits);
        for (unsigned i = 0; i < 3 && result == TOCSIN_E_NOSPACE; i++)
            result = life_retry(life);
    }
    return result;
}

static int live(struct life *life, bool must_note)
{
    uint64_t ends[PHASE_COUNT];
    int result = life_open(life);
    if (result != TOCSIN_OK)
        return result;
    ends[PHASE_RECOVERY] = life->sim.op_count;
    result = life_begin(life);
    for (unsigned i = 0; i < 3 && result == TOCSIN_OK; i++)
        result = insist(life, 1 + i);
    if (result == TOCSIN_OK)
        result = life_tick(life);
    log_file_space(life->log);
    ends[PHASE_COMMIT] = life->sim.op_count;
    life->now_us += 24 * LIFE_HOUR_US;
    if (result == TOCSIN_OK)
        result = insist(life, 2);
    ends[PHASE_ROLL] = life->sim.op_count;
    if (result == TOCSIN_OK && has_retention)
        result = retain(life);
    ends[PHASE_RETENTION] = life->sim.op_count;
    if (result == TOCSIN_OK)
        result = life_stop(life);
    if (result == TOCSIN_E_NOSPACE)
        result = life_retry(life);
    ends[PHASE_CLOSE] = 0; /* known to the caller */
    if (must_note)
        memcpy(phase_ends, ends, sizeof ends);
    return result;
}

/* Whoever asks a failed log again is told the same, and nothing is promised or synced. */
static void ask_again(struct life *life)
{
    size_t promised = life->model.safe_kill;
    final_failures++;
    for (unsigned i = 0; i < 2; i++) {
        int result = life->journal->batch.event_count > 0 ? life_retry(life) : life_commit(life, 1);
        if (result == TOCSIN_OK || life->model.safe_kill > promised)
            verdict_fail(&verdict, "a log that has failed says that all is well");
        if (log_file_sync(life->log) != TOCSIN_E_IO || log_file_trouble(life->log)[0] == '\0')
            verdict_fail(&verdict, "a log that has failed syncs, or does not say why it does not");
    }
}

/* Retention in the next life: it clears away what the one before has left, and comes to its end. */
static void retain_again(void)
{
    struct retention_limits limits = {.pack_after_s = 0, .age_s = RETENTION_NEVER, .bytes = RETENTION_NEVER};
    uint64_t failures = stats_get(&after.stats.retention_failures);
    if (!has_retention)
        return;
    for (unsigned i = 0; i < 3; i++)
        if (life_retain(&after, &limits) != TOCSIN_OK)
            verdict_fail(&verdict, "the journal fails on a sound disk");
    if (stats_get(&after.stats.retention_failures) > failures)
        verdict_fail(&verdict, "retention fails on a sound disk");
    for (unsigned i = 0; i < after.sim.seen.count; i++)
        if (strstr(after.sim.seen.items[i].name, ".tmp") != NULL)
            verdict_fail(&verdict, "%s is left over", after.sim.seen.items[i].name);
}

/* The next start, on a sound disk: judged by life_open; then it goes on, and loses its power. */
static void start_again(enum sim_crash crash)
{
    life_copy(&after, &work);
    for (unsigned i = 0; i < 2 && !verdict_is_red(&verdict); i++) {
        life_crash(&after, i == 0 ? crash : SIM_POWER_LOOSE);
        if (life_open(&after) != TOCSIN_OK)
            break;
        if (life_begin(&after) != TOCSIN_OK || life_commit(&after, 2) != TOCSIN_OK)
            verdict_fail(&verdict, "the log cannot be written to on a sound disk");
        else
            retain_again();
        life_close(&after, false);
    }
    if (after.log != NULL)
        life_close(&after, false);
}

static void fail_at(uint64_t at, const struct shape *shape, bool for_good)
{
    life_copy(&work, &base);
    sequence.state = SEED;
    bool is_pair = shape->kind == SIM_FAULT_SHORT_THEN_FULL;
    work.sim.fault = (struct sim_fault){.kind = shape->kind,
                                        .error = shape->error,
                                        .at = at,
                                        .times = for_good  ? shape->times
                                                 : is_pair ? 2
                                                           : 1};
    int result = live(&work, false);
    struct sim_fault fault = work.sim.fault;
    runs++;
    refused_starts += work.log == NULL;
    if (work.log == NULL && work.message.len == 0)
        verdict_fail(&verdict, "a start is refused without a word");
    if (!for_good && fault.hit == SIM_OP_APPEND && shape->error != EIO && result != TOCSIN_OK && work.journal != NULL &&
        at > phase_ends[PHASE_RECOVERY] && result != TOCSIN_E_NOSPACE)
        verdict_fail(&verdict, "a write without room, or interrupted, is final: %d", result);
    if (result == TOCSIN_E_IO && work.journal != NULL && log_file_trouble(work.log)[0] != '\0')
        ask_again(&work);
    life_close(&work, true);
    hits[work.sim.fault.hit] += work.sim.fault.failed > 0;
    if (work.sim.second_syncs > 0)
        verdict_fail(&verdict, "a file whose sync had failed was synced again");
    start_again(SIM_KILL);
    start_again(SIM_POWER_ORDERED);
}

/* A life that ends as the base wants it. */
static void make_base(enum base kind, enum settings_sync_mode mode)
{
    sequence.state = SEED + kind;
    has_retention = false;
    base.mode = mode;
    life_clear(&base);
    base.before = NULL;
    if (kind == BASE_NEW)
        return;
    live(&base, false);
    life_close(&base, true);
    life_crash(&base, SIM_KILL);
    if (life_open(&base) != TOCSIN_OK || life_begin(&base) != TOCSIN_OK || life_commit(&base, 4) != TOCSIN_OK)
        verdict_fail(&verdict, "the base cannot be made");
    if (kind == BASE_MISSING) { /* killed inside a roll */
        log_file_sync(base.log);
        const struct disk *disk = &base.sim.disk;
        disk->rename(disk, disk->open_dir(disk, "/sim"), "events.log", "events.log.20261130");
    } else {
        struct sim_file *file = sim_disk_file(&base.sim, "events.log");
        sim_bytes_resize(&file->seen, file->seen.len + 700); /* a page of a batch that was on its way */
        sim_bytes_copy(&file->durable, &file->seen);
    }
    life_close(&base, false);
    life_crash(&base, SIM_KILL);
}

static uint64_t count_operations(void)
{
    life_copy(&work, &base);
    sequence.state = SEED;
    if (live(&work, true) != TOCSIN_OK)
        verdict_fail(&verdict, "a life fails on a sound disk");
    life_close(&work, true);
    phase_ends[PHASE_CLOSE] = work.sim.op_count;
    return work.sim.op_count;
}

static void run_base(enum base kind, enum settings_sync_mode mode)
{
    make_base(kind, mode);
    has_retention = kind == BASE_NEW;
    uint64_t count = verdict_is_red(&verdict) ? 0 : count_operations();
    printf("a start that finds %s:", base_words[kind]);
    for (int phase = 0; phase < PHASE_COUNT; phase++)
        printf(" %s %" PRIu64, phase_words[phase], phase_ends[phase] - (phase == 0 ? 0 : phase_ends[phase - 1]));
    printf(" operations\n");
    for (uint64_t at = 1; at <= count; at++) {
        for (size_t shape = 0; shape < SHAPES; shape++) {
            for (unsigned for_good = 0; for_good < 2; for_good++) {
                fail_at(at, &shapes[shape], for_good);
                if (!verdict_is_red(&verdict))
                    continue;
                printf("violation: %s, sync mode %u, operation %" PRIu64 " (%s), %s %s: %s\n", base_words[kind],
                       (unsigned)mode, at, sim_disk_word(work.sim.fault.hit), shapes[shape].word,
                       for_good ? "for good" : "once", verdict.why);
                return;
            }
        }
    }
}

static void report(void)
{
    unsigned covered = 0;
    printf("%" PRIu64 " runs; %" PRIu64 " starts refused, %" PRIu64 " final failures, %" PRIu64 " waits for room\n",
           runs, refused_starts, final_failures, waits);
    printf("failed:");
    for (int kind = 0; kind < SIM_OP_COUNT; kind++) {
        printf(" %s %" PRIu64, sim_disk_word((enum sim_op_kind)kind), hits[kind]);
        covered += hits[kind] > 0;
    }
    printf("\nRESULT\tsingle_faults\t%s\t%" PRIu64 " runs, every operation of every life failed, %u of %d kinds; %s\n",
           verdict_is_red(&verdict) ? "FAILED" : "ok", runs, covered, (int)SIM_OP_COUNT,
           verdict_is_red(&verdict) ? verdict.why : "0 violations");
}

int main(void)
{
    static const enum settings_sync_mode modes[] = {SETTINGS_SYNC_BATCH, SETTINGS_SYNC_INTERVAL, SETTINGS_SYNC_NONE};
    size_t mode_count = getenv("TOCSIN_FAULT_FULL") != NULL ? sizeof modes / sizeof modes[0] : 1;

    setenv("TZ", "UTC", 1);
    log_init(LOG_LEVEL_ERROR, NULL);
    life_make_key();
    life_init(&base, &verdict, &sequence);
    life_init(&work, &verdict, &sequence);
    life_init(&after, &verdict, &sequence);
    for (size_t i = 0; i < mode_count && !verdict_is_red(&verdict); i++)
        for (int kind = 0; kind < BASE_COUNT && !verdict_is_red(&verdict); kind++)
            run_base((enum base)kind, modes[i]);
    report();
    life_fini(&base);
    life_fini(&work);
    life_fini(&after);
    life_remove_key();
    return verdict_is_red(&verdict) ? EXIT_FAILURE : EXIT_SUCCESS;
}
