/* What a start makes of a log that is torn, damaged or altered. One image of a sound log is made; each case is a copy
 * with a change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>

#include "proto/tocsin_base.h"
#include "tests/disk_fault.h"
#include "tests/log_builder.h"
#include "tests/log_dir.h"
#include "tests/seeded.h"

#define BATCHES    6u
#define LINES_MAX  64u
#define LAST_BATCH 4u /* lines */

static struct log_dir dir;
static struct log_builder builder;
static struct disk_fault_plan plan = {.is_fast = true}; /* thousands of starts */
static struct disk_fault disk;
static struct text image;                /* of events.log, without a state beside it */
static size_t line_at[LINES_MAX + 1];    /* offsets; the last is the end */
static uint64_t batch_of[LINES_MAX + 1]; /* by line */
static unsigned line_count;
static size_t last_batch_at;

/* Six batches: one to four lines each, the last of four. */
static int make_image(void **state)
{
    static const unsigned sizes[BATCHES] = {2, 1, 3, 1, 4, LAST_BATCH};

    seed(state);
    log_dir_init(&dir);
    disk_fault_init(&disk, &plan);
    dir.options.disk = &disk.disk;
    log_builder_init(&builder, dir.topics);
    struct log_file *log = log_dir_open(&dir);
    for (unsigned i = 0; i < BATCHES; i++) {
        last_batch_at = log_file_len(log);
        unsigned first = line_count;
        log_builder_commit(&builder, log, i == 0 ? sizes[i] - 1 : sizes[i]);
        for (line_count += sizes[i]; first < line_count; first++)
            batch_of[first] = log_file_tail(log)->batch;
    }
    log_file_close(&log);
    log_dir_read(&dir, "events.log", &image);
    line_count = 0;
    for (size_t i = 0; i < image.len; i++)
        if (image.data[i] == '\n')
            line_at[++line_count] = i + 1;
    assert_int_equal(line_count, 15);
    return 0;
}

static int drop_image(void **state)
{
    (void)state;
    text_fini(&image);
    log_builder_fini(&builder);
    log_dir_fini(&dir);
    return 0;
}

static int clear(void **state)
{
    (void)state;
    log_dir_clear(&dir);
    dir.options.salvage = false;
    dir.options.is_relaxed = false;
    return 0;
}

/* The line that holds a byte, from 0. */
static unsigned line_of(size_t offset)
{
    unsigned line = 0;
    while (line_at[line + 1] <= offset)
        line++;
    return line;
}

/* Asserts that the file is the image's first `len` bytes. */
static void assert_prefix(size_t len)
{
    struct text content;
    log_dir_read(&dir, "events.log", &content);
    assert_int_equal(content.len, len);
    assert_memory_equal(content.data, image.data, len);
    text_fini(&content);
}

static void assert_file(const char *name, const void *bytes, size_t len)
{
    struct text content;
    log_dir_read(&dir, name, &content);
    assert_int_equal(content.len, len);
    assert_memory_equal(content.data, bytes, len);
    text_fini(&content);
}

/* The log opens, holds the image's first `lines` lines, and the rest of `changed` was set aside. */
static void assert_torn(const struct text *changed, unsigned lines)
{
    char name[LOG_NAME_MAX];
    struct log_file *log = log_dir_open(&dir);
    const struct log_opening *opening = log_file_opening(log);

    assert_int_equal(log_file_tail(log)->seq, lines);
    assert_int_equal(log_file_tail(log)->next_seq, lines + 1);
    assert_int_equal(opening->torn_bytes, changed->len - line_at[lines]);
    if (opening->torn_bytes > 0) {
        snprintf(name, sizeof name, "events.log.torn.%u", lines + 1);
        assert_string_equal(opening->torn_file, name);
        assert_file(name, changed->data + line_at[lines], changed->len - line_at[lines]);
    }
    log_file_close(&log);
    assert_prefix(line_at[lines]);
}

