/* The index of a file of the log: what it spares, and that no lie of it changes an answer. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/disk_zst.h"
#include "broker/log_index.h"
#include "broker/log_index_make.h"
#include "broker/retention_pack.h"
#include "tests/disk_fault.h"
#include "tests/log_reader_support.h"
#include "tests/seeded.h"

#define FIRST       "events.log.20261121"
#define FIRST_INDEX "tocsind.index.20261121"
#define STRIDE      8192u

static struct disk counting; /* disk_real, which counts what is read of the log's files */
static uint64_t reads;
static struct disk_fault_plan plan;
static struct disk_fault faulty;

static ssize_t count_read(const struct disk *disk, int fd, void *bytes, size_t len, uint64_t offset)
{
    reads += len > LOG_INDEX_HEAD_LEN;
    return disk_real.read_at(disk, fd, bytes, len, offset);
}

static bool never_stops(void *arg)
{
    (void)arg;
    return false;
}

static uint64_t places_max = UINT64_MAX;

static int make_index_on(const struct disk *disk, const char *name, uint64_t stride, uint64_t limit_seq, bool anew)
{
    struct disk_zst zst;
    disk_zst_init(&zst, disk);
    struct log_index_make make = {
        .disk = &zst.disk, .stride = stride, .places_max = places_max, .line_max = 1 << 20, .must_stop = never_stops};
    make.dir = disk_real.open_dir(&disk_real, dir.path);
    int error = log_index_make(&make, name, limit_seq, anew);
    disk_real.close(&disk_real, make.dir);
    disk_zst_fini(&zst);
    return error;
}

static void make_index(const char *name)
{
    assert_int_equal(make_index_on(&disk_real, name, STRIDE, UINT64_MAX, false), 0);
}

static int set_up(void **state)
{
    make_log(state);
    counting = disk_real;
    counting.read_at = count_read;
    log_reader_free(&reader);
    struct log_reader_options options = {.dir = dir.path, .log_id = log_file_tail(log_file)->log_id, .disk = &counting};
    int error;
    reader = log_reader_new(&options, &error);
    assert_non_null(reader);
    make_index(FIRST);
    make_index("events.log.20261122");
    make_index("events.log");
    return 0;
}

static uint64_t bad_indexes(void)
{
    uint64_t file_seq;
    return log_reader_bad_indexes(reader, &file_seq);
}

/* Of the first file: its lines have ten times of receipt, a second apart, a hundred lines each. */
static void assert_found(uint64_t seq)
{
    uint64_t found;
    assert_next_is(seq);
    uint64_t received_us = LOG_BUILDER_START_US + (1 + (seq - 1) / 100) * 1000000;
    assert_int_equal(log_reader_at_time(reader, received_us, &found), 0);
    assert_int_equal(found, (seq - 1) / 100 * 100 + 1);
}

static void assert_some_are_found(void)
{
    static const uint64_t seqs[] = {1, 2, 333, 500, 999, 1000};
    for (size_t i = 0; i < sizeof seqs / sizeof *seqs; i++)
        assert_found(seqs[i]);
}

static void assert_all_are_found(void)
{
    for (uint64_t seq = 1; seq <= EVENTS_IN_FILE; seq++)
        assert_found(seq);
    for (uint64_t seq = EVENTS_IN_FILE; seq <= head(); seq += 13)
        assert_next_is(seq);
}

static void pack_first(void)
{
    struct retention_pack pack = {.disk = &disk_real, .level = 3, .must_stop = never_stops};
    pack.dir = disk_real.open_dir(&disk_real, dir.path);
    assert_int_equal(retention_pack(&pack, FIRST), 0);
    disk_real.close(&disk_real, pack.dir);
    log_reader_rest(reader);
}

static void every_line_is_found_by_seq_and_by_time(void **state)
{
    (void)state;
    assert_all_are_found();
    assert_int_equal(bad_indexes(), 0);
}

static void the_index_of_a_file_that_is_compressed_stays_right(void **state)
{
    (void)state;
    pack_first();
    assert_all_are_found();
    assert_int_equal(bad_indexes(), 0);
    log_dir_remove(&dir, FIRST_INDEX);
    make_index(FIRST);
    assert_true(log_dir_has(&dir, FIRST_INDEX));
    assert_all_are_found();
    assert_int_equal(bad_indexes(), 0);
}

static uint64_t count_reads(void)
{
    reads = 0;
    for (uint64_t seq = 7; seq <= EVENTS_IN_FILE; seq += 50)
        assert_next_is(seq);
    return reads;
}

