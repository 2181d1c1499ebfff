/* Logs in a folder: their names, their lines, their marks, and how they are known again. */
#include "tests/test_support.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/gateway/follow_passed.h"
#include "client/gateway/follow_pick.h"
#include "client/gateway/follow_reader.h"
#include "client/gateway/follow_scan.h"

static const struct follow_form lines = {NULL, 0};

static char folder[] = "/tmp/tocsin-test-ome-XXXXXX";

static const char *path_of(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, int flags, const char *content)
{
    int fd = open(path_of(name), O_WRONLY | O_CREAT | flags, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, strlen(content)), strlen(content));
    close(fd);
}

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[300];
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

static void names_stand_in_the_order_of_their_days(void **state)
{
    (void)state;
    static const char *const names[] = {
        "events.log.20250326",       "events.log.20250326.1", "events.log-20250327", "events.log.20250327.2",
        "events.log.20250327093000", "events.log.12",         "events.log.2",        "events.log"};
    static const char *const others[] = {"events.logs",
                                         "events.log.",
                                         "events.log.20250326.",
                                         "events.log.20250326.gz",
                                         "events.lo",
                                         "events.log.x",
                                         "ovenmediaengine.log",
                                         "events.log.new",
                                         "",
                                         "events.log.1.2",
                                         "events.log.99999999999999999999999"};
    struct follow_name before, order;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_true(follow_name_read(names[i], "events.log", &order));
        assert_int_equal(follow_name_compare(&order, &order), 0);
        assert_true(i == 0 || follow_name_compare(&before, &order) < 0);
        before = order;
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(follow_name_read(others[i], "events.log", &order));
}

static void check_peek(struct follow_reader *reader, const char *text, uint64_t offset, uint64_t len)
{
    struct follow_reader_line line;
    assert_int_equal(follow_reader_peek(reader, &line), TOCSIN_OK);
    assert_int_equal(line.text.len, strlen(text));
    assert_memory_equal(line.text.data, text, line.text.len);
    assert_int_equal(line.offset, offset);
    assert_int_equal(line.len, len);
    follow_reader_take(reader, &line);
}

static void lines_are_read_when_they_are_whole(void **state)
{
    (void)state;
    struct follow_reader reader;
    struct follow_reader_line line;
    write_file("log", O_TRUNC, "one\n\ntw");
    int fd = open(path_of("log"), O_RDONLY);
    follow_reader_init(&reader, &lines, 8);
    follow_reader_begin(&reader, fd, 0);
    check_peek(&reader, "one", 0, 3);
    check_peek(&reader, "", 4, 0);
    assert_int_equal(follow_reader_peek(&reader, &line), TOCSIN_E_END);
    assert_int_equal(reader.offset, 5);
    write_file("log", O_APPEND, "o\n");
    check_peek(&reader, "two", 5, 3);
    write_file("log", O_APPEND, "rest");
    assert_int_equal(follow_reader_peek_rest(&reader, 11, &line), TOCSIN_OK);
    assert_int_equal(line.len, 2);
    write_file("log", O_APPEND, " of it\n");
    assert_int_equal(follow_reader_peek_rest(&reader, 11, &line), TOCSIN_OK); /* the same, whatever came behind */
    assert_int_equal(line.len, 2);
    follow_reader_take(&reader, &line);
    check_peek(&reader, "st of it", 11, 8);
    follow_reader_fini(&reader);
    close(fd);
}

static void of_a_line_that_is_too_long_the_beginning_is_kept(void **state)
{
    (void)state;
    struct follow_reader reader;
    struct follow_reader_line line;
    enum { LEN = 300000 };
    char *content = malloc(LEN + 7);
    assert_non_null(content);
    memset(content, 'x', LEN);
    strcpy(content + LEN, "\nnext\n");
    write_file("log", O_TRUNC, content);
    free(content);
    int fd = open(path_of("log"), O_RDONLY);
    follow_reader_init(&reader, &lines, 8);
    follow_reader_begin(&reader, fd, 0);
    check_peek(&reader, "xxxxxxxx", 0, LEN);
    check_peek(&reader, "next", LEN + 1, 4);
    assert_true(reader.held.capacity < LEN);
    follow_reader_begin(&reader, fd, 0);
    assert_int_equal(follow_reader_peek_rest(&reader, 100, &line), TOCSIN_OK); /* an end within it */
    assert_int_equal(line.len, 100);
    follow_reader_take(&reader, &line);
    check_peek(&reader, "xxxxxxxx", 100, LEN - 100);
    check_peek(&reader, "next", LEN + 1, 4);
    follow_reader_fini(&reader);
    close(fd);
}