/* The start is refused and names that line (from 0), and nothing has changed. */
static void assert_refused(const struct text *changed, unsigned line)
{
    char said[64];
    struct log_file *log;

    int result = log_dir_try(&dir, &log);
    if (result != TOCSIN_E_CORRUPT)
        fail_msg("line %u: %d", line + 1, result);
    snprintf(said, sizeof said, "events.log is damaged: line %u (seq %u,", line + 1, line + 1);
    log_dir_assert_said(&dir, said);
    log_dir_assert_said(&dir, "--salvage");
    assert_file("events.log", changed->data, changed->len);
    assert_int_equal(log_dir_count(&dir, "events.log"), 1);
}

static void write_image(const struct text *changed)
{
    log_dir_clear(&dir);
    log_dir_write(&dir, "events.log", changed->data, changed->len);
}

static void copy_image(struct text *copy)
{
    text_init(copy);
    text_put(copy, image.data, image.len);
    assert_false(copy->failed);
}

static void a_sound_log_opens_as_it_is(void **state)
{
    (void)state;
    write_image(&image);
    assert_torn(&image, line_count);
    assert_int_equal(log_dir_count(&dir, "events.log"), 1);
}

static void a_tail_cut_at_any_byte_of_the_last_batch_leaves_its_whole_lines(void **state)
{
    struct text cut;
    (void)state;

    copy_image(&cut);
    for (cut.len = last_batch_at; cut.len <= image.len; cut.len++) {
        write_image(&cut);
        unsigned lines = cut.len == image.len ? line_count : line_of(cut.len);
        assert_torn(&cut, lines);
    }
    text_fini(&cut);
}

/* Nothing behind the cut bears witness: that the lines are gone cannot be seen from the file alone. */
static void a_tail_cut_at_any_byte_of_the_file_leaves_its_whole_lines(void **state)
{
    struct text cut;
    (void)state;

    copy_image(&cut);
    for (cut.len = line_at[1]; cut.len < last_batch_at; cut.len += 7) {
        write_image(&cut);
        assert_torn(&cut, line_of(cut.len));
    }
    text_fini(&cut);
}

/* After a failed sync the system may show lines that the disk does not hold. */
static void the_last_batch_is_written_again_and_synced_before_it_is_believed(void **state)
{
    static const char pid_file[] = "CW", aside[] = "CWSD", cut[] = "TS", again[] = "WS", end[] = "DCWWSPD";
    struct text changed;
    char expected[64];
    (void)state;

    write_image(&image);
    memset(plan.trace, 0, sizeof plan.trace);
    struct log_file *log = log_dir_open(&dir);
    snprintf(expected, sizeof expected, "%s%s%s", pid_file, again, end);
    assert_string_equal(plan.trace, expected);
    assert_int_equal(log_file_opening(log)->rewritten_bytes, image.len - last_batch_at);
    log_file_close(&log);

    copy_image(&changed);
    changed.len -= 5;
    write_image(&changed);
    memset(plan.trace, 0, sizeof plan.trace);
    log = log_dir_open(&dir);
    snprintf(expected, sizeof expected, "%s%s%s%s%s", pid_file, aside, cut, again, end);
    assert_string_equal(plan.trace, expected);
    assert_int_equal(log_file_opening(log)->rewritten_bytes, line_at[line_count - 1] - last_batch_at);
    log_file_close(&log);
    text_fini(&changed);

    /* and when that fails, the start does */
    plan.kinds = DISK_STEP_WRITE | DISK_STEP_SYNC;
    for (unsigned at = 2; at <= 3; at++) {
        write_image(&image);
        plan.at = at;
        plan.count = 0;
        plan.times = 1;
        plan.error = EIO;
        assert_int_equal(log_dir_try(&dir, &log), TOCSIN_E_IO);
        log_dir_assert_said(&dir, "failures of the disk");
    }
    plan = (struct disk_fault_plan){.is_fast = true};
}