static void a_search_reads_less_with_it(void **state)
{
    (void)state;
    uint64_t with = count_reads();
    log_dir_remove(&dir, FIRST_INDEX);
    uint64_t without = count_reads();
    assert_true(with * 3 < without * 2);
}

static void no_flipped_bit_changes_an_answer(void **state)
{
    (void)state;
    struct text content;
    assert_int_equal(make_index_on(&disk_real, FIRST, 4 * STRIDE, UINT64_MAX, true), 0);
    log_dir_read(&dir, FIRST_INDEX, &content);
    assert_in_range(content.len, LOG_INDEX_HEAD_LEN + 5 * LOG_INDEX_ENTRY_LEN, 1000);
    for (size_t bit = 0; bit < content.len * 8; bit++) {
        content.data[bit / 8] ^= (char)(1 << bit % 8);
        log_dir_write(&dir, FIRST_INDEX, content.data, content.len);
        uint64_t bad_before = bad_indexes();
        assert_found(2 + bit % 900);
        assert_found(998);
        /* every search meets the head, and one to the end the last entries */
        if (bit / 8 < LOG_INDEX_HEAD_LEN || bit / 8 >= content.len - LOG_INDEX_ENTRY_LEN)
            assert_true(bad_indexes() > bad_before);
        content.data[bit / 8] ^= (char)(1 << bit % 8);
    }
    text_fini(&content);
}

static void one_that_was_cut_short_is_as_good_as_far_as_it_goes_and_is_gone_on_with(void **state)
{
    (void)state;
    struct text content, made;
    log_dir_read(&dir, FIRST_INDEX, &content);
    for (size_t len = 0; len <= content.len; len += 7) {
        log_dir_write(&dir, FIRST_INDEX, content.data, len);
        uint64_t bad_before = bad_indexes();
        assert_some_are_found();
        assert_int_equal(bad_indexes() > bad_before, len < LOG_INDEX_HEAD_LEN);
        make_index(FIRST);
        log_dir_read(&dir, FIRST_INDEX, &made);
        assert_int_equal(made.len, content.len);
        assert_memory_equal(made.data, content.data, content.len);
        text_fini(&made);
    }
    text_fini(&content);
}

static void one_of_another_file_or_of_another_log_is_not_used_and_is_made_anew(void **state)
{
    (void)state;
    struct text content, other;
    log_dir_read(&dir, FIRST_INDEX, &content);
    log_dir_read(&dir, "tocsind.index.20261122", &other);
    for (unsigned i = 0; i < 3; i++) {
        if (i > 0)
            other.data[20 + i] ^= 1; /* in its log_id */
        if (i > 1)
            memset(other.data, 'x', other.len);
        log_dir_write(&dir, FIRST_INDEX, other.data, other.len);
        uint64_t bad_before = bad_indexes();
        assert_some_are_found();
        assert_true(bad_indexes() > bad_before);
        make_index(FIRST);
        text_fini(&other);
        log_dir_read(&dir, FIRST_INDEX, &other);
        assert_int_equal(other.len, content.len);
        assert_memory_equal(other.data, content.data, content.len);
    }
    text_fini(&content);
    text_fini(&other);
}

/* An index whose checks are right, of places that `choose` makes up. */
static void forge(uint64_t count, struct log_seek_place (*choose)(uint64_t at, uint64_t count))
{
    struct log_index_form form;
    static uint8_t bytes[LOG_INDEX_HEAD_LEN + 4096 * LOG_INDEX_ENTRY_LEN];
    log_index_form_init(&form, log_file_tail(log_file)->log_id, 1);
    memcpy(bytes, form.head, sizeof form.head);
    for (uint64_t at = 0; at < count; at++) {
        struct log_seek_place place = choose(at, count);
        log_index_form_put(&form, bytes + LOG_INDEX_HEAD_LEN + at * LOG_INDEX_ENTRY_LEN, at, &place);
    }
    log_dir_write(&dir, FIRST_INDEX, bytes, LOG_INDEX_HEAD_LEN + count * LOG_INDEX_ENTRY_LEN);
}

static struct log_seek_place past_the_end(uint64_t at, uint64_t count)
{
    (void)count;
    return (struct log_seek_place){UINT64_MAX - 100 + at, at * 3, LOG_BUILDER_START_US + at};
}

static struct log_seek_place always_the_same(uint64_t at, uint64_t count)
{
    (void)at, (void)count;
    return (struct log_seek_place){200000, 500, LOG_BUILDER_START_US + 5000000};
}

