/* The state file spares work and is never believed against the log: whatever is in it, a start comes to the same end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sodium.h>
#include <stdio.h>

#include "broker/log_state.h"
#include "proto/tocsin_base.h"
#include "proto/wire.h"
#include "tests/disk_fault.h"
#include "tests/log_builder.h"
#include "tests/log_dir.h"
#include "tests/seeded.h"

#define DAY_US UINT64_C(86400000000)

static struct log_dir dir;
static struct log_builder builder;
static struct disk_fault_plan plan;
static struct disk_fault disk;

static int set_up(void **state)
{
    (void)state;
    log_dir_init(&dir);
    log_builder_init(&builder, dir.topics);
    plan = (struct disk_fault_plan){.is_fast = true, .boot_id = "boot-1"};
    disk_fault_init(&disk, &plan);
    dir.options.disk = &disk.disk;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    log_builder_fini(&builder);
    log_dir_fini(&dir);
    return 0;
}

static void commit(struct log_file *log, unsigned batches)
{
    for (unsigned i = 0; i < batches; i++)
        log_builder_commit(&builder, log, 5);
}

static void expect_all_topics(void)
{
    struct span topic;
    uint64_t seq;
    assert_int_equal(topics_count(dir.topics), topics_count(builder.topics));
    for (size_t at = 0; topics_next(builder.topics, &at, &topic, &seq);)
        assert_int_equal(topics_last(dir.topics, topic), seq);
}

/* Opens and closes; the log must stand at `seq`, with its hash and all topics. */
static const char *expect_log(uint64_t seq, const uint8_t hash[CHAIN_HASH_LEN])
{
    struct log_file *log = log_dir_open(&dir);
    const char *note = log_file_opening(log)->state_note;
    assert_int_equal(log_file_tail(log)->seq, seq);
    assert_int_equal(log_file_tail(log)->next_seq, seq + 1);
    assert_memory_equal(log_file_tail(log)->hash, hash, CHAIN_HASH_LEN);
    expect_all_topics();
    log_file_close(&log);
    return note;
}

static void a_large_log_is_verified_from_an_anchor(void **state)
{
    (void)state;
    dir.options.anchor_bytes = 10000;
    dir.options.verify_bytes = 50000;
    struct log_file *log = log_dir_open(&dir);
    commit(log, 200);
    uint64_t len = log_file_len(log);
    struct log_tail tail = *log_file_tail(log);
    assert_true(len > 300000);
    log_file_close(&log);

    log = log_dir_open(&dir);
    assert_null(log_file_opening(log)->state_note);
    assert_in_range(log_file_opening(log)->verified_bytes, 50000, 65000);
    assert_memory_equal(log_file_tail(log), &tail, sizeof tail);
    expect_all_topics();
    commit(log, 200);
    log_file_close(&log);

    log = log_dir_open(&dir);
    assert_null(log_file_opening(log)->state_note);
    assert_in_range(log_file_opening(log)->verified_bytes, 50000, 65000);
    expect_all_topics();
    log_file_close(&log);
    log_dir_remove(&dir, "tocsind.state");
    log = log_dir_open(&dir);
    assert_int_equal(log_file_opening(log)->verified_bytes, log_file_len(log));
    expect_all_topics();
    log_file_close(&log);
}

/* Killed: the state is the one that was saved on the way, and the log goes on behind it. */
static void an_older_state_of_the_same_file_is_good_enough(void **state)
{
    struct text old;
    (void)state;

    dir.options.anchor_bytes = 10000;
    dir.options.verify_bytes = 20000;
    struct log_file *log = log_dir_open(&dir);
    commit(log, 100);
    log_dir_read(&dir, "tocsind.state", &old);
    commit(log, 20);
    struct log_tail tail = *log_file_tail(log);
    log_file_close(&log);
    log_dir_write(&dir, "tocsind.state", old.data, old.len);
    assert_null(expect_log(tail.seq, tail.hash));
    text_fini(&old);
}