static void a_mark_knows_its_content_and_no_other(void **state)
{
    (void)state;
    struct follow_mark mark, early;
    write_file("log", O_TRUNC, "0123456789");
    int fd = open(path_of("log"), O_RDWR);
    assert_true(follow_mark_make(&mark, fd, 6));
    assert_true(follow_mark_make(&early, fd, 0));
    assert_false(follow_mark_make(&(struct follow_mark){0}, fd, 11));
    assert_int_equal(follow_mark_compare(&mark, fd, 10), FOLLOW_MARK_SAME);
    assert_int_equal(follow_mark_compare(&early, fd, 10), FOLLOW_MARK_SAME);
    assert_int_equal(pwrite(fd, "X", 1, 9), 1);
    assert_int_equal(follow_mark_compare(&mark, fd, 10), FOLLOW_MARK_OTHER); /* it is within the head */
    assert_true(follow_mark_make(&mark, fd, 10));
    assert_int_equal(pwrite(fd, "more", 4, 10), 4);
    assert_true(follow_mark_holds(&mark, fd));
    follow_mark_extend(&mark, fd);
    assert_int_equal(mark.head_len, 14);
    assert_int_equal(ftruncate(fd, 0), 0);
    assert_false(follow_mark_holds(&mark, fd));
    assert_true(follow_mark_holds(&(struct follow_mark){.head_len = 0}, fd));
    close(fd);
}

static void a_state_is_read_as_it_was_written(void **state)
{
    (void)state;
    struct follow_state one, two;
    struct text text, again;
    text_init(&text);
    text_init(&again);
    follow_state_init(&one, "ome");
    strcpy(one.producer, "ome-1");
    strcpy(one.boot_id, "b");
    one.n = UINT64_MAX / 2;
    for (int i = 0; i < 3; i++) {
        struct follow_file *file = follow_state_add(&one);
        snprintf(file->name, sizeof file->name, "events.log %d", i);
        file->inode = (uint64_t)i;
        file->mark = (struct follow_mark){.offset = 5, .head_len = 5, .head = {(uint8_t)i}, .tail = {255}};
    }
    one.current = 1;
    one.end = 77;
    follow_state_put(&text, &one);
    for (size_t len = 0; len <= text.len; len++) {
        follow_state_init(&two, "ome");
        assert_int_equal(follow_state_read(&two, span_of(text.data, len)),
                         len < text.len ? TOCSIN_E_SYNTAX : TOCSIN_OK);
        if (len == text.len)
            follow_state_put(&again, &two);
        follow_state_fini(&two);
    }
    assert_int_equal(again.len, text.len);
    assert_memory_equal(again.data, text.data, text.len);
    for (size_t i = 0; i < text.len; i++) { /* every byte is covered */
        text.data[i] = (char)(text.data[i] ^ 1);
        follow_state_init(&two, "ome");
        assert_int_equal(follow_state_read(&two, text_span(&text)), TOCSIN_E_SYNTAX);
        follow_state_fini(&two);
        text.data[i] = (char)(text.data[i] ^ 1);
    }
    follow_state_fini(&one);
    text_fini(&text);
    text_fini(&again);
}

static void files_that_are_put_in_order_keep_their_current_one(void **state)
{
    (void)state;
    struct follow_state files;
    follow_state_init(&files, "ome");
    for (uint64_t i = 0; i < 5; i++)
        follow_state_add(&files)->order.major = (i * 3) % 5;
    files.current = 2;
    uint64_t current = files.files[2].order.major;
    follow_state_sort(&files);
    for (uint64_t i = 0; i < 5; i++)
        assert_int_equal(files.files[i].order.major, i);
    assert_int_equal(files.files[files.current].order.major, current);
    follow_state_remove(&files, 0);
    assert_int_equal(files.files[files.current].order.major, current);
    follow_state_fini(&files);
}

static void what_is_acknowledged_is_known_by_the_last_place_before_it(void **state)
{
    (void)state;
    struct follow_passed passed = {.count = 0};
    struct follow_place place;
    assert_false(follow_passed_take(&passed, 100, &place));
    for (uint64_t i = 1; i <= 2 * FOLLOW_PASSED_MAX; i++)
        follow_passed_note(&passed, (struct follow_place){10 * i, 100 * i});
    assert_false(follow_passed_take(&passed, 9, &place));
    assert_true(follow_passed_take(&passed, 29, &place));
    assert_int_equal(place.offset, 200);
    assert_true(follow_passed_take(&passed, 10 * FOLLOW_PASSED_MAX, &place));
    assert_int_equal(place.offset, 100 * (FOLLOW_PASSED_MAX - 1)); /* those behind it are one by now */
    assert_true(follow_passed_take(&passed, 20 * FOLLOW_PASSED_MAX, &place));
    assert_int_equal(place.offset, 200 * FOLLOW_PASSED_MAX);
}

