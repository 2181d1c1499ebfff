#include "tests/fault/fault_life.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/clock.h"
#include "broker/log_file.h"
#include "broker/log_reader.h"
#include "broker/retention_index.h"
#include "broker/settled.h"
#include "proto/tocsin_base.h"
#include "proto/wire.h"

#define START_US    UINT64_C(1795253400000000) /* 2026-11-21T09:30:00Z */
#define SETTLED_LEN (1u << 20)
#define SOURCES     7u
#define PRODUCERS   3u

#define RESERVE_LEN  2000u
#define INDEX_STRIDE 1500u /* a few lines: the files here are short */
#define PIECE_LEN    700u  /* two or three of them */

const char *const plant_words[PLANT_COUNT] = {
    [PLANT_NOTHING] = "nothing",           [PLANT_NO_SYNC] = "no-sync",           [PLANT_EARLY_ACK] = "early-ack",
    [PLANT_NO_DIR_SYNC] = "no-dir-sync",   [PLANT_LOST_LINE] = "lost-line",       [PLANT_NO_REWRITE] = "no-rewrite",
    [PLANT_SILENT_PRUNE] = "silent-prune", [PLANT_NO_PACK_SYNC] = "no-pack-sync",
};

static char key_dir[256], key_path[300];

/* The key that signs the checkpoints is on the machine's own disk: it is no part of the log. */
void life_make_key(void)
{
    const char *base = getenv("TMPDIR");
    snprintf(key_dir, sizeof key_dir, "%s/tocsin-fault-XXXXXX", base == NULL ? "/tmp" : base);
    if (mkdtemp(key_dir) == NULL)
        abort();
    snprintf(key_path, sizeof key_path, "%s/key", key_dir);
}

void life_remove_key(void)
{
    char public_path[310];
    snprintf(public_path, sizeof public_path, "%s.pub", key_path);
    unlink(public_path);
    unlink(key_path);
    rmdir(key_dir);
}

pid_t __wrap_getpid(void);

/* In the system's place (--wrap): it gets into the log, and a seed must be all that a run depends on. */
pid_t __wrap_getpid(void)
{
    return 4711;
}

void life_init(struct life *life, struct verdict *verdict, struct sim_random *random)
{
    life->verdict = verdict;
    life->random = random;
    text_init(&life->message);
    life->topics = topics_new(1000, 1);
    life->producers = producers_new(1000, 1);
    life->settled = ring_new(SETTLED_LEN);
    if (life->topics == NULL || life->producers == NULL || life->settled == NULL)
        abort();
    life_clear(life);
}

void life_fini(struct life *life)
{
    sim_disk_fini(&life->sim);
    model_fini(&life->model);
    text_fini(&life->message);
    topics_free(&life->topics);
    producers_free(&life->producers);
    ring_free(&life->settled);
    free(life->found.data);
}

static void check_acks(struct life *life, const struct settled_ack *acks, size_t count, uint64_t *acked_seq)
{
    for (size_t i = 0; i < count; i++) {
        const struct producer_last *last = &acks[i].last;
        const struct model_line *line = model_line_of(&life->model, last->seq);
        if (line == NULL || line->n != last->n || memcmp(line->chain, last->hash, sizeof last->hash) != 0)
            verdict_fail(life->verdict, "an acknowledgement of n %" PRIu64 " names seq %" PRIu64 ", which is not its",
                         last->n, last->seq);
        if (last->seq > *acked_seq)
            *acked_seq = last->seq;
    }
}