static void a_log_goes_on_behind_a_torn_tail(void **state)
{
    struct text cut;
    (void)state;

    copy_image(&cut);
    cut.len = image.len - 5;
    write_image(&cut);
    for (unsigned i = 0; i < 3; i++) {
        struct log_file *log = log_dir_open(&dir);
        log_builder_commit(&builder, log, 2);
        assert_int_equal(log_file_tail(log)->seq, line_count - 1 + 2 * (i + 1));
        log_file_close(&log);
    }
    text_fini(&cut);
}

static void files_set_aside_are_never_overwritten(void **state)
{
    struct text cut;
    char name[LOG_NAME_MAX];
    (void)state;

    copy_image(&cut);
    cut.len = image.len - 5;
    log_dir_clear(&dir);
    for (unsigned i = 0; i < 4; i++) {
        log_dir_write(&dir, "events.log", cut.data, cut.len);
        struct log_file *log = log_dir_open(&dir);
        log_file_close(&log);
    }
    for (unsigned i = 0; i < 4; i++) {
        snprintf(name, sizeof name, i == 0 ? "events.log.torn.%u" : "events.log.torn.%u.%u", line_count, i);
        assert_file(name, cut.data + line_at[line_count - 1], cut.len - line_at[line_count - 1]);
    }
    text_fini(&cut);
}

static void a_flipped_bit_before_the_last_batch_is_damage_and_its_line_is_named(void **state)
{
    struct text changed;
    (void)state;

    copy_image(&changed);
    for (size_t i = 0; i < 2500; i++) {
        size_t at = i < 1000 ? i * last_batch_at / 1000 : random_bits() % last_batch_at;
        char flip = (char)(1u << random_bits() % 8);
        changed.data[at] ^= flip;
        write_image(&changed);
        if (at < 7) {
            /* even its first bytes are not those of a line: may be another program's file */
            struct log_file *log;
            assert_int_equal(log_dir_try(&dir, &log), TOCSIN_E_CORRUPT);
        } else {
            assert_refused(&changed, line_of(at));
        }
        changed.data[at] ^= flip;
    }
    text_fini(&changed);
}

/* The newline before a last batch of one line is the hardest: the two lines become one, and nothing follows. */
static void a_flipped_bit_before_a_last_batch_of_one_line_is_damage(void **state)
{
    struct text changed;
    (void)state;

    text_init(&changed);
    for (unsigned line = 1; line < line_count; line++) {
        if (batch_of[line] != line + 1)
            continue; /* begins no batch */
        for (size_t at = line_at[line - 1]; at < line_at[line]; at++) {
            text_clear(&changed);
            text_put(&changed, image.data, line_at[line + 1]);
            changed.data[at] ^= 4;
            write_image(&changed);
            if (at >= 7)
                assert_refused(&changed, line - 1);
        }
    }
    text_fini(&changed);
}

static void a_flipped_bit_in_the_last_batch_is_never_accepted(void **state)
{
    struct text changed;
    unsigned torn = 0, refused = 0;
    struct log_file *log;
    (void)state;

    copy_image(&changed);
    for (size_t at = last_batch_at; at < image.len; at++) {
        char flip = (char)(1u << random_bits() % 8);
        changed.data[at] ^= flip;
        write_image(&changed);
        if (log_dir_try(&dir, &log) == TOCSIN_OK) {
            log_file_close(&log);
            write_image(&changed);
            assert_torn(&changed, line_of(at));
            torn++;
        } else {
            assert_refused(&changed, line_of(at));
            refused++;
        }
        changed.data[at] ^= flip;
    }
    assert_true(torn > 0);
    print_message("%u torn, %u refused\n", torn, refused);
    text_fini(&changed);
}

/* A power cut leaves the pages of an unsynced batch in any order: here some of 64 bytes each, zeros in their place. */
static void lost_pages_of_the_last_batch_are_a_torn_tail(void **state)
{
    struct text changed;
    (void)state;

    copy_image(&changed);
    for (unsigned i = 0; i < 500; i++) {
        memcpy(changed.data, image.data, image.len);
        size_t first = 0;
        for (size_t at = last_batch_at; at < image.len; at += 64) {
            size_t len = image.len - at < 64 ? image.len - at : 64;
            if (random_bits() % 4 != 0)
                continue;
            memset(changed.data + at, 0, len);
            if (first == 0)
                first = at;
        }
        if (first == 0)
            continue;
        write_image(&changed);
        assert_torn(&changed, line_of(first));
    }
    text_fini(&changed);
}