/* A folder that was looked through, and no file of it is the current one. */
struct looked {
    struct follow_scan scan;
    struct follow_state state;
    struct follow_mark read;
};

static void look(struct looked *looked)
{
    bool is_displaced;
    assert_int_equal(follow_scan(&looked->scan, &looked->state, &looked->read, &is_displaced), TOCSIN_OK);
    assert_false(is_displaced);
}

/* Everything in file `index` was read. */
static void finish(struct looked *looked, size_t index)
{
    struct follow_file *file = &looked->state.files[index];
    assert_true(follow_scan_open(&looked->scan, file));
    assert_true(follow_mark_make(&file->mark, file->fd, file->size));
}

/* Which file comes next; "" none. */
static const char *next_of(struct looked *looked)
{
    struct follow_pick pick;
    return follow_pick_next(&looked->scan, &looked->state, &lines, 0, &pick) ? looked->state.files[pick.index].name
                                                                             : "";
}

static void files_are_known_again_and_picked_in_order(void **state)
{
    (void)state;
    struct looked looked = {.scan = {.dir = folder, .base = "events.log"}};
    follow_state_init(&looked.state, "ome");
    write_file("events.log", O_TRUNC, "b1\n");
    write_file("events.log.20250326", O_TRUNC, "a1\n");
    write_file("events.log.20250325", O_TRUNC, "no line");
    look(&looked);
    assert_int_equal(looked.state.file_count, 3);
    assert_string_equal(next_of(&looked), "events.log.20250326");
    finish(&looked, 1);
    assert_string_equal(next_of(&looked), "events.log");
    finish(&looked, 2);
    assert_string_equal(next_of(&looked), "");
    assert_int_equal(unlink(path_of("events.log")), 0);
    look(&looked);
    write_file("events.log.20250328", O_TRUNC, "b1\nb2\n"); /* a copy of what is gone, with one more */
    look(&looked);
    assert_string_equal(next_of(&looked), "events.log.20250328");
    assert_int_equal(looked.state.files[2].mark.offset, 3);
    finish(&looked, 2);
    write_file("events.log.20250329", O_TRUNC, "b1\nb2\n"); /* a copy beside its original */
    look(&looked);
    assert_string_equal(next_of(&looked), "");
    write_file("events.log.20250328", O_TRUNC, "c1\n"); /* which is cut back, and another one */
    look(&looked);
    assert_string_equal(next_of(&looked), "events.log.20250328");
    follow_state_fini(&looked.state);
}

static void an_end_without_lf_counts_when_it_is_at_rest_and_followed(void **state)
{
    (void)state;
    struct looked looked = {.scan = {.dir = folder, .base = "events.log"}};
    struct follow_pick pick;
    follow_state_init(&looked.state, "ome");
    write_file("events.log.20250326", O_TRUNC, "torn");
    look(&looked);
    int64_t modified_ns = looked.state.files[0].modified_ns, minute_ns = INT64_C(60000000000);
    assert_false(follow_pick_next(&looked.scan, &looked.state, &lines, modified_ns + minute_ns, &pick));
    write_file("events.log", O_TRUNC, "also");
    look(&looked);
    assert_false(follow_pick_next(&looked.scan, &looked.state, &lines, modified_ns + minute_ns - 1, &pick));
    assert_true(follow_pick_next(&looked.scan, &looked.state, &lines, modified_ns + minute_ns, &pick));
    assert_int_equal(pick.index, 0);
    assert_int_equal(pick.end, 4);
    assert_int_equal(follow_pick_left(&looked.state), 8);
    follow_state_fini(&looked.state);
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_stand_in_the_order_of_their_days),
        IN_FOLDER(lines_are_read_when_they_are_whole),
        IN_FOLDER(of_a_line_that_is_too_long_the_beginning_is_kept),
        IN_FOLDER(a_mark_knows_its_content_and_no_other),
        cmocka_unit_test(a_state_is_read_as_it_was_written),
        cmocka_unit_test(files_that_are_put_in_order_keep_their_current_one),
        cmocka_unit_test(what_is_acknowledged_is_known_by_the_last_place_before_it),
        IN_FOLDER(files_are_known_again_and_picked_in_order),
        IN_FOLDER(an_end_without_lf_counts_when_it_is_at_rest_and_followed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
