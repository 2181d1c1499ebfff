/* Damage to a log that the journal's own code has written: 10,000 flipped bits, and an end at every byte of the last
 * batch.
 *
 * Before the last batch a flipped bit is damage: the start is refused. In it it may pass for the end of a write that
 * a crash cut short, but never for a sound line: what is left ends before it. A file that ends within the last batch is
 * taken up behind its last whole line; life_open judges that. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/log.h"
#include "proto/tocsin_base.h"
#include "tests/fault/fault_life.h"

#define SEED       UINT64_C(2026112108)
#define FLIPS      10000u
#define BATCHES    12u
#define LAST_BATCH 24u /* lines */

static struct life base, work;
static struct verdict verdict;
static struct sim_random sequence;
static size_t last_batch_at; /* where it begins in events.log */
static uint64_t refused, torn;

static void make_base(void)
{
    sequence.state = SEED;
    base.mode = SETTINGS_SYNC_BATCH;
    life_clear(&base);
    if (life_open(&base) != TOCSIN_OK || life_begin(&base) != TOCSIN_OK)
        abort();
    for (unsigned i = 0; i < BATCHES; i++)
        life_commit(&base, 1 + i % 4);
    last_batch_at = base.model.bytes.len;
    uint64_t published_max = base.model.published_max;
    life_commit(&base, LAST_BATCH);
    base.model.published_max = published_max; /* as if the last batch were still on its way */
    base.model.safe_kill = base.model.safe_power = base.model.count - LAST_BATCH;
    life_close(&base, false);
    life_crash(&base, SIM_KILL);
}

static struct sim_file *copy_base(bool with_state)
{
    life_copy(&work, &base);
    if (!with_state)
        sim_names_remove(&work.sim.seen, "tocsind.state");
    return sim_disk_file(&work.sim, "events.log");
}

static int try_open(struct log_file **log)
{
    struct log_options options = {
        .dir = "/sim", .disk = &work.sim.disk, .topics = work.topics, .producers = work.producers};
    text_clear(&work.message);
    return log_file_open(log, &options, &work.message);
}

static void flip(size_t at, unsigned bit, bool with_state)
{
    struct sim_file *file = copy_base(with_state);
    struct log_file *log;
    size_t count = base.model.count, rest;
    bool must_refuse = at < last_batch_at;

    file->seen.data[at] ^= (uint8_t)(1u << bit);
    while (count > 0 && base.model.lines[count - 1].end > at)
        count--; /* the lines before the bit */
    int result = try_open(&log);
    if (result == TOCSIN_E_CORRUPT) {
        refused++;
        return;
    }
    size_t found = 0;
    if (result != TOCSIN_OK || must_refuse || !model_compare(&base.model, &work.sim, &found, &rest, &verdict) ||
        found != count || rest > 0 || log_file_opening(log)->torn_bytes == 0)
        verdict_fail(&verdict,
                     "bit %u of byte %zu (the last batch begins at %zu): %d, %zu lines are left of %zu before it", bit,
                     at, last_batch_at, result, found, count);
    torn++;
    log_file_close(&log);
}

static void end_at(size_t len, bool with_state)
{
    struct sim_file *file = copy_base(with_state);
    sim_bytes_resize(&file->seen, len);
    sim_bytes_copy(&file->durable, &file->seen);
    file->change_count = 0;
    if (life_open(&work) == TOCSIN_OK && verdict_is_red(&verdict))
        printf("ended at byte %zu\n", len);
    life_close(&work, true);
}

static void report(uint64_t flips, size_t ends)
{
    printf("%zu bytes, the last batch from %zu on\n", base.model.bytes.len, last_batch_at);
    printf("RESULT\tbit_flips\t%s\t%" PRIu64 " flipped bits: %" PRIu64 " refused, %" PRIu64
           " set aside with the last batch; %zu ends; %s\n",
           verdict_is_red(&verdict) ? "FAILED" : "ok", flips, refused, torn, ends,
           verdict_is_red(&verdict) ? verdict.why : "none accepted, none lost");
}

int main(void)
{
    uint64_t flips = 0;
    size_t ends = 0, stride = getenv("TOCSIN_FAULT_FULL") != NULL ? 1 : 3;

    setenv("TZ", "UTC", 1);
    log_init(LOG_LEVEL_ERROR, NULL);
    life_make_key();
    life_init(&base, &verdict, &sequence);
    life_init(&work, &verdict, &sequence);
    make_base();
    size_t end = base.model.bytes.len;
    for (; flips < FLIPS && !verdict_is_red(&verdict); flips++)
        flip(sim_random_below(&sequence, flips % 4 == 0 ? end : last_batch_at),
             (unsigned)sim_random_below(&sequence, 8), flips % 2 == 0);
    for (size_t len = last_batch_at; len <= end && !verdict_is_red(&verdict); len += stride, ends++)
        end_at(len, ends % 2 == 0);
    report(flips, ends);
    life_fini(&base);
    life_fini(&work);
    life_remove_key();
    return verdict_is_red(&verdict) ? EXIT_FAILURE : EXIT_SUCCESS;
}