static void zeros_or_noise_behind_the_last_line_are_a_torn_tail(void **state)
{
    static const size_t sizes[] = {1, 100, 4096, 3000000};
    struct text changed;
    (void)state;

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (unsigned kind = 0; kind < 3; kind++) {
            copy_image(&changed);
            for (size_t k = 0; k < sizes[i]; k++)
                text_put_char(&changed, kind == 0 ? '\0' : kind == 1 ? (char)random_bits() : '\n');
            write_image(&changed);
            assert_torn(&changed, line_count);
            text_fini(&changed);
        }
    }
}

/* Pages lost in the middle of a file, with later batches behind them, are no torn tail, however long the hole. */
static void a_hole_before_the_last_batch_is_damage(void **state)
{
    struct text changed;
    (void)state;

    for (size_t len = 1; len < 12000000; len = len * 7 + 1) {
        text_init(&changed);
        text_put(&changed, image.data, line_at[6] + 10);
        for (size_t i = 0; i < len; i++)
            text_put_char(&changed, '\0');
        text_put(&changed, image.data + line_at[9] - 20, image.len - line_at[9] + 20);
        write_image(&changed);
        assert_refused(&changed, 6);
        text_fini(&changed);
    }
}

/* What an editor or a copy in text mode does to a file is no crash's work, although no line of it is sound any more. */
static void lines_that_were_given_other_ends_are_damage(void **state)
{
    struct text changed;
    (void)state;

    text_init(&changed);
    for (size_t i = 0; i < image.len; i++) {
        bool is_end = image.data[i] == '\n';
        text_put(&changed, is_end ? "\r\n" : (const void *)(image.data + i), is_end ? 2 : 1);
    }
    write_image(&changed);
    assert_refused(&changed, 0);
    text_fini(&changed);
}

static void lines_removed_added_or_exchanged_are_noticed(void **state)
{
    struct text changed;
    (void)state;

    for (unsigned line = 1; line + 1 < line_count - LAST_BATCH; line++) {
        text_init(&changed); /* without one */
        text_put(&changed, image.data, line_at[line]);
        text_put(&changed, image.data + line_at[line + 1], image.len - line_at[line + 1]);
        write_image(&changed);
        assert_refused(&changed, line);
        text_clear(&changed); /* one twice */
        text_put(&changed, image.data, line_at[line + 1]);
        text_put(&changed, image.data + line_at[line], image.len - line_at[line]);
        write_image(&changed);
        assert_refused(&changed, line + 1);
        text_clear(&changed); /* two exchanged */
        text_put(&changed, image.data, line_at[line]);
        text_put(&changed, image.data + line_at[line + 1], line_at[line + 2] - line_at[line + 1]);
        text_put(&changed, image.data + line_at[line], line_at[line + 1] - line_at[line]);
        text_put(&changed, image.data + line_at[line + 2], image.len - line_at[line + 2]);
        write_image(&changed);
        assert_refused(&changed, line);
        text_fini(&changed);
    }
}

/* An event may hold what looks like a line's end, or like a whole line; it bears no witness. */
static void an_event_that_imitates_lines_proves_nothing(void **state)
{
    static const char imitation[] =
        "\",\"batch\":999,\"hash\":\"0123456789abcdef0123456789abcdef\"}\n{\"seq\":1000,\"batch\":1000";
    (void)state;

    log_dir_clear(&dir);
    struct log_file *log = log_dir_open(&dir);
    log_builder_commit(&builder, log, 2);
    uint64_t before = log_file_len(log);
    log_builder_follow(&builder, log_file_tail(log));
    for (unsigned i = 0; i < 3; i++)
        log_builder_add(&builder, imitation, imitation);
    assert_int_equal(log_builder_write(&builder, log), TOCSIN_OK);
    log_file_close(&log);
    struct text content;
    log_dir_read(&dir, "events.log", &content);
    for (size_t len = before + 1; len < content.len; len++) {
        log_dir_clear(&dir);
        log_dir_write(&dir, "events.log", content.data, len);
        log = log_dir_open(&dir);
        assert_true(log_file_tail(log)->seq >= 3);
        log_file_close(&log);
    }
    text_fini(&content);
}

