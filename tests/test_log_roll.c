/* The end of a day: names, clocks, zones, and a roll that is killed or fails at any of its steps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "broker/log_day.h"
#include "broker/log_name.h"
#include "proto/json_read.h"
#include "proto/tocsin_base.h"
#include "tests/disk_fault.h"
#include "tests/log_builder.h"
#include "tests/log_dir.h"

#define DAY_US  UINT64_C(86400000000)
#define HOUR_US UINT64_C(3600000000)

static struct log_dir dir;
static struct log_builder builder;
static struct disk_fault_plan plan;
static struct disk_fault disk;

static void set_zone(const char *zone)
{
    setenv("TZ", zone, 1);
    tzset();
}

static int set_up(void **state)
{
    (void)state;
    log_dir_init(&dir);
    log_builder_init(&builder, dir.topics);
    plan = (struct disk_fault_plan){.is_fast = true};
    disk_fault_init(&disk, &plan);
    dir.options.disk = &disk.disk;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    set_zone("UTC");
    log_builder_fini(&builder);
    log_dir_fini(&dir);
    return 0;
}

/* Follows all lines of a file: they go on from *seq and *hash, the first is LogOpened. */
static void check_file(const char *name, uint64_t *seq, uint8_t hash[CHAIN_HASH_LEN])
{
    struct text content;
    struct line line;

    log_dir_read(&dir, name, &content);
    for (size_t at = 0; at < content.len;) {
        const char *lf = memchr(content.data + at, '\n', content.len - at);
        assert_non_null(lf);
        size_t len = (size_t)(lf - content.data) - at;
        assert_int_equal(line_read(span_of(content.data + at, len), &line), TOCSIN_OK);
        assert_int_equal(line.seq, *seq + 1);
        assert_int_equal(span_is(line.category, "BrokerEvent"), at == 0);
        chain_next(hash, line.hashed);
        assert_true(chain_matches(hash, line.hash));
        *seq = line.seq;
        at += len + 1;
    }
    text_fini(&content);
}

/* The files hold one chain, 1 to `last`, in this order. `names` ends with NULL. */
static void assert_chain(const char *log_id, const char *const *names, uint64_t last)
{
    uint8_t hash[CHAIN_HASH_LEN];
    uint64_t seq = 0;

    chain_start(hash, span_of_str(log_id));
    for (; *names != NULL; names++)
        check_file(*names, &seq, hash);
    assert_int_equal(seq, last);
}

static void days_are_those_of_the_zone(void **state)
{
    (void)state;
    assert_int_equal(log_day_of(0, LOG_ZONE_UTC), 19700101);
    assert_int_equal(log_day_of(LOG_BUILDER_START_US, LOG_ZONE_UTC), 20261121);
    assert_int_equal(log_day_of(UINT64_C(1709251199999999), LOG_ZONE_UTC), 20240229);
    assert_int_equal(log_day_of(UINT64_C(1709251200000000), LOG_ZONE_UTC), 20240301);
    assert_int_equal(log_day_of(UINT64_C(253402300799999999), LOG_ZONE_UTC), 99991231);
    assert_int_equal(log_day_of(UINT64_MAX, LOG_ZONE_UTC), 99991231);
    set_zone("Asia/Tokyo");
    assert_int_equal(log_day_of(UINT64_C(1709218800000000), LOG_ZONE_LOCAL), 20240301);
    assert_int_equal(log_day_of(UINT64_C(1709218799999999), LOG_ZONE_LOCAL), 20240229);
    set_zone("America/New_York");
    assert_int_equal(log_day_of(UINT64_C(253402300799999999), LOG_ZONE_LOCAL), 99991231);
}