static void a_state_of_the_day_before_still_knows_its_topics(void **state)
{
    struct text old;
    (void)state;

    struct log_file *log = log_dir_open(&dir);
    commit(log, 10);
    log_file_close(&log);
    log_dir_read(&dir, "tocsind.state", &old);
    log = log_dir_open(&dir);
    log_builder_begin_batch(&builder);
    log_builder_add(&builder, "only yesterday", "x");
    assert_int_equal(log_builder_write(&builder, log), TOCSIN_OK);
    assert_int_equal(log_file_roll(log, NULL), TOCSIN_OK);
    builder.received_us += DAY_US;
    commit(log, 1);
    struct log_tail tail = *log_file_tail(log);
    log_file_close(&log);
    log_dir_write(&dir, "tocsind.state", old.data, old.len);
    assert_null(expect_log(tail.seq, tail.hash));

    /* two days old: of no use, but no harm either */
    log = log_dir_open(&dir);
    assert_int_equal(log_file_roll(log, NULL), TOCSIN_OK);
    builder.received_us += DAY_US;
    commit(log, 1);
    tail = *log_file_tail(log);
    log_file_close(&log);
    log_dir_write(&dir, "tocsind.state", old.data, old.len);
    assert_non_null(expect_log(tail.seq, tail.hash));
    text_fini(&old);
}

/* Writes the file with its checksum made right. */
static void write_signed(struct text *raw)
{
    size_t len = raw->len - CHAIN_HASH_LEN;
    crypto_generichash((uint8_t *)raw->data + len, CHAIN_HASH_LEN, (const uint8_t *)raw->data, len, NULL, 0);
    log_dir_write(&dir, "tocsind.state", raw->data, raw->len);
}

static void a_state_with_a_flipped_bit_or_cut_short_is_ignored(void **state)
{
    struct text raw;
    (void)state;

    struct log_file *log = log_dir_open(&dir);
    commit(log, 10);
    struct log_tail tail = *log_file_tail(log);
    log_file_close(&log);
    log_dir_read(&dir, "tocsind.state", &raw);
    for (size_t at = 0; at < raw.len; at++) {
        char flip = (char)(1u << random_bits() % 8);
        raw.data[at] ^= flip;
        log_dir_write(&dir, "tocsind.state", raw.data, raw.len);
        assert_non_null(expect_log(tail.seq, tail.hash));
        raw.data[at] ^= flip;
    }
    for (size_t len = 0; len < raw.len; len += 9) {
        log_dir_write(&dir, "tocsind.state", raw.data, len);
        assert_non_null(expect_log(tail.seq, tail.hash));
    }
    log_dir_write(&dir, "tocsind.state", raw.data, raw.len);
    assert_null(expect_log(tail.seq, tail.hash));
    text_fini(&raw);
}

/* Flipped by someone who knows how to make the checksum right. The log's lines are what counts; only what no line can
 * contradict may follow the state: the seqs to be skipped, and the seqs of topics. */
static void a_forged_state_changes_no_line_and_crashes_nothing(void **state)
{
    struct text raw;
    unsigned used = 0;
    (void)state;

    dir.options.anchor_bytes = 3000;
    dir.options.verify_bytes = 6000;
    struct log_file *log = log_dir_open(&dir);
    commit(log, 20);
    struct log_tail tail = *log_file_tail(log);
    log_file_close(&log);
    log_dir_read(&dir, "tocsind.state", &raw);
    for (size_t at = 15; at < raw.len - CHAIN_HASH_LEN; at++) {
        char change = (char)(at % 2 == 0 ? 1u << random_bits() % 8 : random_bits() % 255 + 1);
        raw.data[at] ^= change;
        write_signed(&raw);
        log = log_dir_open(&dir);
        assert_int_equal(log_file_tail(log)->seq, tail.seq);
        assert_memory_equal(log_file_tail(log)->hash, tail.hash, CHAIN_HASH_LEN);
        assert_true(log_file_tail(log)->next_seq > tail.seq);
        used += log_file_opening(log)->state_note == NULL;
        log_file_close(&log);
        raw.data[at] ^= change;
    }
    print_message("%u of %zu were used\n", used, raw.len - 15 - CHAIN_HASH_LEN);
    text_fini(&raw);
}