static struct log_seek_place zero(uint64_t at, uint64_t count)
{
    (void)at, (void)count;
    return (struct log_seek_place){0, 0, 0};
}

static struct log_seek_place too_far(uint64_t at, uint64_t count)
{
    return (struct log_seek_place){250000 + at, at, LOG_BUILDER_START_US + at * 1000000 / count};
}

static struct log_seek_place too_near(uint64_t at, uint64_t count)
{
    return (struct log_seek_place){1 + at, 1 + at * 1000 / count, LOG_BUILDER_START_US + at * 10000000 / count};
}

static struct log_seek_place backwards(uint64_t at, uint64_t count)
{
    uint64_t left = count - at;
    return (struct log_seek_place){left * 300000 / count, left * 1000 / count, LOG_BUILDER_START_US + left * 1000000};
}

static struct log_seek_place anything(uint64_t at, uint64_t count)
{
    (void)at, (void)count;
    return (struct log_seek_place){random_bits() % 300000, random_bits() % 1100,
                                   LOG_BUILDER_START_US + random_bits() % 12000000};
}

static void no_forged_index_changes_an_answer(void **state)
{
    (void)state;
    static struct log_seek_place (*const lies[])(uint64_t, uint64_t) = {
        past_the_end, always_the_same, zero, too_far, too_near, backwards, anything, anything, anything,
    };
    for (unsigned is_packed = 0; is_packed < 2; is_packed++) {
        for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
            uint64_t bad_before = bad_indexes();
            forge(i % 2 == 0 ? 7 : 4000, lies[i]);
            for (uint64_t seq = 1; seq <= EVENTS_IN_FILE; seq += 9)
                assert_found(seq);
            assert_true(lies[i] == zero || bad_indexes() > bad_before);
        }
        if (!is_packed)
            pack_first();
    }
    assert_int_equal(make_index_on(&disk_real, FIRST, STRIDE, UINT64_MAX, true), 0);
    uint64_t bad_before = bad_indexes();
    assert_all_are_found();
    assert_int_equal(bad_indexes(), bad_before);
}

static void a_lie_costs_no_more_than_a_second_search(void **state)
{
    (void)state;
    log_dir_remove(&dir, FIRST_INDEX);
    uint64_t without = count_reads();
    forge(4000, too_near);
    assert_true(count_reads() < 2 * without + 40);
    forge(4000, too_far);
    assert_true(count_reads() < 2 * without + 40);
}

static void it_grows_with_its_file_as_far_as_that_is_durable(void **state)
{
    (void)state;
    struct text before, after;
    log_dir_read(&dir, "tocsind.index", &before);
    uint64_t durable_seq = head();
    log_builder_follow(&builder, log_file_tail(log_file));
    log_builder_commit(&builder, log_file, 500);
    assert_int_equal(make_index_on(&disk_real, "events.log", STRIDE, durable_seq, false), 0);
    log_dir_read(&dir, "tocsind.index", &after);
    assert_int_equal(after.len, before.len);
    text_fini(&after);
    make_index("events.log");
    log_dir_read(&dir, "tocsind.index", &after);
    assert_true(after.len > before.len + 10 * LOG_INDEX_ENTRY_LEN);
    assert_memory_equal(after.data, before.data, before.len);
    for (uint64_t seq = 2 * EVENTS_IN_FILE; seq <= head(); seq++)
        assert_next_is(seq);
    assert_int_equal(bad_indexes(), 0);
    text_fini(&before);
    text_fini(&after);
}

static void it_is_made_in_pieces_that_come_to_the_same(void **state)
{
    (void)state;
    struct text whole, pieces;
    log_dir_read(&dir, FIRST_INDEX, &whole);
    log_dir_remove(&dir, FIRST_INDEX);
    places_max = 5;
    unsigned count = 0;
    int result;
    while ((result = make_index_on(&disk_real, FIRST, STRIDE, UINT64_MAX, false)) == 1) {
        assert_found(1 + 37 * ++count % 1000);
        assert_true(count < 100);
    }
    places_max = UINT64_MAX;
    assert_int_equal(result, 0);
    assert_in_range(count, 3, 50);
    log_dir_read(&dir, FIRST_INDEX, &pieces);
    assert_int_equal(pieces.len, whole.len);
    assert_memory_equal(pieces.data, whole.data, whole.len);
    assert_int_equal(bad_indexes(), 0);
    text_fini(&whole);
    text_fini(&pieces);
}