static void only_our_own_dated_names_are_taken_for_days(void **state)
{
    static const char *const good[] = {"events.log.20261121", "events.log.20261121.1", "events.log.20261121.10"};
    static const char *const bad[] = {"events.log",
                                      "events.log.2026112",
                                      "events.log.202611211",
                                      "events.log.20261121.",
                                      "events.log.20261121.0",
                                      "events.log.20261121.01",
                                      "events.log.20261121.1.2",
                                      "events.log.20261121.zst",
                                      "events.log.torn.5",
                                      "events.log.20261121.1234567890",
                                      "events.log.20261121/../x",
                                      "Events.log.20261121",
                                      ""};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(log_name_is_dated(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(log_name_is_dated(bad[i]));
    assert_true(log_name_compare(good[0], good[1]) < 0);
    assert_true(log_name_compare("events.log.20261121.9", good[2]) < 0);
    assert_true(log_name_compare("events.log.20261122", good[2]) > 0);
    assert_true(log_name_compare(good[1], good[1]) == 0);
}

static void a_roll_gives_the_file_the_name_of_its_day_and_begins_another(void **state)
{
    char name[LOG_NAME_MAX];
    (void)state;

    struct log_file *log = log_dir_open(&dir);
    assert_false(log_file_is_due(log, builder.received_us + 100 * DAY_US)); /* it is empty */
    log_builder_commit(&builder, log, 3);
    assert_false(log_file_is_due(log, builder.received_us));
    assert_false(log_file_is_due(log, builder.received_us - 2 * DAY_US));
    assert_false(log_file_is_due(log, builder.received_us + 14 * HOUR_US));
    builder.received_us += 15 * HOUR_US;
    assert_true(log_file_is_due(log, builder.received_us));
    struct log_tail tail = *log_file_tail(log);
    assert_int_equal(log_file_roll(log, name), TOCSIN_OK);
    assert_string_equal(name, "events.log.20261121");
    assert_true(log_file_is_fresh(log));
    assert_false(log_file_is_due(log, builder.received_us));
    assert_int_equal(log_file_len(log), 0);
    assert_memory_equal(log_file_tail(log), &tail, sizeof tail);
    const struct log_origin *origin = log_file_origin(log);
    assert_true(origin->has_previous);
    assert_string_equal(origin->previous_file, name);
    assert_int_equal(origin->previous_seq, 4);
    assert_memory_equal(origin->previous_hash, tail.hash, CHAIN_HASH_LEN);
    log_builder_commit(&builder, log, 2);
    log_file_close(&log);
    log = log_dir_open(&dir);
    assert_int_equal(log_file_tail(log)->seq, 7);
    assert_false(log_file_is_fresh(log));
    assert_string_equal(log_file_origin(log)->previous_file, name);
    assert_chain(tail.log_id, (const char *[]){name, "events.log", NULL}, 7);
    log_file_close(&log);
}

static void a_name_that_is_taken_is_never_overwritten(void **state)
{
    struct text content;
    char name[LOG_NAME_MAX];
    (void)state;

    log_dir_write(&dir, "events.log.20261121.1", "mine", 4);
    struct log_file *log = NULL;
    assert_int_equal(log_dir_try(&dir, &log), TOCSIN_E_CORRUPT); /* no file of ours, and the newest */
    log_dir_remove(&dir, "events.log.20261121.1");
    log = log_dir_open(&dir);
    log_builder_commit(&builder, log, 1);
    log_dir_write(&dir, "events.log.20261121", "mine", 4);
    log_dir_write(&dir, "events.log.20261121.1", "", 0);
    assert_int_equal(log_file_roll(log, name), TOCSIN_OK);
    assert_string_equal(name, "events.log.20261121.2");
    log_builder_commit(&builder, log, 1);
    assert_int_equal(log_file_roll(log, name), TOCSIN_OK);
    assert_string_equal(name, "events.log.20261121.3");
    log_dir_read(&dir, "events.log.20261121", &content);
    assert_int_equal(content.len, 4);
    text_fini(&content);
    log_file_close(&log);
}

/* Three midnights, the clock an hour back in between: forward only. */
static void a_clock_that_goes_back_never_rolls(void **state)
{
    char name[LOG_NAME_MAX];
    uint64_t now = LOG_BUILDER_START_US;
    unsigned rolls = 0;
    struct log_file *log = log_dir_open(&dir);
    (void)state;

    for (unsigned hour = 0; hour < 120; hour++) {
        now += hour % 5 == 4 ? -HOUR_US : HOUR_US;
        if (log_file_is_due(log, now)) {
            assert_int_equal(log_file_roll(log, name), TOCSIN_OK);
            rolls++;
        }
        if (now > builder.received_us)
            builder.received_us = now;
        log_builder_commit(&builder, log, 1);
    }
    assert_int_equal(rolls, 3);
    uint64_t last = log_file_tail(log)->seq;
    assert_chain(
        log_file_tail(log)->log_id,
        (const char *[]){"events.log.20261121", "events.log.20261122", "events.log.20261123", "events.log", NULL},
        last);
    log_file_close(&log);
}

/* Local midnights, across a change of the clocks: 2026-10-25 has 25 hours in Berlin, 2026-03-29 has 23. */
static void local_days_may_have_23_or_25_hours(void **state)
{
    static const struct {
        uint64_t midnight_us; /* local, the start of `day` */
        unsigned hours;
        const char *name;
    } cases[] = {
        {UINT64_C(1792879200000000), 25, "events.log.20261025"}, /* 2026-10-24T22:00:00Z */
        {UINT64_C(1774738800000000), 23, "events.log.20260329"}, /* 2026-03-28T23:00:00Z */
        {UINT64_C(1792965600000000) + HOUR_US, 24, "events.log.20261026"},
    };
    char name[LOG_NAME_MAX];
    (void)state;

    set_zone("Europe/Berlin");
    dir.options.zone = LOG_ZONE_LOCAL;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        log_dir_clear(&dir);
        struct log_file *log = log_dir_open(&dir);
        builder.received_us = cases[i].midnight_us;
        log_builder_commit(&builder, log, 1);
        uint64_t end = cases[i].midnight_us + cases[i].hours * HOUR_US;
        for (uint64_t now = cases[i].midnight_us; now < end; now += HOUR_US / 4)
            assert_false(log_file_is_due(log, now));
        assert_false(log_file_is_due(log, end - 1));
        assert_true(log_file_is_due(log, end));
        assert_int_equal(log_file_roll(log, name), TOCSIN_OK);
        assert_string_equal(name, cases[i].name);
        log_file_close(&log);
    }
}

/* From Tokyo's days to UTC's: the file holds a "later" day than the clock shows; it is not rolled until that is over.
 */
static void a_change_of_the_zone_never_rolls_back(void **state)
{
    (void)state;
    set_zone("Asia/Tokyo");
    dir.options.zone = LOG_ZONE_LOCAL;
    struct log_file *log = log_dir_open(&dir);
    builder.received_us = LOG_BUILDER_START_US + 10 * HOUR_US; /* 19:30 UTC, the 22nd in Tokyo */
    log_builder_commit(&builder, log, 1);
    assert_false(log_file_is_due(log, builder.received_us + 4 * HOUR_US));
    log_file_close(&log);
    dir.options.zone = LOG_ZONE_UTC;
    log = log_dir_open(&dir);
    assert_false(log_file_is_due(log, builder.received_us + 4 * HOUR_US));
    assert_true(log_file_is_due(log, builder.received_us + 5 * HOUR_US));
    log_file_close(&log);
}

/* Days that ended before the broker was down, and the log's own age, are told from the first line. */
static void a_start_days_later_finds_the_roll_due(void **state)
{
    (void)state;
    struct log_file *log = log_dir_open(&dir);
    log_builder_commit(&builder, log, 1);
    log_file_close(&log);
    log = log_dir_open(&dir);
    assert_true(log_file_is_due(log, builder.received_us + 3 * DAY_US));
    log_file_close(&log);
}

/* Old lines durable, the state with the old file's anchors, the name, the new file, the directory: in this order. */
static void a_roll_syncs_before_it_renames_and_the_directory_at_the_end(void **state)
{
    (void)state;
    struct log_file *log = log_dir_open(&dir);
    log_builder_commit(&builder, log, 1);
    log_builder_follow(&builder, log_file_tail(log));
    log_builder_add(&builder, "a", "not yet synced");
    assert_int_equal(log_builder_write(&builder, log), TOCSIN_OK);
    memset(plan.trace, 0, sizeof plan.trace);
    assert_int_equal(log_file_roll(log, NULL), TOCSIN_OK);
    assert_string_equal(plan.trace, "S"
                                    "CWWSPD"
                                    "R"
                                    "CD");
    log_file_close(&log);
}

/* Two days with lines, then a roll that is about to begin. */
static struct log_file *ready_to_roll(void)
{
    log_dir_clear(&dir);
    log_builder_fini(&builder);
    log_builder_init(&builder, dir.topics);
    plan = (struct disk_fault_plan){.is_fast = true};
    struct log_file *log = log_dir_open(&dir);
    log_builder_commit(&builder, log, 3);
    builder.received_us += DAY_US;
    assert_int_equal(log_file_roll(log, NULL), TOCSIN_OK);
    log_builder_commit(&builder, log, 4);
    builder.received_us += DAY_US;
    assert_true(log_file_is_due(log, builder.received_us));
    return log;
}

static void expect_all_topics(void)
{
    struct span topic;
    uint64_t seq;
    for (size_t at = 0; topics_next(builder.topics, &at, &topic, &seq);)
        assert_int_equal(topics_last(dir.topics, topic), seq);
}

static void a_roll_killed_at_any_step_is_taken_up_by_the_next_start(void **state)
{
    (void)state;
    for (unsigned at = 1; at < 100; at++) {
        for (unsigned way = 0; way < 4; way++) {
            struct log_file *log = ready_to_roll();
            char log_id[LOG_ID_LEN + 1];
            memcpy(log_id, log_file_tail(log)->log_id, sizeof log_id);
            plan.kinds = DISK_STEP_ANY;
            plan.count = 0;
            plan.at = at;
            plan.times = 1;
            plan.error = EIO;
            plan.is_dead = true;
            plan.is_half_done = way % 2 == 1;
            log_file_roll(log, NULL);
            bool was_killed = plan.has_failed;
            log_file_close(&log);
            plan = (struct disk_fault_plan){.is_fast = true};
            if (way >= 2 && log_dir_has(&dir, "tocsind.state"))
                log_dir_remove(&dir, "tocsind.state");

            log = log_dir_open(&dir);
            assert_int_equal(log_file_tail(log)->seq, 9);
            expect_all_topics();
            if (log_file_is_due(log, builder.received_us))
                assert_int_equal(log_file_roll(log, NULL), TOCSIN_OK);
            log_builder_commit(&builder, log, 2);
            assert_chain(log_id, (const char *[]){"events.log.20261121", "events.log.20261122", "events.log", NULL},
                         12);
            log_file_close(&log);
            if (!was_killed) {
                print_message("a roll has %u steps\n", at - 1);
                assert_true(at > 8);
                return;
            }
        }
    }
    fail();
}

/* The first batch of a new file, torn at any byte: it is judged by where the day before ends. */
static void a_torn_first_batch_of_a_day_is_a_torn_tail(void **state)
{
    struct text content;
    (void)state;

    struct log_file *log = ready_to_roll();
    assert_int_equal(log_file_roll(log, NULL), TOCSIN_OK);
    log_builder_commit(&builder, log, 2);
    log_file_close(&log);
    log_dir_read(&dir, "events.log", &content);
    size_t line_len = (size_t)((char *)memchr(content.data, '\n', content.len) - content.data) + 1;
    for (size_t len = 0; len < line_len; len++) {
        log_dir_write(&dir, "events.log", content.data, len);
        log = log_dir_open(&dir);
        assert_true(log_file_is_fresh(log));
        assert_int_equal(log_file_tail(log)->seq, 9);
        if (len > 0)
            assert_int_equal(log_file_opening(log)->torn_bytes, len);
        log_file_close(&log);
    }
    /* only the first page is lost: the lines behind it are of the same batch */
    memset(content.data, 0, 64);
    log_dir_write(&dir, "events.log", content.data, content.len);
    log_dir_remove(&dir, "tocsind.state");
    log = log_dir_open(&dir);
    assert_true(log_file_is_fresh(log));
    assert_int_equal(log_file_opening(log)->torn_bytes, content.len);
    assert_int_equal(log_file_tail(log)->next_seq, 10);
    log_file_close(&log);
    text_fini(&content);
}

/* Each step of a roll finds no room once. The roll says so and is finished later; no line is lost, none doubled. */
static void a_roll_without_room_is_finished_when_there_is_some(void **state)
{
    (void)state;
    for (unsigned at = 1; at < 100; at++) {
        struct log_file *log = ready_to_roll();
        plan.kinds = DISK_STEP_CREATE | DISK_STEP_RENAME;
        plan.count = 0;
        plan.at = at;
        plan.times = 1;
        plan.error = ENOSPC;
        int result = log_file_roll(log, NULL);
        if (result != TOCSIN_OK) {
            assert_int_equal(result, TOCSIN_E_NOSPACE);
            assert_true(log_file_is_due(log, builder.received_us));
            assert_int_equal(log_file_check(log), TOCSIN_OK);
            assert_int_equal(log_file_roll(log, NULL), TOCSIN_OK);
        }
        assert_true(log_file_is_fresh(log));
        log_builder_commit(&builder, log, 1);
        assert_chain(log_file_tail(log)->log_id,
                     (const char *[]){"events.log.20261121", "events.log.20261122", "events.log", NULL}, 11);
        log_file_close(&log);
        if (!plan.has_failed)
            return;
    }
    fail();
}

static void a_roll_on_a_failing_disk_is_final_and_loses_nothing(void **state)
{
    (void)state;
    for (unsigned at = 1; at < 100; at++) {
        struct log_file *log = ready_to_roll();
        plan.kinds = DISK_STEP_ANY;
        plan.count = 0;
        plan.at = at;
        plan.times = 1;
        plan.error = EIO;
        int result = log_file_roll(log, NULL);
        if (result != TOCSIN_OK) {
            assert_int_equal(result, TOCSIN_E_IO);
            assert_int_equal(log_file_roll(log, NULL), TOCSIN_E_IO);
        }
        bool has_failed = plan.has_failed;
        log_file_close(&log);
        plan = (struct disk_fault_plan){.is_fast = true};
        log = log_dir_open(&dir);
        assert_int_equal(log_file_tail(log)->seq, 9);
        log_file_close(&log);
        if (!has_failed)
            return;
    }
    fail();
}

static void a_missing_events_log_is_told_and_the_newest_day_goes_on(void **state)
{
    (void)state;
    struct log_file *log = ready_to_roll();
    assert_int_equal(log_file_roll(log, NULL), TOCSIN_OK);
    log_file_close(&log);
    log_dir_remove(&dir, "events.log");
    log = log_dir_open(&dir);
    assert_true(log_file_opening(log)->current_was_missing);
    assert_true(log_file_is_fresh(log));
    assert_string_equal(log_file_origin(log)->previous_file, "events.log.20261122");
    assert_int_equal(log_file_origin(log)->previous_seq, 9);
    log_builder_commit(&builder, log, 1);
    log_file_close(&log);
}

/* The newest is the one with the highest seqs, whatever the names say. */
static void days_are_ordered_by_their_seqs(void **state)
{
    (void)state;
    struct log_file *log = ready_to_roll();
    log_file_close(&log);
    log_dir_rename(&dir, "events.log.20261121", "events.log.20261125");
    log_dir_rename(&dir, "events.log", "events.log.20261124");
    log = log_dir_open(&dir);
    assert_string_equal(log_file_origin(log)->previous_file, "events.log.20261124");
    assert_int_equal(log_file_tail(log)->seq, 9);
    log_file_close(&log);
}

/* events.log was taken away while the state knows of its lines: their seqs are not given again. */
static void seqs_that_only_the_state_knows_are_skipped(void **state)
{
    (void)state;
    struct log_file *log = ready_to_roll();
    log_file_close(&log);
    log_dir_remove(&dir, "events.log");
    for (unsigned i = 0; i < 2; i++) {
        log = log_dir_open(&dir);
        assert_int_equal(log_file_tail(log)->seq, 4);
        assert_int_equal(log_file_tail(log)->next_seq, 10);
        assert_int_equal(log_file_opening(log)->gap, LOG_GAP_SHORTENED);
        assert_int_equal(log_file_opening(log)->gap_from, 5);
        assert_int_equal(log_file_opening(log)->gap_to, 9);
        log_file_close(&log);
    }
}

static void a_day_before_that_does_not_end_where_the_log_goes_on_is_damage(void **state)
{
    struct text content;
    struct log_file *log = ready_to_roll();
    (void)state;

    log_file_close(&log);
    log_dir_read(&dir, "events.log.20261121", &content);
    size_t last = content.len - 1;
    while (content.data[last - 1] != '\n')
        last--;
    static const struct {
        size_t cut;
        char flip;
    } changes[] = {{1, 0}, {0, 1}, {40, 0}};
    for (size_t i = 0; i < 4; i++) {
        size_t len = i < 3 ? content.len - changes[i].cut : last;
        struct text changed = content;
        if (i < 3)
            changed.data[content.len - 10] ^= changes[i].flip;
        log_dir_write(&dir, "events.log.20261121", changed.data, len);
        assert_int_equal(log_dir_try(&dir, &log), TOCSIN_E_CORRUPT);
        log_dir_assert_said(&dir, "events.log.20261121 is damaged: it does not end with seq 4");
        if (i < 3)
            changed.data[content.len - 10] ^= changes[i].flip;
    }
    dir.options.salvage = true;
    log = log_dir_open(&dir);
    assert_string_equal(log_file_opening(log)->damaged_file, "events.log.damaged.4");
    assert_int_equal(log_file_tail(log)->next_seq, 10);
    log_file_close(&log);
    dir.options.salvage = false;
    log = log_dir_open(&dir);
    log_file_close(&log);
    text_fini(&content);
}

static void days_that_retention_removed_are_not_missed(void **state)
{
    (void)state;
    struct log_file *log = ready_to_roll();
    log_file_close(&log);
    log_dir_remove(&dir, "events.log.20261121");
    log_dir_remove(&dir, "tocsind.state");
    log = log_dir_open(&dir);
    assert_int_equal(log_file_tail(log)->seq, 9);
    log_file_close(&log);
}

/* A crash inside a roll with damage in the file that was just renamed: no torn tail, for it was synced. */
static void damage_in_the_last_complete_day_is_refused_or_salvaged(void **state)
{
    struct text content;
    struct log_file *log = ready_to_roll();
    (void)state;

    assert_int_equal(log_file_roll(log, NULL), TOCSIN_OK);
    log_file_close(&log);
    log_dir_read(&dir, "events.log.20261122", &content);
    content.data[content.len - 30] ^= 1;
    log_dir_write(&dir, "events.log.20261122", content.data, content.len);
    assert_int_equal(log_dir_try(&dir, &log), TOCSIN_E_CORRUPT);
    log_dir_assert_said(&dir, "events.log.20261122 is damaged: line 5 (seq 9,");
    dir.options.salvage = true;
    log = log_dir_open(&dir);
    assert_int_equal(log_file_tail(log)->seq, 8);
    assert_int_equal(log_file_tail(log)->next_seq, 10);
    assert_string_equal(log_file_opening(log)->damaged_file, "events.log.damaged.9");
    log_builder_commit(&builder, log, 1);
    log_file_close(&log);
    log = log_dir_open(&dir);
    log_file_close(&log);

    /* and where even its first line is damaged */
    log = ready_to_roll();
    assert_int_equal(log_file_roll(log, NULL), TOCSIN_OK);
    log_file_close(&log);
    content.data[content.len - 30] ^= 1;
    content.data[100] ^= 1;
    log_dir_write(&dir, "events.log.20261122", content.data, content.len);
    dir.options.salvage = false;
    assert_int_equal(log_dir_try(&dir, &log), TOCSIN_E_CORRUPT);
    log_dir_assert_said(&dir, "events.log.20261122 is damaged: line 1");
    dir.options.salvage = true;
    log = log_dir_open(&dir);
    assert_int_equal(log_file_tail(log)->seq, 4);
    assert_int_equal(log_file_tail(log)->next_seq, 10);
    assert_string_equal(log_file_origin(log)->previous_file, "events.log.20261121");
    log_file_close(&log);
    text_fini(&content);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(days_are_those_of_the_zone),
        TEST(only_our_own_dated_names_are_taken_for_days),
        TEST(a_roll_gives_the_file_the_name_of_its_day_and_begins_another),
        TEST(a_name_that_is_taken_is_never_overwritten),
        TEST(a_clock_that_goes_back_never_rolls),
        TEST(local_days_may_have_23_or_25_hours),
        TEST(a_change_of_the_zone_never_rolls_back),
        TEST(a_start_days_later_finds_the_roll_due),
        TEST(a_roll_syncs_before_it_renames_and_the_directory_at_the_end),
        TEST(a_roll_killed_at_any_step_is_taken_up_by_the_next_start),
        TEST(a_torn_first_batch_of_a_day_is_a_torn_tail),
        TEST(a_roll_without_room_is_finished_when_there_is_some),
        TEST(a_roll_on_a_failing_disk_is_final_and_loses_nothing),
        TEST(a_missing_events_log_is_told_and_the_newest_day_goes_on),
        TEST(days_are_ordered_by_their_seqs),
        TEST(seqs_that_only_the_state_knows_are_skipped),
        TEST(a_day_before_that_does_not_end_where_the_log_goes_on_is_damage),
        TEST(days_that_retention_removed_are_not_missed),
        TEST(damage_in_the_last_complete_day_is_refused_or_salvaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