/* The state says more than the log holds, for a tail was cut off: nothing of it is used but the seqs to skip. */
static void a_state_that_is_ahead_of_the_log_only_keeps_its_seqs_from_being_used_again(void **state)
{
    struct text content;
    (void)state;

    struct log_file *log = log_dir_open(&dir);
    commit(log, 10);
    uint64_t last = log_file_tail(log)->seq;
    log_file_close(&log);
    log_dir_read(&dir, "events.log", &content);
    size_t line = content.len - 1;
    while (content.data[line - 1] != '\n')
        line--;
    for (size_t len = line; len < content.len; len += 50) {
        struct text state_file;
        log_dir_read(&dir, "tocsind.state", &state_file);
        log_dir_write(&dir, "events.log", content.data, len);
        log = log_dir_open(&dir);
        assert_int_equal(log_file_tail(log)->seq, last - 1);
        assert_int_equal(log_file_tail(log)->next_seq, last + 1);
        assert_int_equal(log_file_opening(log)->gap, LOG_GAP_SHORTENED);
        assert_int_equal(log_file_opening(log)->gap_from, last);
        assert_int_equal(log_file_opening(log)->gap_to, last);
        assert_int_equal(topics_last(dir.topics, span_of_str("StreamEvent/#default#app/stream-1")), 41);
        log_file_close(&log);
        log_dir_write(&dir, "tocsind.state", state_file.data, state_file.len);
        text_fini(&state_file);
    }
    text_fini(&content);
}

/* A bad line in the last batch, before the end that the state knows: what the state says of topics is from behind it.
 */
static void a_state_from_behind_a_torn_tail_gives_no_topics(void **state)
{
    struct text content;
    (void)state;

    struct log_file *log = log_dir_open(&dir);
    commit(log, 10);
    uint64_t last = log_file_tail(log)->seq;
    log_file_close(&log);
    log_dir_read(&dir, "events.log", &content);
    size_t line = content.len - 1;
    while (content.data[line - 1] != '\n')
        line--;
    content.data[line - 100] ^= 1; /* in the line before the last, which has four in its batch */
    log_dir_write(&dir, "events.log", content.data, content.len);
    log = log_dir_open(&dir);
    assert_non_null(log_file_opening(log)->state_note);
    assert_int_equal(log_file_tail(log)->seq, last - 2);
    assert_int_equal(log_file_tail(log)->next_seq, last + 1);
    assert_int_equal(log_file_opening(log)->gap, LOG_GAP_SHORTENED);
    assert_int_equal(topics_last(dir.topics, span_of_str("StreamEvent/#default#app/stream-1")), 41);
    assert_int_equal(topics_last(dir.topics, span_of_str("StreamEvent/#default#app/stream-0")), 40);
    assert_int_equal(topics_last(dir.topics, span_of_str("StreamEvent/#default#app/stream-9")), 49);
    log_file_close(&log);
    text_fini(&content);
}

/* The journal gave seqs to events that found no room on the disk, and was stopped. */
static void topics_ahead_of_the_log_are_not_believed(void **state)
{
    (void)state;
    struct log_file *log = log_dir_open(&dir);
    commit(log, 4);
    struct log_tail tail = *log_file_tail(log);
    topics_advance(dir.topics, span_of_str("StreamEvent/#default#app/stream-1"), tail.seq + 1);
    topics_advance(dir.topics, span_of_str("StreamEvent/never logged"), tail.seq + 2);
    log_file_close(&log);
    expect_log(tail.seq, tail.hash);
}

/* Where the seq of the state's end stands in the file; all numbers before it are below 128 but the offset. */
static size_t find_end_seq(const struct text *raw)
{
    struct wire_reader reader = wire_reader_of(span_of(raw->data + 15, raw->len - 15));
    for (unsigned value = 0; value < 7; value++) /* of the origin five; offset, line */
        assert_true(wire_skip(&reader));
    return (size_t)(reader.at - (const uint8_t *)raw->data);
}

/* With another seq at its end than the line there, lines would be taken for known, or known ones for new. */
static void a_state_with_a_forged_seq_at_its_end_gives_no_topics(void **state)
{
    struct text raw;
    (void)state;

    struct log_file *log = log_dir_open(&dir);
    commit(log, 10);
    log_file_close(&log);
    log_dir_read(&dir, "tocsind.state", &raw);
    log = log_dir_open(&dir);
    commit(log, 4);
    struct log_tail tail = *log_file_tail(log);
    log_file_close(&log);
    size_t at = find_end_seq(&raw);
    assert_int_equal(raw.data[at], 51);
    raw.data[at] = 60;
    raw.data[at + 2 + CHAIN_HASH_LEN + 1] = 61; /* next_seq */
    write_signed(&raw);
    assert_non_null(expect_log(tail.seq, tail.hash));
    text_fini(&raw);
}