/* What the journal has told the front is promised from now on. */
static void take_promises(struct life *life)
{
    struct model *model = &life->model;
    const struct settled *settled;
    uint64_t acked_seq = 0, seen_seq = 0;
    size_t len;

    while ((settled = ring_next(life->settled, &len)) != NULL) {
        if (settled->kind == SETTLED_FRAME && settled->last_seq > seen_seq)
            seen_seq = settled->last_seq;
        if (settled->kind == SETTLED_ACKS)
            check_acks(life, (const struct settled_ack *)(settled + 1),
                       (len - sizeof *settled) / sizeof(struct settled_ack), &acked_seq);
    }
    ring_release(life->settled);
    if (seen_seq > model->published_max)
        model->published_max = seen_seq;
    uint64_t durable_seq = stats_get(&life->stats.durable_seq);
    if (life->mode == SETTINGS_SYNC_INTERVAL && acked_seq > durable_seq)
        durable_seq = acked_seq;
    if (life->mode == SETTINGS_SYNC_BATCH)
        durable_seq = seen_seq > acked_seq ? seen_seq : acked_seq;
    size_t durable = model_count_upto(model, durable_seq);
    size_t seen = model_count_upto(model, seen_seq > acked_seq ? seen_seq : acked_seq);
    if (durable > model->safe_power)
        model->safe_power = durable;
    if (seen > model->safe_kill)
        model->safe_kill = seen;
    if (model->safe_power > model->safe_kill)
        model->safe_kill = model->safe_power;
}

/* What is on its way into the log and not yet known is about to be written. */
static void note_piece(struct life *life)
{
    const struct journal_piece *piece = &life->journal->piece;
    const struct model *model = &life->model;
    uint64_t last = model->count == 0 ? 0 : model->lines[model->count - 1].seq;
    if (piece->lines.len > 0 && last < piece->last_seq)
        model_add(&life->model, text_span(&piece->lines), log_file_tail(life->log)->next_seq, life->verdict);
}

static void before_change(struct sim_disk *sim, const struct sim_op *op)
{
    struct life *life = sim->arg;
    if (life->journal != NULL) {
        note_piece(life);
        take_promises(life);
    }
    if (life->before != NULL)
        life->before(life, op);
}

static void plant_in_disk(struct life *life)
{
    life->sim.ignores_sync = life->plant == PLANT_NO_SYNC;
    life->sim.ignores_dir_sync_of_new_log = life->plant == PLANT_NO_DIR_SYNC;
    life->sim.ignores_sync_of_temp = life->plant == PLANT_NO_PACK_SYNC;
    life->sim.fault.no_rewrites = life->plant == PLANT_NO_REWRITE;
}

void life_clear(struct life *life)
{
    sim_disk_init(&life->sim);
    model_clear(&life->model);
    life->now_us = START_US;
    life->was_cut_off = false;
    plant_in_disk(life);
}

void life_copy(struct life *to, const struct life *from)
{
    sim_disk_copy(&to->sim, &from->sim);
    model_copy(&to->model, &from->model);
    to->plant = from->plant;
    to->mode = from->mode;
    to->now_us = from->now_us;
    to->was_cut_off = from->was_cut_off;
    plant_in_disk(to);
}

void life_crash(struct life *life, enum sim_crash crash)
{
    sim_disk_crash(&life->sim, crash, life->random);
    life->sim.fault = (struct sim_fault){0};
    plant_in_disk(life);
    if (crash == SIM_KILL)
        return;
    life->was_cut_off = true;
    life->model.safe_kill = life->model.safe_power;
}

/* All that the file holds behind its last line but one is gone. */
static void drop_a_line(struct sim_disk *sim)
{
    struct sim_file *file = sim_disk_file(sim, "events.log");
    if (file == NULL || file->seen.len == 0 || file->seen.data[file->seen.len - 1] != '\n')
        return;
    size_t len = file->seen.len - 1;
    while (len > 0 && file->seen.data[len - 1] != '\n')
        len--;
    sim_bytes_resize(&file->seen, len);
    sim_bytes_copy(&file->durable, &file->seen);
    file->change_count = 0;
}

static bool is_disk_at_fault(const struct life *life)
{
    return life->sim.is_dead || life->sim.fault.failed > 0;
}

