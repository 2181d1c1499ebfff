/* tocsin verify's library over logs that the broker's own code made: what is intact is never called anything else, and
 * whatever byte is changed, it is found, and named with its file and line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/checkpoints.h"
#include "broker/retention_files.h"
#include "broker/retention_pack.h"
#include "client/verify.h"
#include "proto/tocsin_base.h"
#include "tests/log_builder.h"
#include "tests/log_dir.h"
#include "tests/seeded.h"

#define DAY_US     UINT64_C(86400000000)
#define DAYS       3
#define FLIPS      10000
#define FLIPS_SLOW 1500
#define MANGLED    600

static struct log_dir dir;
static char key_path[300];
static struct verify_report report;
static struct verify_options options;

/* A log of some days, each with some batches, signed now and then and at its end. */
static void write_log(bool is_stopped)
{
    struct log_builder builder;
    struct checkpoints *checkpoints;
    struct log_file *log = log_dir_open(&dir);
    struct text message;

    text_init(&message);
    snprintf(key_path, sizeof key_path, "%s/tocsind.key", dir.path);
    assert_int_equal(checkpoints_open(&checkpoints, NULL, dir.path, log_file_tail(log), key_path, &message), TOCSIN_OK);
    log_builder_init(&builder, dir.topics);
    for (unsigned day = 0; day < DAYS; day++) {
        if (day > 0) {
            assert_int_equal(checkpoints_write(checkpoints, day, true), TOCSIN_OK);
            assert_int_equal(log_file_roll(log, NULL), TOCSIN_OK);
            builder.received_us += DAY_US;
        }
        for (unsigned batch = 0; batch < 5; batch++) {
            log_builder_commit(&builder, log, 7);
            if (batch == 2)
                assert_int_equal(checkpoints_write(checkpoints, day, false), TOCSIN_OK);
        }
    }
    if (is_stopped) {
        log_builder_follow(&builder, log_file_tail(log));
        log_builder_add_stopped(&builder);
        assert_int_equal(log_builder_write(&builder, log), TOCSIN_OK);
        assert_int_equal(log_file_sync(log), TOCSIN_OK);
        assert_int_equal(checkpoints_write(checkpoints, 9, true), TOCSIN_OK);
    }
    text_fini(&message);
    log_builder_fini(&builder);
    checkpoints_close(&checkpoints);
    log_file_close(&log);
}

static int set_up(void **state)
{
    (void)state;
    log_dir_init(&dir);
    options = (struct verify_options){.dir = dir.path};
    verify_report_init(&report);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    verify_report_fini(&report);
    log_dir_fini(&dir);
    return 0;
}

static enum verify_verdict verify(void)
{
    verify_report_fini(&report);
    verify_report_init(&report);
    verify_run(&report, &options, NULL);
    return report.verdict;
}

static void assert_verdict(enum verify_verdict verdict)
{
    struct text text;
    if (verify() == verdict)
        return;
    text_init(&text);
    verify_report_put(&text, &report, false);
    fail_msg("%.*s", (int)text.len, text.data);
}

static void assert_place(const char *file, uint64_t line, uint64_t seq)
{
    assert_true(report.has_place);
    assert_string_equal(report.place.file, file);
    assert_int_equal(report.place.line, line);
    if (seq > 0)
        assert_int_equal(report.place.seq, seq);
}

static void what_the_broker_wrote_is_intact(void **state)
{
    (void)state;
    write_log(true);
    assert_verdict(VERIFY_INTACT);
    assert_int_equal(report.file_count, DAYS);
    assert_int_equal(report.line_count, DAYS * 36 + 1);
    assert_int_equal(report.signed_seq, report.last_seq);
    assert_int_equal(report.checkpoint_count, 2 * DAYS);
    assert_int_equal(report.trust, VERIFY_TRUST_BESIDE);
}

static void a_log_that_was_killed_is_intact_up_to_its_end(void **state)
{
    (void)state;
    write_log(false);
    assert_verdict(VERIFY_INTACT);
    assert_true(report.signed_seq < report.last_seq);
}

static void a_log_without_checkpoints_is_not_told(void **state)
{
    (void)state;
    write_log(true);
    log_dir_remove(&dir, "events.log.sig");
    assert_verdict(VERIFY_UNSURE);
    assert_int_equal(report.line_count, DAYS * 36 + 1);
}

static void an_empty_directory_is_not_told(void **state)
{
    (void)state;
    assert_verdict(VERIFY_UNSURE);
    options.dir = "/nonexistent";
    assert_verdict(VERIFY_UNSURE);
}