static void salvage_sets_the_damage_aside_and_skips_its_seqs(void **state)
{
    struct text changed;
    char name[LOG_NAME_MAX];
    (void)state;

    copy_image(&changed);
    for (unsigned line = 0; line + LAST_BATCH < line_count; line++) {
        size_t at = line_at[line] + 50;
        changed.data[at] ^= 1;
        write_image(&changed);
        dir.options.salvage = true;
        struct log_file *log = log_dir_open(&dir);
        const struct log_opening *opening = log_file_opening(log);
        snprintf(name, sizeof name, "events.log.damaged.%u", line + 1);
        assert_string_equal(opening->damaged_file, name);
        assert_int_equal(opening->damaged_line, line + 1);
        assert_int_equal(opening->damaged_bytes, image.len - line_at[line]);
        assert_file(name, changed.data + line_at[line], image.len - line_at[line]);
        assert_int_equal(opening->gap, LOG_GAP_DAMAGE);
        assert_int_equal(opening->gap_from, line + 1);
        assert_int_equal(opening->gap_to, line_count);
        assert_int_equal(log_file_tail(log)->seq, line);
        assert_int_equal(log_file_tail(log)->next_seq, line_count + 1);
        assert_int_equal(log_file_is_fresh(log), line == 0);
        assert_prefix(line_at[line]);
        log_file_close(&log);

        /* stopped before anything was written: the seqs are still skipped */
        dir.options.salvage = false;
        log = log_dir_open(&dir);
        assert_int_equal(log_file_opening(log)->gap, LOG_GAP_DAMAGE);
        assert_int_equal(log_file_tail(log)->next_seq, line_count + 1);
        log_builder_commit(&builder, log, 1);
        log_file_close(&log);
        log = log_dir_open(&dir);
        assert_int_equal(log_file_opening(log)->gap, LOG_GAP_NONE);
        assert_int_equal(log_file_tail(log)->seq, line == 0 ? line_count + 2 : line_count + 1);
        log_file_close(&log);
        changed.data[at] ^= 1;
    }
    text_fini(&changed);
}

/* The seqs of lines that salvage cut off and that only the state knew are part of the same gap. */
static void salvage_skips_the_seqs_that_only_the_state_knows(void **state)
{
    struct text changed, state_file;
    struct log_file *log;
    (void)state;

    write_image(&image);
    log = log_dir_open(&dir);
    log_file_close(&log);
    log_dir_read(&dir, "tocsind.state", &state_file);
    copy_image(&changed);
    changed.data[line_at[2] + 50] ^= 1;
    changed.len = line_at[line_count - 2];
    write_image(&changed);
    log_dir_write(&dir, "tocsind.state", state_file.data, state_file.len);
    dir.options.salvage = true;
    log = log_dir_open(&dir);
    assert_int_equal(log_file_opening(log)->gap, LOG_GAP_DAMAGE);
    assert_int_equal(log_file_opening(log)->gap_from, 3);
    assert_int_equal(log_file_opening(log)->gap_to, line_count);
    log_file_close(&log);
    text_fini(&changed);
    text_fini(&state_file);
}

