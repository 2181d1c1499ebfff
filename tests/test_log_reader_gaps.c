/* Reading a log whose files go away, are damaged, or are not its own. */
#include "tests/log_reader_support.h"

static void a_removed_file_is_a_hole_through_its_last_seq(void **state)
{
    (void)state;
    log_dir_remove(&dir, "events.log.20261122");
    struct log_cursor cursor = {.next_seq = 990};
    assert_int_equal(read_through(&cursor, EVENTS_IN_FILE), 11);
    assert_int_equal(expect_hole(&cursor), 2 * EVENTS_IN_FILE);
    assert_int_equal(read_through(&cursor, head()), EVENTS_IN_FILE);

    log_dir_remove(&dir, "events.log.20261121");
    uint64_t seq;
    assert_int_equal(log_reader_first(reader, &seq), 0);
    assert_int_equal(seq, 2 * EVENTS_IN_FILE + 1);
    struct log_cursor first = {.next_seq = 1};
    assert_int_equal(expect_hole(&first), 2 * EVENTS_IN_FILE);
}

static void a_file_removed_while_it_is_read_is_read_or_a_hole(void **state)
{
    (void)state;
    struct log_cursor cursor = {.next_seq = 10};
    assert_int_equal(read_through(&cursor, 20), 11);
    log_dir_remove(&dir, "events.log.20261121");
    uint64_t seq;
    assert_int_equal(log_reader_first(reader, &seq), 0); /* looks through the directory */
    assert_int_equal(expect_hole(&cursor), EVENTS_IN_FILE);
    assert_int_equal(read_through(&cursor, head()), 2 * EVENTS_IN_FILE);
}

/* As retention will do it: the same lines under another name and inode. */
static void a_place_in_a_file_outlives_the_file_that_it_was_found_in(void **state)
{
    (void)state;
    struct text content;
    struct log_cursor cursor = {.next_seq = 1};
    assert_int_equal(read_through(&cursor, 500), 500);
    log_dir_read(&dir, "events.log.20261121", &content);
    log_dir_remove(&dir, "events.log.20261121");
    log_dir_write(&dir, "events.log.20261121.7", content.data, content.len);
    text_fini(&content);
    uint64_t seq;
    assert_int_equal(log_reader_first(reader, &seq), 0);
    assert_int_equal(seq, 1);
    assert_int_equal(read_through(&cursor, head()), head() - 500);
}

/* A byte in the middle of the line of a seq is changed, so that it is no line any more. */
static void damage(const char *name, unsigned line)
{
    struct text content;
    log_dir_read(&dir, name, &content);
    char *at = content.data;
    for (unsigned i = 0; i < line; i++)
        at = (char *)memchr(at, '\n', content.len) + 1;
    at[20] = '\x01';
    log_dir_write(&dir, name, content.data, content.len);
    text_fini(&content);
}

static void a_line_that_cannot_be_read_is_a_hole_of_one(void **state)
{
    (void)state;
    damage("events.log.20261122", 4);
    struct log_cursor cursor = {.next_seq = EVENTS_IN_FILE};
    assert_int_equal(read_through(&cursor, EVENTS_IN_FILE + 4), 5);
    assert_int_equal(expect_hole(&cursor), EVENTS_IN_FILE + 5);
    assert_int_equal(read_through(&cursor, head()), head() - EVENTS_IN_FILE - 5);
    assert_true(log_reader_bad_lines(reader) > 0);
    for (uint64_t wanted = EVENTS_IN_FILE + 6; wanted < EVENTS_IN_FILE + 60; wanted++)
        assert_next_is(wanted);
}

static void a_place_that_is_wrong_is_not_believed(void **state)
{
    (void)state;
    for (uint64_t offset = 0; offset < 3000; offset += 7) {
        struct log_cursor cursor = {
            .next_seq = 1500, .file_seq = offset % 2 ? 1 : EVENTS_IN_FILE + 1, .offset = offset};
        assert_int_equal(read_through(&cursor, 1501), 2);
    }
    struct log_cursor lost = {.next_seq = 1500, .file_seq = 77, .offset = 5};
    assert_int_equal(read_through(&lost, 1501), 2);
    struct log_cursor behind = {.next_seq = 1500, .file_seq = 1, .offset = UINT64_C(1) << 40};
    assert_int_equal(read_through(&behind, 1501), 2);
}

static void files_of_another_log_and_foreign_ones_are_passed_over(void **state)
{
    (void)state;
    struct log_dir other;
    struct log_builder other_builder;
    struct text content;
    log_dir_init(&other);
    log_builder_init(&other_builder, other.topics);
    struct log_file *other_log = log_dir_open(&other);
    log_builder_commit(&other_builder, other_log, 100);
    log_file_close(&other_log);
    log_dir_read(&other, "events.log", &content);
    log_dir_write(&dir, "events.log.20251231", content.data, content.len);
    text_fini(&content);
    log_builder_fini(&other_builder);
    log_dir_fini(&other);
    log_dir_write(&dir, "events.log.20260101", "nothing of ours\n", 16);
    log_dir_write(&dir, "events.log.20260102", "", 0);
    struct log_cursor cursor = {.next_seq = 1};
    assert_int_equal(read_through(&cursor, head()), head());
}

/* A disk whose listing misses a name now and then, as readdir may while files are renamed. */
static struct disk forgetful;
static const char *missed_name;
static unsigned misses;

struct listing {
    bool (*entry)(void *arg, const char *name);
    void *arg;
};

static bool pass_on(void *arg, const char *name)
{
    const struct listing *listing = arg;
    if (misses > 0 && strcmp(name, missed_name) == 0) {
        misses--;
        return true;
    }
    return listing->entry(listing->arg, name);
}

static int list_forgetfully(const struct disk *disk, int fd, bool (*entry)(void *arg, const char *name), void *arg)
{
    struct listing listing = {entry, arg};
    (void)disk;
    return disk_real.list(&disk_real, fd, pass_on, &listing);
}

static void a_name_that_a_listing_missed_is_no_hole(void **state)
{
    (void)state;
    static const char *const names[] = {"events.log.20261121", "events.log.20261122"};
    forgetful = disk_real;
    forgetful.list = list_forgetfully;
    for (unsigned i = 0; i < 2; i++) {
        for (uint64_t from = 1; from < head(); from += 300) {
            struct log_reader_options options = {
                .dir = dir.path, .log_id = log_file_tail(log_file)->log_id, .disk = &forgetful};
            int error;
            log_reader_free(&reader);
            reader = log_reader_new(&options, &error);
            assert_non_null(reader);
            missed_name = names[i];
            misses = 1;
            struct log_cursor cursor = {.next_seq = from};
            assert_int_equal(read_through(&cursor, head()), head() - from + 1);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_removed_file_is_a_hole_through_its_last_seq, make_log, drop_log),
        cmocka_unit_test_setup_teardown(a_file_removed_while_it_is_read_is_read_or_a_hole, make_log, drop_log),
        cmocka_unit_test_setup_teardown(a_place_in_a_file_outlives_the_file_that_it_was_found_in, make_log, drop_log),
        cmocka_unit_test_setup_teardown(a_line_that_cannot_be_read_is_a_hole_of_one, make_log, drop_log),
        cmocka_unit_test_setup_teardown(a_place_that_is_wrong_is_not_believed, make_log, drop_log),
        cmocka_unit_test_setup_teardown(files_of_another_log_and_foreign_ones_are_passed_over, make_log, drop_log),
        cmocka_unit_test_setup_teardown(a_name_that_a_listing_missed_is_no_hole, make_log, drop_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