static void oldest_files_that_are_gone_without_a_word_are_told_unless_days_are_given(void **state)
{
    (void)state;
    write_log(true);
    log_dir_remove(&dir, "events.log.20261121");
    assert_verdict(VERIFY_UNSURE);
    assert_int_equal(report.first_seq, 37);
    assert_non_null(memmem(report.reason.data, report.reason.len, "through seq 36", 14));
    options.has_since = true;
    options.since_us = LOG_BUILDER_START_US;
    assert_verdict(VERIFY_INTACT);
    options.has_since = false;
    log_dir_remove(&dir, "events.log.20261122");
    assert_verdict(VERIFY_UNSURE);
    assert_int_equal(report.first_seq, 73);
}

/* The log of write_log, in whose last file the broker says that it has removed the first one; signed behind it or not. */
static void write_pruned(bool is_right, bool is_signed)
{
    struct log_builder builder;
    struct checkpoints *checkpoints;
    struct text message;

    write_log(true);
    struct log_file *log = log_dir_open(&dir);
    text_init(&message);
    assert_int_equal(checkpoints_open(&checkpoints, NULL, dir.path, log_file_tail(log), key_path, &message), TOCSIN_OK);
    struct retention_files files;
    int fd = disk_real.open_dir(&disk_real, dir.path);
    retention_files_init(&files, &disk_real, fd, log_file_tail(log)->log_id);
    assert_int_equal(retention_files_look(&files, false), 0);
    struct log_origin second = retention_files_next(&files, 0)->origin;
    assert_int_equal(second.previous_seq, 36);
    second.previous_hash[5] ^= !is_right;
    log_builder_init(&builder, dir.topics);
    log_builder_follow(&builder, log_file_tail(log));
    builder.received_us = log_file_tail(log)->received_us;
    log_builder_add_pruned(&builder, second.previous_seq, second.previous_hash);
    assert_int_equal(log_builder_write(&builder, log), TOCSIN_OK);
    assert_int_equal(log_file_sync(log), TOCSIN_OK);
    if (is_signed)
        assert_int_equal(checkpoints_write(checkpoints, 9, true), TOCSIN_OK);
    log_dir_remove(&dir, "events.log.20261121");
    retention_files_fini(&files);
    disk_real.close(&disk_real, fd);
    text_fini(&message);
    log_builder_fini(&builder);
    checkpoints_close(&checkpoints);
    log_file_close(&log);
}

static void files_that_the_log_says_it_removed_are_no_fault(void **state)
{
    (void)state;
    write_pruned(true, true);
    assert_verdict(VERIFY_INTACT);
    assert_int_equal(report.first_seq, 37);
    assert_non_null(memmem(report.notes.data, report.notes.len, "retention removed", 17));
    log_dir_remove(&dir, "events.log.20261122"); /* and one more, of which nothing is said */
    assert_verdict(VERIFY_UNSURE);
}

static void a_removal_that_nobody_signed_is_not_told(void **state)
{
    (void)state;
    write_pruned(true, false);
    assert_verdict(VERIFY_UNSURE);
    assert_non_null(memmem(report.reason.data, report.reason.len, "not signed", 10));
}

static void a_removal_of_other_lines_than_are_missing_is_tampering(void **state)
{
    (void)state;
    write_pruned(false, true);
    assert_verdict(VERIFY_TAMPERED);
    assert_place("events.log.20261122", 1, 37);
}

static void a_file_that_is_gone_from_between_is_not_told(void **state)
{
    (void)state;
    write_log(true);
    log_dir_remove(&dir, "events.log.20261122");
    assert_verdict(VERIFY_UNSURE);
    assert_non_null(memmem(report.reason.data, report.reason.len, "seq 37 to 72", 12));
}

static bool never(void *arg)
{
    (void)arg;
    return false;
}

/* As retention does. */
static void pack(const char *name)
{
    struct retention_pack pack = {.disk = &disk_real, .level = 3, .must_stop = never};
    pack.dir = disk_real.open_dir(&disk_real, dir.path);
    assert_int_equal(retention_pack(&pack, name), 0);
    disk_real.close(&disk_real, pack.dir);
}

static void compressed_files_are_verified_as_the_plain_ones(void **state)
{
    (void)state;
    struct text content;
    write_log(true);
    log_dir_read(&dir, "events.log.20261121", &content);
    pack("events.log.20261121");
    pack("events.log.20261122");
    assert_verdict(VERIFY_INTACT);
    assert_int_equal(report.file_count, DAYS);
    assert_int_equal(report.line_count, DAYS * 36 + 1);
    log_dir_write(&dir, "events.log.20261121", content.data, content.len); /* both are there, for a moment */
    assert_verdict(VERIFY_INTACT);
    assert_int_equal(report.file_count, DAYS);
    text_fini(&content);
}