/* Opens with each step failing in turn as if the process were killed there, then once more. */
static void die_at_each_step(const struct text *changed, bool must_salvage, uint64_t seq, uint64_t next_seq)
{
    struct log_file *log;

    for (unsigned at = 1; at < 100; at++) {
        write_image(changed);
        plan = (struct disk_fault_plan){.is_fast = true,
                                        .kinds = DISK_STEP_ANY,
                                        .at = at,
                                        .times = 1,
                                        .error = EIO,
                                        .is_half_done = at % 2 == 0,
                                        .is_dead = true};
        dir.options.salvage = must_salvage;
        log_dir_try(&dir, &log);
        log_file_close(&log);
        bool was_killed = plan.has_failed;
        plan = (struct disk_fault_plan){.is_fast = true};
        log = log_dir_open(&dir);
        assert_int_equal(log_file_tail(log)->seq, seq);
        assert_int_equal(log_file_tail(log)->next_seq, next_seq);
        log_file_close(&log);
        assert_prefix(line_at[seq]);
        if (!was_killed) {
            assert_true(at > 10);
            return;
        }
    }
    fail();
}

static void a_repair_killed_at_any_step_is_taken_up_by_the_next_start(void **state)
{
    struct text changed;
    (void)state;

    copy_image(&changed);
    changed.len -= 5;
    die_at_each_step(&changed, false, line_count - 1, line_count);
    changed.len += 5;
    changed.data[line_at[4] + 50] ^= 1;
    die_at_each_step(&changed, true, 4, line_count + 1);
    text_fini(&changed);
}

static void salvage_of_another_programs_file_moves_all_of_it(void **state)
{
    static const char foreign[] = "hello\nworld\n";
    (void)state;

    log_dir_clear(&dir);
    log_dir_write(&dir, "events.log", foreign, sizeof foreign - 1);
    dir.options.salvage = true;
    struct log_file *log = log_dir_open(&dir);
    assert_true(log_file_opening(log)->is_new);
    assert_file("events.log.damaged.1", foreign, sizeof foreign - 1);
    assert_int_equal(log_file_tail(log)->next_seq, 1);
    log_file_close(&log);
}

static void a_line_longer_than_any_is_damage_or_torn_but_takes_no_memory(void **state)
{
    struct text changed;
    (void)state;

    dir.options.line_bytes_max = 4096;
    copy_image(&changed);
    for (size_t i = 0; i < 20000; i++)
        text_put_char(&changed, 'x');
    text_put_char(&changed, '\n');
    write_image(&changed);
    assert_torn(&changed, line_count);
    text_put(&changed, image.data + line_at[line_count - 1], image.len - line_at[line_count - 1]);
    write_image(&changed);
    assert_torn(&changed, line_count);
    dir.options.line_bytes_max = 0;
    text_fini(&changed);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, clear)
    const struct CMUnitTest tests[] = {
        TEST(a_sound_log_opens_as_it_is),
        TEST(a_tail_cut_at_any_byte_of_the_last_batch_leaves_its_whole_lines),
        TEST(a_tail_cut_at_any_byte_of_the_file_leaves_its_whole_lines),
        TEST(the_last_batch_is_written_again_and_synced_before_it_is_believed),
        TEST(a_log_goes_on_behind_a_torn_tail),
        TEST(files_set_aside_are_never_overwritten),
        TEST(a_flipped_bit_before_the_last_batch_is_damage_and_its_line_is_named),
        TEST(a_flipped_bit_before_a_last_batch_of_one_line_is_damage),
        TEST(a_flipped_bit_in_the_last_batch_is_never_accepted),
        TEST(lost_pages_of_the_last_batch_are_a_torn_tail),
        TEST(zeros_or_noise_behind_the_last_line_are_a_torn_tail),
        TEST(a_hole_before_the_last_batch_is_damage),
        TEST(lines_that_were_given_other_ends_are_damage),
        TEST(lines_removed_added_or_exchanged_are_noticed),
        TEST(an_event_that_imitates_lines_proves_nothing),
        TEST(salvage_sets_the_damage_aside_and_skips_its_seqs),
        TEST(salvage_skips_the_seqs_that_only_the_state_knows),
        TEST(a_repair_killed_at_any_step_is_taken_up_by_the_next_start),
        TEST(salvage_of_another_programs_file_moves_all_of_it),
        TEST(a_line_longer_than_any_is_damage_or_torn_but_takes_no_memory),
    };
    return cmocka_run_group_tests(tests, make_image, drop_image);
}