/* The half of an anchor's hash that no line shows is forged: the first line behind it gives it away. */
static void an_anchor_with_a_forged_hash_is_given_up(void **state)
{
    struct text raw;
    struct span hash;
    (void)state;

    dir.options.anchor_bytes = 40000;
    dir.options.verify_bytes = 50000;
    struct log_file *log = log_dir_open(&dir);
    commit(log, 40);
    log_dir_read(&dir, "tocsind.state", &raw); /* saved on the way, where it also set an anchor */
    commit(log, 80);
    struct log_tail tail = *log_file_tail(log);
    log_file_close(&log);
    struct wire_reader reader = wire_reader_of(span_of(raw.data + find_end_seq(&raw), 64));
    assert_true(wire_skip(&reader));
    hash = span_of(reader.at + 2, CHAIN_HASH_LEN);
    unsigned forged = 0;
    uint8_t wanted[CHAIN_HASH_LEN];
    memcpy(wanted, hash.data, sizeof wanted);
    for (char *at = raw.data; (at = memmem(at, raw.len - (size_t)(at - raw.data), wanted, sizeof wanted)) != NULL;) {
        at[CHAIN_HASH_LEN - 1] ^= 1;
        forged++;
    }
    assert_int_equal(forged, 2); /* the end, and the anchor at it */
    write_signed(&raw);
    assert_non_null(expect_log(tail.seq, tail.hash));
    text_fini(&raw);
}

static void a_state_of_another_log_is_ignored(void **state)
{
    struct text old;
    (void)state;

    struct log_file *log = log_dir_open(&dir);
    commit(log, 10);
    log_file_close(&log);
    log_dir_read(&dir, "tocsind.state", &old);
    log_dir_clear(&dir);
    log_builder_fini(&builder);
    log_builder_init(&builder, dir.topics);
    log = log_dir_open(&dir);
    commit(log, 2);
    struct log_tail tail = *log_file_tail(log);
    log_file_close(&log);
    log_dir_write(&dir, "tocsind.state", old.data, old.len);
    assert_non_null(expect_log(tail.seq, tail.hash));

    /* all files of the log are gone: a new log, with an id of its own */
    log_dir_remove(&dir, "events.log");
    log_dir_write(&dir, "tocsind.state", old.data, old.len);
    log = log_dir_open(&dir);
    assert_true(log_file_opening(log)->is_new);
    assert_int_equal(log_file_tail(log)->next_seq, 1);
    log_file_close(&log);
    text_fini(&old);
}

/* Published, not synced, power gone: nobody knows how many seqs were seen. */
static void after_a_power_cut_in_a_relaxed_mode_seqs_are_skipped(void **state)
{
    (void)state;
    dir.options.is_relaxed = true;
    struct log_file *log = log_dir_open(&dir);
    commit(log, 2);
    log_file_close(&log);
    log = log_dir_open(&dir); /* killed, but the machine went on: nothing is lost */
    assert_int_equal(log_file_opening(log)->gap, LOG_GAP_NONE);
    log_file_close(&log);
    plan.boot_id = "boot-2";
    dir.options.is_relaxed = false; /* what counts is how the lines were written */
    for (unsigned i = 0; i < 2; i++) {
        log = log_dir_open(&dir);
        const struct log_opening *opening = log_file_opening(log);
        assert_int_equal(opening->gap, LOG_GAP_POWER);
        assert_int_equal(opening->gap_from, 12);
        assert_int_equal(opening->gap_to, 11 + 100000000);
        assert_int_equal(log_file_tail(log)->next_seq, opening->gap_to + 1);
        log_file_close(&log); /* nothing written: the gap stays, and does not grow */
    }
    log = log_dir_open(&dir);
    commit(log, 1);
    log_file_close(&log);
    plan.boot_id = "boot-3";
    log = log_dir_open(&dir); /* not relaxed: no more gaps */
    assert_int_equal(log_file_opening(log)->gap, LOG_GAP_NONE);
    assert_int_equal(log_file_tail(log)->seq, 11 + 100000000 + 5);
    log_file_close(&log);
}