static void a_line_that_is_altered_is_found_in_a_compressed_file(void **state)
{
    (void)state;
    struct text content;
    write_log(true);
    log_dir_read(&dir, "events.log.20261122", &content);
    char *at = memmem(content.data, content.len, "\"level\":\"Info\"", 14);
    assert_non_null(at);
    memcpy(at, "\"level\":\"Inf0\"", 14);
    log_dir_write(&dir, "events.log.20261122", content.data, content.len);
    pack("events.log.20261122");
    assert_verdict(VERIFY_TAMPERED);
    assert_place("events.log.20261122.zst", 1, 37);
    text_fini(&content);
}

static void a_compressed_file_that_is_spoilt_is_not_told(void **state)
{
    (void)state;
    struct text content;
    write_log(true);
    pack("events.log.20261122");
    log_dir_read(&dir, "events.log.20261122.zst", &content);
    for (size_t at = 0; at < content.len; at += 101) {
        content.data[at] = (char)(content.data[at] ^ 0x10);
        log_dir_write(&dir, "events.log.20261122.zst", content.data, content.len);
        enum verify_verdict verdict = verify();
        assert_true(verdict != VERIFY_INTACT || report.line_count == DAYS * 36 + 1);
        content.data[at] = (char)(content.data[at] ^ 0x10);
    }
    text_fini(&content);
}

static void days_can_be_looked_at_by_themselves(void **state)
{
    (void)state;
    write_log(true);
    options.has_since = true;
    options.since_us = LOG_BUILDER_START_US + DAY_US;
    assert_verdict(VERIFY_INTACT);
    assert_int_equal(report.first_seq, 37);
    options.has_until = true;
    options.until_us = LOG_BUILDER_START_US + DAY_US + 1;
    assert_verdict(VERIFY_INTACT);
    assert_int_equal(report.last_seq, 72);
    assert_int_equal(report.signed_seq, 72);
    options.since_us = LOG_BUILDER_START_US + 9 * DAY_US;
    options.until_us = LOG_BUILDER_START_US - 1;
    assert_verdict(VERIFY_UNSURE);
}

static void a_tail_torn_by_a_crash_is_not_taken_for_tampering(void **state)
{
    struct text content;
    (void)state;
    write_log(false);
    log_dir_read(&dir, "events.log", &content);
    const char *last = content.data + content.len - 1;
    while (last[-1] != '\n')
        last--;
    size_t whole = (size_t)(last - content.data);
    for (size_t len = whole + 1; len < content.len; len += 31) {
        log_dir_write(&dir, "events.log", content.data, len);
        assert_verdict(VERIFY_UNSURE);
        assert_place("events.log", 36, 0);
    }
    memset(content.data + whole + 20, 0, content.len - whole - 40); /* a page that never reached the disk */
    log_dir_write(&dir, "events.log", content.data, content.len);
    assert_verdict(VERIFY_UNSURE);
    assert_place("events.log", 36, 0);
    text_fini(&content);
}

/* --- every byte counts --- */

static const char *const names[] = {"events.log.20261121", "events.log.20261122", "events.log", "events.log.sig"};

struct victim {
    struct text content;
    int fd;
};

static void open_victim(struct victim *victim, const char *name)
{
    char path[400];
    log_dir_read(&dir, name, &victim->content);
    snprintf(path, sizeof path, "%s/%s", dir.path, name);
    victim->fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(victim->fd >= 0);
}

static uint64_t line_of(const struct text *content, size_t at)
{
    uint64_t line = 1;
    for (size_t i = 0; i < at; i++)
        line += content->data[i] == '\n';
    return line;
}

static void flip(struct victim *victim, size_t at, unsigned bit)
{
    char changed = (char)(victim->content.data[at] ^ (1 << bit));
    assert_int_equal(pwrite(victim->fd, &changed, 1, (off_t)at), 1);
    if (verify() != VERIFY_TAMPERED)
        fail_msg("bit %u of byte %zu: verdict %d, %.*s", bit, at, (int)report.verdict, (int)report.reason.len,
                 report.reason.data);
    assert_int_equal(pwrite(victim->fd, victim->content.data + at, 1, (off_t)at), 1);
}

