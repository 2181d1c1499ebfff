/* A long batch is written while it is made: nobody sees of it what is not synced, and the log is what it would be
 * otherwise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <semaphore.h>
#include <stdio.h>
#include <time.h>

#include "broker/journal_internal.h"
#include "proto/tocsin_base.h"
#include "proto/wire.h"
#include "tests/log_builder.h"
#include "tests/log_dir.h"

#define EVENTS      100u
#define PIECE_LEN   3000u /* about ten lines */
#define PATIENCE_S  60
#define SETTLED_LEN (1u << 20)

static struct log_dir dir;
static struct log_builder builder;
static struct log_file *file;
static struct journal *journal;
static struct ring *settled;
static struct stats stats;
static struct health health;

/* The real disk, which asks what has been shown, and may wait for the test or fail. */
static struct {
    struct disk disk;
    atomic_uint writes;
    atomic_uint syncs;
    atomic_bool has_shown; /* something, when it was asked for anything */
    atomic_uint failures;  /* so many writes fail */
    atomic_int error;
    atomic_bool must_wait; /* in each write for `go_on` */
    sem_t is_writing;
    sem_t go_on;
} watching;

static void look(void)
{
    if (ring_used(settled) > 0)
        atomic_store(&watching.has_shown, true);
}

static bool await(sem_t *what)
{
    struct timespec end;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += PATIENCE_S;
    return sem_timedwait(what, &end) == 0;
}

static ssize_t watch_append(const struct disk *disk, int fd, const void *bytes, size_t len)
{
    look();
    atomic_fetch_add(&watching.writes, 1);
    if (atomic_load(&watching.must_wait)) {
        sem_post(&watching.is_writing);
        if (!await(&watching.go_on))
            return -EIO;
    }
    if (atomic_load(&watching.failures) > 0) {
        atomic_fetch_sub(&watching.failures, 1);
        return -atomic_load(&watching.error);
    }
    return disk_real.append(disk, fd, bytes, len);
}

static int watch_sync(const struct disk *disk, int fd)
{
    look();
    atomic_fetch_add(&watching.syncs, 1);
    return disk_real.sync(disk, fd);
}

static int set_up(void **state)
{
    (void)state;
    log_dir_init(&dir);
    log_builder_init(&builder, dir.topics);
    settled = ring_new(SETTLED_LEN);
    watching.disk = disk_real;
    watching.disk.append = watch_append;
    watching.disk.sync = watch_sync;
    watching.must_wait = watching.has_shown = false;
    watching.failures = 0;
    sem_init(&watching.is_writing, 0, 0);
    sem_init(&watching.go_on, 0, 0);
    dir.options.disk = &watching.disk;
    file = log_dir_open(&dir);
    log_builder_commit(&builder, file, 3);
    struct journal_options options = {.name = "tocsin",
                                      .log_dir = dir.path,
                                      .sync = {SETTINGS_SYNC_BATCH, 0},
                                      .log = file,
                                      .topics = dir.topics,
                                      .settled = settled,
                                      .stats = &stats,
                                      .health = &health};
    journal = journal_new(&options);
    assert_non_null(journal);
    journal->piece_len = PIECE_LEN;
    journal->syncer = syncer_new();
    assert_non_null(journal->syncer);
    watching.writes = watching.syncs = 0;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    journal_await_piece(journal);
    journal_free(&journal);
    if (file)
        log_file_close(&file);
    sem_destroy(&watching.is_writing);
    sem_destroy(&watching.go_on);
    ring_free(&settled);
    log_builder_fini(&builder);
    log_dir_fini(&dir);
    return 0;
}

static void put_pair(struct text *out, const char *key, const char *value)
{
    wire_write_str(out, span_of_str(key));
    wire_write_str(out, span_of_str(value));
}

/* As the journal's take. */
static int add(unsigned number)
{
    struct text bytes;
    struct event event;
    char summary[40];
    text_init(&bytes);
    snprintf(summary, sizeof summary, "the event number %u", number);
    wire_write_map(&bytes, 5);
    put_pair(&bytes, "level", "Info");
    put_pair(&bytes, "category", "StreamEvent");
    put_pair(&bytes, "type", "StreamCreated");
    put_pair(&bytes, "sourceId", "cam");
    put_pair(&bytes, "summary", summary);
    assert_true(event_view(text_span(&bytes), &event));
    assert_true(batch_add(&journal->batch, &event, LOG_BUILDER_START_US + number, span_of(NULL, 0), 0));
    text_fini(&bytes);
    return journal_write_ahead(journal);
}

static int add_many(void)
{
    int result = TOCSIN_OK;
    for (unsigned i = 0; i < EVENTS && result == TOCSIN_OK; i++)
        result = add(i);
    return result;
}