static void for_a_moment_after_a_roll_yesterdays_is_passed_over(void **state)
{
    (void)state;
    roll();
    log_builder_follow(&builder, log_file_tail(log_file));
    log_builder_commit(&builder, log_file, 500);
    for (uint64_t seq = 2 * EVENTS_IN_FILE; seq <= head(); seq++)
        assert_next_is(seq);
    assert_int_equal(bad_indexes(), 0);
}

static void what_stands_in_its_place_is_not_written_to(void **state)
{
    (void)state;
    char path[300], victim[300];
    struct text content;
    snprintf(path, sizeof path, "%s/" FIRST_INDEX, dir.path);
    snprintf(victim, sizeof victim, "%s/victim", dir.path);
    for (unsigned i = 0; i < 3; i++) {
        log_dir_write(&dir, "victim", "precious", 8);
        log_dir_remove(&dir, FIRST_INDEX);
        assert_int_equal(i == 0 ? symlink(victim, path) : i == 1 ? link(victim, path) : mkfifo(path, 0600), 0);
        assert_some_are_found();
        make_index(FIRST);
        assert_some_are_found();
        log_dir_read(&dir, "victim", &content);
        assert_int_equal(content.len, 8);
        text_fini(&content);
    }
    log_dir_remove(&dir, FIRST_INDEX);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_some_are_found();
    assert_true(make_index_on(&disk_real, FIRST, STRIDE, UINT64_MAX, false) < 0);
    assert_some_are_found();
    assert_int_equal(rmdir(path), 0);
}

static void whatever_fails_while_it_is_made_answers_are_right_and_the_next_try_mends_it(void **state)
{
    (void)state;
    static const struct {
        int error;
        bool is_half_done;
        bool is_dead;
    } kinds[] = {{EIO, false, false}, {ENOSPC, true, false}, {EROFS, false, false}, {EIO, true, true}};
    disk_fault_init(&faulty, &plan);
    for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; kind++) {
        bool has_failed = true;
        for (unsigned at = 1; has_failed; at++) {
            log_dir_remove(&dir, FIRST_INDEX);
            plan = (struct disk_fault_plan){.kinds = DISK_STEP_ANY,
                                            .at = at,
                                            .times = 1,
                                            .error = kinds[kind].error,
                                            .is_half_done = kinds[kind].is_half_done,
                                            .is_dead = kinds[kind].is_dead};
            int error = make_index_on(&faulty.disk, FIRST, 512, UINT64_MAX, false);
            has_failed = plan.has_failed;
            assert_int_equal(error < 0, has_failed);
            assert_true(!has_failed || kinds[kind].is_dead || !log_dir_has(&dir, FIRST_INDEX));
            assert_some_are_found();
            make_index(FIRST);
            assert_some_are_found();
            assert_true(log_dir_has(&dir, FIRST_INDEX));
        }
    }
}

static void a_file_without_a_sound_first_line_gets_none(void **state)
{
    (void)state;
    log_dir_write(&dir, "events.log.20200101", "something\n", 10);
    assert_int_equal(make_index_on(&disk_real, "events.log.20200101", STRIDE, UINT64_MAX, false), -EBADMSG);
    assert_int_equal(make_index_on(&disk_real, "events.log.20190101", STRIDE, UINT64_MAX, false), -ENOENT);
    assert_int_equal(log_dir_count(&dir, "tocsind.index.20200101"), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, drop_log)
    const struct CMUnitTest tests[] = {
        TEST(every_line_is_found_by_seq_and_by_time),
        TEST(the_index_of_a_file_that_is_compressed_stays_right),
        TEST(a_search_reads_less_with_it),
        TEST(no_flipped_bit_changes_an_answer),
        TEST(one_that_was_cut_short_is_as_good_as_far_as_it_goes_and_is_gone_on_with),
        TEST(one_of_another_file_or_of_another_log_is_not_used_and_is_made_anew),
        TEST(no_forged_index_changes_an_answer),
        TEST(a_lie_costs_no_more_than_a_second_search),
        TEST(it_grows_with_its_file_as_far_as_that_is_durable),
        TEST(it_is_made_in_pieces_that_come_to_the_same),
        TEST(for_a_moment_after_a_roll_yesterdays_is_passed_over),
        TEST(what_stands_in_its_place_is_not_written_to),
        TEST(whatever_fails_while_it_is_made_answers_are_right_and_the_next_try_mends_it),
        TEST(a_file_without_a_sound_first_line_gets_none),
    };
    return cmocka_run_group_tests(tests, seed, NULL);
}