/* What recovery says and has done, against what was found. */
static bool judge_opening(struct life *life, size_t count, size_t rest)
{
    struct verdict *verdict = life->verdict;
    struct model *model = &life->model;
    const struct log_tail *tail = log_file_tail(life->log);
    const struct log_opening *opening = log_file_opening(life->log);
    uint64_t last = count == 0 ? 0 : model->lines[count - 1].seq;
    size_t found, behind;

    if (!model_compare(model, &life->sim, &found, &behind, verdict))
        return false;
    if (found != count || behind > 0)
        return verdict_fail(verdict, "%zu lines were found, %zu are left, and %zu bytes behind them", count, found,
                            behind);
    if (tail->seq != last || (count > 0 && memcmp(tail->hash, model->lines[count - 1].chain, 32) != 0))
        return verdict_fail(verdict, "the log says that it ends with seq %" PRIu64 ", and ends with %" PRIu64,
                            tail->seq, last);
    if (strcmp(tail->log_id, model->log_id) != 0) {
        if (count > 0)
            return verdict_fail(verdict, "the log has another id");
        model->published_max = 0; /* nothing of the log was left: another one begins */
    }
    if (tail->next_seq <= model->published_max || tail->next_seq <= last)
        return verdict_fail(verdict, "seq %" PRIu64 " would be given again, after %" PRIu64, tail->next_seq,
                            model->published_max);
    if (life->mode == SETTINGS_SYNC_BATCH && tail->next_seq != last + 1)
        return verdict_fail(verdict, "seqs are skipped: %" PRIu64 " after %" PRIu64, tail->next_seq, last);
    if (opening->torn_bytes != rest)
        return verdict_fail(verdict, "%zu bytes were behind the lines, %" PRIu64 " were set aside", rest,
                            opening->torn_bytes);
    if (rest > 0 && !model_add_aside(model, &life->sim, opening->torn_file,
                                     span_of(life->found.data + (life->found.len - rest), rest), verdict))
        return false;
    return model_check_asides(model, &life->sim, verdict) && model_is_durable(&life->sim, verdict) &&
           model_check_lasts(model, count, life->topics, life->producers, verdict) &&
           model_check_signed(model, count, &life->sim, verdict);
}

static int try_open(struct life *life)
{
    struct log_options options = {.dir = "/sim",
                                  .is_relaxed = life->mode != SETTINGS_SYNC_BATCH,
                                  .disk = &life->sim.disk,
                                  .direct_bytes = DISK_DIRECT_ALIGN,
                                  .topics = life->topics,
                                  .producers = life->producers};
    topics_clear(life->topics);
    producers_clear(life->producers);
    text_clear(&life->message);
    return log_file_open(&life->log, &options, &life->message);
}

/* What the journal does with an open log before it begins. */
static void ready_journal(struct life *life)
{
    struct journal_options options = {.name = "tocsin",
                                      .version = "1",
                                      .log_dir = "/sim",
                                      .sync = {life->mode, life->mode == SETTINGS_SYNC_INTERVAL ? UINT32_MAX : 0},
                                      .log = life->log,
                                      .topics = life->topics,
                                      .producers = life->producers,
                                      .settled = life->settled,
                                      .stats = &life->stats,
                                      .health = &life->health,
                                      .failure_fd = -1};
    int result = checkpoints_open(&life->checkpoints, &life->sim.disk, "/sim", log_file_tail(life->log), key_path,
                                  &life->message);
    if (result != TOCSIN_OK)
        abort();
    options.checkpoints = life->checkpoints;
    memset(&life->stats, 0, sizeof life->stats);
    memset(&life->health, 0, sizeof life->health);
    life->journal = journal_new(&options);
    if (life->journal == NULL)
        abort();
    life->journal->piece_len = PIECE_LEN;
    atomic_store(&life->journal->must_hurry, true); /* a full disk is our affair */
    life->journal->synced_at_us = clock_monotonic_us();
}

int life_open(struct life *life)
{
    struct model *model = &life->model;
    const struct sim_file *current = sim_disk_file(&life->sim, "events.log");
    size_t count, rest;

    life->log = NULL;
    life->journal = NULL;
    life->sim.arg = life;
    life->sim.before = before_change;
    life->found.len = 0;
    if (current != NULL)
        sim_bytes_copy(&life->found, &current->seen);
    if (!model_compare(model, &life->sim, &count, &rest, life->verdict))
        return TOCSIN_E_CORRUPT;
    if (count < model->safe_kill) {
        verdict_fail(life->verdict, "%zu lines are left of %zu that were promised, of %zu", count, model->safe_kill,
                     model->count);
        return TOCSIN_E_CORRUPT;
    }
    if (life->plant == PLANT_LOST_LINE)
        drop_a_line(&life->sim);
    int result = try_open(life);
    if (result != TOCSIN_OK) {
        if (!is_disk_at_fault(life))
            verdict_fail(life->verdict, "the start is refused: %d %.*s", result, (int)life->message.len,
                         life->message.data);
        return result;
    }
    if (!verdict_is_red(life->verdict))
        judge_opening(life, count, rest);
    model_cut(model, count);
    life->was_cut_off = false;
    return TOCSIN_OK;
}