/* All is in the log, in one commit batch, and has been shown; a start finds nothing to complain of. */
static void assert_logged(uint64_t first_seq, unsigned count)
{
    size_t len;
    uint64_t shown_seq = 0;
    const struct settled *next;
    while ((next = ring_next(settled, &len)) != NULL)
        shown_seq = next->last_seq;
    assert_int_equal(shown_seq, first_seq + count - 1);
    assert_int_equal(log_file_tail(file)->seq, first_seq + count - 1);
    assert_int_equal(log_file_tail(file)->batch, first_seq);
    assert_int_equal(stats_get(&stats.durable_seq), first_seq + count - 1);
    assert_int_equal(log_file_check(file), TOCSIN_OK);
    log_file_close(&file);
    file = log_dir_open(&dir);
    assert_int_equal(log_file_tail(file)->seq, first_seq + count - 1);
    assert_int_equal(log_file_tail(file)->batch, first_seq);
    assert_memory_equal(log_file_tail(file)->hash, journal->batch.hash, CHAIN_HASH_LEN);
}

static void nothing_of_a_batch_is_shown_before_all_of_it_is_written_and_synced(void **state)
{
    (void)state;
    uint64_t first_seq = journal->batch.next_seq, before = stats_get(&stats.log_bytes), len = log_file_len(file);
    assert_int_equal(add_many(), TOCSIN_OK);
    assert_int_equal(atomic_load(&watching.syncs), 0);
    assert_int_equal(journal_commit(journal), TOCSIN_OK);
    assert_true(atomic_load(&watching.writes) > 3);
    assert_int_equal(atomic_load(&watching.syncs), 1);
    assert_false(atomic_load(&watching.has_shown));
    assert_int_equal(stats_get(&stats.log_bytes) - before, log_file_len(file) - len);
    assert_logged(first_seq, EVENTS);
}

static void the_next_lines_are_made_while_the_disk_writes(void **state)
{
    (void)state;
    uint64_t first_seq = journal->batch.next_seq;
    unsigned count = 0;
    atomic_store(&watching.must_wait, true);
    while (!journal->piece.is_writing)
        assert_int_equal(add(count++), TOCSIN_OK);
    assert_true(await(&watching.is_writing));
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(add(count++), TOCSIN_OK);
    assert_int_equal(journal->batch.event_count, count);
    assert_int_equal(atomic_load(&watching.writes), 1);
    atomic_store(&watching.must_wait, false);
    sem_post(&watching.go_on);
    assert_int_equal(journal_commit(journal), TOCSIN_OK);
    assert_false(atomic_load(&watching.has_shown));
    assert_logged(first_seq, count);
}

static void a_batch_that_ends_with_a_piece_is_whole(void **state)
{
    (void)state;
    uint64_t first_seq = journal->batch.next_seq;
    unsigned count = 0;
    while (!journal->piece.is_writing)
        assert_int_equal(add(count++), TOCSIN_OK);
    assert_int_equal(journal->batch.lines.len, 0);
    assert_int_equal(journal_commit(journal), TOCSIN_OK);
    assert_int_equal(atomic_load(&watching.writes), 1);
    assert_logged(first_seq, count);
}

static void a_piece_without_room_is_tried_again_and_nothing_is_left_out(void **state)
{
    (void)state;
    uint64_t first_seq = journal->batch.next_seq;
    atomic_store(&journal->must_hurry, true); /* not to be waited for */
    atomic_store(&watching.error, ENOSPC);
    atomic_store(&watching.failures, 2);
    assert_int_equal(add_many(), TOCSIN_E_NOSPACE);
    unsigned count = (unsigned)journal->batch.event_count;
    assert_int_equal(journal_commit(journal), TOCSIN_E_NOSPACE);
    assert_int_equal(atomic_load(&watching.syncs), 0);
    assert_int_equal(ring_used(settled), 0);
    assert_int_equal(journal_commit(journal), TOCSIN_OK);
    assert_logged(first_seq, count);
}

static void a_journal_that_finds_no_room_waits_for_it(void **state)
{
    (void)state;
    uint64_t first_seq = journal->batch.next_seq;
    atomic_store(&watching.error, ENOSPC);
    atomic_store(&watching.failures, 1);
    assert_int_equal(add_many(), TOCSIN_OK);
    assert_int_equal(journal_commit(journal), TOCSIN_OK);
    assert_true(journal->was_full);
    assert_logged(first_seq, EVENTS);
}

static void a_disk_that_fails_under_a_piece_is_final(void **state)
{
    (void)state;
    atomic_store(&watching.error, EIO);
    atomic_store(&watching.failures, 1);
    assert_int_equal(add_many(), TOCSIN_E_IO);
    assert_int_equal(journal_commit(journal), TOCSIN_E_IO);
    assert_int_equal(atomic_load(&watching.writes), 1);
    assert_int_equal(atomic_load(&watching.syncs), 0);
    assert_int_equal(ring_used(settled), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_of_a_batch_is_shown_before_all_of_it_is_written_and_synced, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_next_lines_are_made_while_the_disk_writes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_batch_that_ends_with_a_piece_is_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_piece_without_room_is_tried_again_and_nothing_is_left_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_journal_that_finds_no_room_waits_for_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_disk_that_fails_under_a_piece_is_final, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