static void every_flipped_bit_is_found_and_its_line_named(void **state)
{
    struct victim victims[4];
    unsigned flips = getenv("ASAN_OPTIONS") != NULL ? FLIPS_SLOW : FLIPS;
    size_t total = 0;
    (void)state;

    write_log(true);
    for (unsigned i = 0; i < 4; i++) {
        open_victim(&victims[i], names[i]);
        total += victims[i].content.len;
    }
    for (unsigned n = 0; n < flips; n++) {
        size_t at = (size_t)(random_bits() % total), i = 0;
        while (at >= victims[i].content.len)
            at -= victims[i++].content.len;
        flip(&victims[i], at, (unsigned)(random_bits() % 8));
        if (strcmp(report.place.file, names[i]) != 0 || report.place.line != line_of(&victims[i].content, at))
            fail_msg("byte %zu of %s, line %llu: told as %s, line %llu: %.*s", at, names[i],
                     (unsigned long long)line_of(&victims[i].content, at), report.place.file,
                     (unsigned long long)report.place.line, (int)report.reason.len, report.reason.data);
    }
    assert_verdict(VERIFY_INTACT);
    for (unsigned i = 0; i < 4; i++) {
        text_fini(&victims[i].content);
        close(victims[i].fd);
    }
}

static void no_flipped_bit_passes_for_a_torn_tail_where_nothing_is_signed(void **state)
{
    struct victim victim;
    (void)state;

    write_log(false);
    open_victim(&victim, "events.log");
    for (unsigned n = 0; n < 1000; n++) {
        size_t at = (size_t)(random_bits() % (victim.content.len - 1));
        unsigned bit = (unsigned)(random_bits() % 8);
        if ((victim.content.data[at] ^ (1 << bit)) != 0)
            flip(&victim, at, bit);
    }
    text_fini(&victim.content);
    close(victim.fd);
}

/* Some bytes of a file overwritten, taken out, doubled or put elsewhere. */
static void mangle(struct text *out, const struct text *content)
{
    size_t from = (size_t)(random_bits() % content->len), to = (size_t)(random_bits() % content->len);
    size_t len = (size_t)(random_bits() % 600) + 1;

    len = len < content->len - from ? len : content->len - from;
    text_clear(out);
    switch (random_bits() % 4) {
    case 0: /* noise */
        text_put(out, content->data, content->len);
        for (size_t i = from; i < from + len; i++)
            out->data[i] = (char)random_bits();
        break;
    case 1: /* taken out */
        text_put(out, content->data, from);
        text_put(out, content->data + from + len, content->len - from - len);
        break;
    case 2: /* a copy of it elsewhere */
        text_put(out, content->data, to);
        text_put(out, content->data + from, len);
        text_put(out, content->data + to, content->len - to);
        break;
    default: /* cut */
        text_put(out, content->data, from);
        break;
    }
}

static void mangled_files_never_pass_and_break_nothing(void **state)
{
    struct text contents[4], mangled;
    (void)state;

    write_log(true);
    text_init(&mangled);
    for (unsigned i = 0; i < 4; i++)
        log_dir_read(&dir, names[i], &contents[i]);
    for (unsigned n = 0; n < MANGLED; n++) {
        const struct text *content = &contents[n % 4];
        mangle(&mangled, content);
        assert_false(mangled.failed);
        if (span_equals(text_span(&mangled), text_span(content)))
            continue;
        log_dir_write(&dir, names[n % 4], mangled.data, mangled.len);
        if (verify() == VERIFY_INTACT && (n % 4 != 3 || report.signed_seq != report.last_seq))
            fail_msg("mangled %s in round %u passes", names[n % 4], n);
        log_dir_write(&dir, names[n % 4], content->data, content->len);
    }
    for (unsigned i = 0; i < 4; i++)
        text_fini(&contents[i]);
    text_fini(&mangled);
}

int main(void)
{
    if (sodium_init() < 0)
        return 1;
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_the_broker_wrote_is_intact),
        TEST(a_log_that_was_killed_is_intact_up_to_its_end),
        TEST(a_log_without_checkpoints_is_not_told),
        TEST(an_empty_directory_is_not_told),
        TEST(oldest_files_that_are_gone_without_a_word_are_told_unless_days_are_given),
        TEST(files_that_the_log_says_it_removed_are_no_fault),
        TEST(a_removal_that_nobody_signed_is_not_told),
        TEST(a_removal_of_other_lines_than_are_missing_is_tampering),
        TEST(a_file_that_is_gone_from_between_is_not_told),
        TEST(compressed_files_are_verified_as_the_plain_ones),
        TEST(a_line_that_is_altered_is_found_in_a_compressed_file),
        TEST(a_compressed_file_that_is_spoilt_is_not_told),
        TEST(days_can_be_looked_at_by_themselves),
        TEST(a_tail_torn_by_a_crash_is_not_taken_for_tampering),
        TEST(every_flipped_bit_is_found_and_its_line_named),
        TEST(mangled_files_never_pass_and_break_nothing),
        TEST(no_flipped_bit_passes_for_a_torn_tail_where_nothing_is_signed),
    };
    return cmocka_run_group_tests(tests, seed, NULL);
}