/* Its end says a batch that is far ahead, and proves nothing: it was never durable. */
static void the_first_line_behind_a_gap_may_lose_its_beginning(void **state)
{
    struct text gap_state, content;
    (void)state;

    dir.options.is_relaxed = true;
    struct log_file *log = log_dir_open(&dir);
    commit(log, 2);
    struct log_tail tail = *log_file_tail(log);
    size_t end = log_file_len(log);
    log_file_close(&log);
    plan.boot_id = "boot-2";
    log = log_dir_open(&dir);
    uint64_t next_seq = log_file_tail(log)->next_seq;
    assert_true(next_seq > tail.seq + 1);
    log_dir_read(&dir, "tocsind.state", &gap_state);
    log_builder_commit(&builder, log, 1);
    log_file_close(&log);
    log_dir_read(&dir, "events.log", &content);
    memset(content.data + end, 0, 100);
    log_dir_write(&dir, "events.log", content.data, content.len);
    log_dir_write(&dir, "tocsind.state", gap_state.data, gap_state.len);
    log = log_dir_open(&dir);
    assert_int_equal(log_file_opening(log)->torn_bytes, content.len - end);
    assert_int_equal(log_file_tail(log)->seq, tail.seq);
    assert_int_equal(log_file_tail(log)->next_seq, next_seq);
    log_file_close(&log);
    text_fini(&content);
    text_fini(&gap_state);
}

static void after_a_clean_stop_nothing_is_skipped(void **state)
{
    (void)state;
    dir.options.is_relaxed = true;
    struct log_file *log = log_dir_open(&dir);
    commit(log, 2);
    log_builder_begin_batch(&builder);
    log_builder_add_stopped(&builder);
    assert_int_equal(log_builder_write(&builder, log), TOCSIN_OK);
    assert_int_equal(log_file_sync(log), TOCSIN_OK);
    log_file_close(&log);
    plan.boot_id = "boot-2";
    log = log_dir_open(&dir);
    assert_int_equal(log_file_opening(log)->gap, LOG_GAP_NONE);
    log_file_close(&log);
}

static void many_topics_and_anchors_come_back(void **state)
{
    char name[64];
    (void)state;

    dir.options.anchor_bytes = 1000;
    dir.options.verify_bytes = 5000;
    struct log_file *log = log_dir_open(&dir);
    log_builder_commit(&builder, log, 1);
    for (unsigned batch = 0; batch < 100; batch++) {
        log_builder_begin_batch(&builder);
        for (unsigned i = 0; i < 100; i++) {
            snprintf(name, sizeof name, "source %u of %u", i, batch);
            log_builder_add(&builder, name, "x");
        }
        assert_int_equal(log_builder_write(&builder, log), TOCSIN_OK);
        assert_int_equal(log_file_sync(log), TOCSIN_OK);
    }
    struct log_tail tail = *log_file_tail(log);
    log_file_close(&log);
    assert_null(expect_log(tail.seq, tail.hash));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_large_log_is_verified_from_an_anchor),
        TEST(an_older_state_of_the_same_file_is_good_enough),
        TEST(a_state_of_the_day_before_still_knows_its_topics),
        TEST(a_state_with_a_flipped_bit_or_cut_short_is_ignored),
        TEST(a_forged_state_changes_no_line_and_crashes_nothing),
        TEST(a_state_that_is_ahead_of_the_log_only_keeps_its_seqs_from_being_used_again),
        TEST(a_state_from_behind_a_torn_tail_gives_no_topics),
        TEST(topics_ahead_of_the_log_are_not_believed),
        TEST(a_state_with_a_forged_seq_at_its_end_gives_no_topics),
        TEST(an_anchor_with_a_forged_hash_is_given_up),
        TEST(a_state_of_another_log_is_ignored),
        TEST(after_a_power_cut_in_a_relaxed_mode_seqs_are_skipped),
        TEST(the_first_line_behind_a_gap_may_lose_its_beginning),
        TEST(after_a_clean_stop_nothing_is_skipped),
        TEST(many_topics_and_anchors_come_back),
    };
    return cmocka_run_group_tests(tests, seed, NULL);
}