static int commit(struct life *life)
{
    int result = journal_commit(life->journal);
    take_promises(life);
    return result;
}

int life_begin(struct life *life)
{
    ready_journal(life);
    int result = journal_begin_life(life->journal, life->now_us);
    take_promises(life);
    return result;
}

static void put_pair(struct text *out, const char *key, const char *value)
{
    wire_write_str(out, span_of_str(key));
    wire_write_str(out, span_of_str(value));
}

/* An event of a page or three now and then, mostly of some ten bytes. */
static void write_event(struct life *life, struct text *out)
{
    static char summary[9001];
    char source_id[32];
    size_t len = sim_random_once_in(life->random, 24) ? 3000 + sim_random_below(life->random, 6000)
                                                      : 1 + sim_random_below(life->random, 120);
    memset(summary, 'a' + (int)sim_random_below(life->random, 26), len);
    summary[len] = '\0';
    snprintf(source_id, sizeof source_id, "#default#app/%u", (unsigned)sim_random_below(life->random, SOURCES));
    wire_write_map(out, 5);
    put_pair(out, "level", "Info");
    put_pair(out, "category", "StreamEvent");
    put_pair(out, "type", "StreamCreated");
    put_pair(out, "sourceId", source_id);
    put_pair(out, "summary", summary);
}

/* As the journal's add_admitted. */
static void add_event(struct life *life)
{
    struct journal *journal = life->journal;
    unsigned slot = (unsigned)sim_random_below(life->random, PRODUCERS + 1);
    struct text bytes;
    struct event event;
    char name[16];

    text_init(&bytes);
    write_event(life, &bytes);
    if (bytes.failed || !event_view(text_span(&bytes), &event))
        abort();
    snprintf(name, sizeof name, "cam-%u", slot);
    if (slot == PRODUCERS) {
        if (!batch_add(&journal->batch, &event, life->now_us, span_of(NULL, 0), 0))
            abort();
    } else {
        struct producer_last last = {0};
        producers_find(life->producers, span_of_str(name), &last);
        last.n += 1 + sim_random_below(life->random, 2);
        last.seq = journal->batch.next_seq;
        if (!acks_reserve(&journal->acks, slot) ||
            !batch_add(&journal->batch, &event, life->now_us, span_of_str(name), last.n))
            abort();
        memcpy(last.hash, journal->batch.hash, sizeof last.hash);
        acks_note(&journal->acks, slot, &last);
        producers_advance(life->producers, span_of_str(name), &last);
    }
    text_fini(&bytes);
}

/* As the journal's tick_sync. The sync takes place when it begins: what is written until it ends is not covered, which is
 * the worst that can be. */
static int pass_sync(struct life *life)
{
    struct journal *journal = life->journal;
    if (life->mode != SETTINGS_SYNC_INTERVAL || journal->batch.event_count > 0 || sim_random_once_in(life->random, 3))
        return TOCSIN_OK;
    if (journal->is_syncing)
        return journal_end_sync(journal);
    if (journal->unsynced_bytes > 0)
        journal_begin_sync(journal);
    return TOCSIN_OK;
}

int life_commit(struct life *life, unsigned count)
{
    int passed = pass_sync(life);
    take_promises(life);
    if (passed != TOCSIN_OK)
        return passed;
    if (life->journal->batch.event_count == 0) {
        int result = journal_roll(life->journal, life->now_us);
        if (result != TOCSIN_OK)
            return result;
    }
    for (unsigned i = 0; i < count; i++) {
        life->now_us += sim_random_below(life->random, 3);
        add_event(life);
        int result = journal_write_ahead(life->journal);
        take_promises(life);
        if (result != TOCSIN_OK)
            return result;
    }
    return commit(life);
}

int life_retry(struct life *life)
{
    return commit(life);
}

int life_tick(struct life *life)
{
    struct journal *journal = life->journal;
    int result = TOCSIN_OK;
    bool must_sign = sim_random_once_in(life->random, 2);

    if (journal->unsynced_bytes > 0 && (life->mode == SETTINGS_SYNC_INTERVAL || must_sign)) {
        result = journal_sync(journal);
        if (result == TOCSIN_OK)
            journal_acknowledge(journal);
        batch_begin(&journal->batch, true);
    }
    if (result == TOCSIN_OK && must_sign)
        journal_checkpoint(journal, false);
    if (result == TOCSIN_OK)
        result = log_file_check(life->log);
    take_promises(life);
    return result;
}

/* As journal_take_pruned, for the thread that asks. */
static bool tell(void *arg, const struct pruned *pruned)
{
    struct life *life = arg;
    bool is_told;
    if (life->plant == PLANT_SILENT_PRUNE)
        return true;
    life->told_result = journal_prune(life->journal, life->now_us, pruned, &is_told);
    take_promises(life);
    size_t count = model_count_upto(&life->model, pruned->last_seq);
    if (is_told && count > life->model.pruned)
        life->model.pruned = count;
    return is_told;
}

int life_retain(struct life *life, const struct retention_limits *limits)
{
    struct retention_work work;
    const struct disk *disk = &life->sim.disk;
    int dir = disk->open_dir(disk, "/sim");

    life->told_result = TOCSIN_OK;
    if (dir < 0)
        return TOCSIN_OK;
    retention_work_init(&work, disk, dir, log_file_tail(life->log)->log_id, &life->stats);
    work.limits = *limits;
    work.tell = tell;
    work.arg = life;
    work.index_stride = INDEX_STRIDE;
    work.reserve_max = RESERVE_LEN;
    retention_work_step(&work, life->now_us, 1);
    retention_index_step(&work, 1);
    retention_work_fini(&work);
    disk->close(disk, dir);
    return life->told_result;
}

/* Where the line of that seq is, and the first one received when it was. */
static bool find(struct log_reader *reader, uint64_t seq)
{
    struct log_cursor cursor = {.next_seq = seq};
    struct line line;
    uint64_t hole_to, first_seq = 0;
    if (log_reader_next(reader, &cursor, seq, &line, &hole_to) != LOG_READER_LINE || line.seq != seq)
        return false;
    uint64_t received_us = line.received_us;
    if (log_reader_at_time(reader, received_us, &first_seq) != 0 || first_seq > seq)
        return false;
    cursor = (struct log_cursor){.next_seq = first_seq};
    return log_reader_next(reader, &cursor, first_seq, &line, &hole_to) == LOG_READER_LINE &&
           line.received_us == received_us;
}

uint64_t life_seek(struct life *life, uint64_t choice)
{
    const struct model *model = &life->model;
    struct log_reader_options options = {.dir = "/sim", .log_id = model->log_id, .disk = &life->sim.disk};
    uint64_t file_seq;
    int error;

    if (model->count == model->gone || life->sim.is_dead)
        return 0;
    uint64_t seq = model->lines[model->gone + choice % (model->count - model->gone)].seq;
    struct log_reader *reader = log_reader_new(&options, &error);
    if (reader == NULL)
        abort();
    if (!find(reader, seq))
        verdict_fail(life->verdict, "seq %" PRIu64 " is not found, or not at its time", seq);
    uint64_t bad_indexes = log_reader_bad_indexes(reader, &file_seq);
    log_reader_free(&reader);
    return bad_indexes;
}

int life_stop(struct life *life)
{
    struct journal *journal = life->journal;
    journal_tell_stopped(journal, life->now_us);
    int result = commit(life);
    if (result == TOCSIN_OK)
        result = journal_sync(journal);
    if (result == TOCSIN_OK) {
        journal_acknowledge(journal);
        journal_checkpoint(journal, true);
    }
    take_promises(life);
    return result;
}

void life_close(struct life *life, bool in_order)
{
    if (!in_order) {
        life->sim.before = NULL;
        life->sim.is_dead = true;
    }
    if (life->journal != NULL)
        journal_free(&life->journal);
    checkpoints_close(&life->checkpoints);
    log_file_close(&life->log);
}
