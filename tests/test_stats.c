/* What is counted, and how Prometheus reads it. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "broker/stats.h"
#include "proto/error.h"
#include "tests/prometheus.h"

static struct prometheus exposition;

static void expose(const struct stats *stats, const struct health *health, const struct stats_process *process,
                   const char *version)
{
    struct text text;
    text_init(&text);
    stats_write(&text, stats, health, process, version);
    assert_false(text.failed);
    prometheus_read(&exposition, text.data, text.len);
    if (exposition.fault)
        fail_msg("line %zu: %s\n%.*s", exposition.fault_line, exposition.fault, (int)text.len, text.data);
    text_fini(&text);
}

static void expose_stats(const struct stats *stats)
{
    const struct health health = {.state = HEALTH_READY};
    const struct stats_process process = {.uptime_us = 1};
    expose(stats, &health, &process, "1");
}

static const char *text_of(const char *name, const char *value_of_label)
{
    const struct prometheus_sample *const sample = prometheus_find(&exposition, name, value_of_label);
    if (!sample)
        fail_msg("%s{%s} is not there", name, value_of_label);
    return sample->text;
}

/* --- the judge itself --- */

static void the_reader_of_this_test_takes_what_is_right_and_nothing_else(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *fault;
    } cases[] = {
        {"# HELP a_total b\n# TYPE a_total counter\na_total 1\n", NULL},
        {"# HELP a b \\\\ \\n\n# TYPE a gauge\na{b=\"\\\\ \\\" \\n\"} 1.5\n", NULL},
        {"# HELP a b\n# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n", NULL},
        {"", "no newline at the end"},
        {"# HELP a b\n# TYPE a gauge\na 1", "no newline at the end"},
        {"# HELP a b\n\n# TYPE a gauge\na 1\n", "a line that is empty, too long, or holds NUL"},
        {"a 1\n", "a sample outside its family"},
        {"# TYPE a gauge\na 1\n", "TYPE without its HELP"},
        {"# HELP a b\na 1\n", "a sample outside its family"},
        {"# HELP a b\n# HELP c d\n", "help without type before it"},
        {"# HELP a b\n# TYPE a counter\na 1\n", "a counter whose name does not end with _total"},
        {"# HELP a b\n# TYPE a meter\na 1\n", "unknown type"},
        {"# HELP a b\n# TYPE a gauge\nb 1\n", "a sample outside its family"},
        {"# HELP a b\n# TYPE a gauge\na 1\na 2\n", "a sample twice"},
        {"# HELP a b\n# TYPE a gauge\na  1\n", "no plain number"},
        {"# HELP a b\n# TYPE a gauge\na 1 \n", "no plain number"},
        {"# HELP a b\n# TYPE a gauge\na -1\n", "no plain number"},
        {"# HELP a b\n# TYPE a gauge\na nan\n", "no plain number"},
        {"# HELP a b\n# TYPE a gauge\na{b=\"c\"d} 1\n", "labels without end"},
        {"# HELP a b\n# TYPE a gauge\na{b=\"\\t\"} 1\n", "unknown escape in a label"},
        {"# HELP a b\n# TYPE a gauge\na{b=\"c} 1\n", "a label without end"},
        {"# HELP a \\b\n", "unknown escape in help"},
        {"# HELP a b\n# TYPE a gauge\na 1\n# HELP a b\n", "a family twice"},
        {"# HELP 1a b\n", "no name after HELP"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        prometheus_read(&exposition, cases[i].text, strlen(cases[i].text));
        if (cases[i].fault) {
            assert_non_null(exposition.fault);
            assert_string_equal(exposition.fault, cases[i].fault);
        } else {
            assert_null(exposition.fault);
        }
    }
}

/* --- values --- */

static void everything_is_there_from_the_start(void **state)
{
    (void)state;
    static struct stats stats;
    expose_stats(&stats);
#define STATS(kind, field, name, help) assert_string_equal(text_of(name, ""), "0");
#include "broker/stats.def"
    for (int code = 1; code < TOCSIN_REFUSAL_COUNT; code++)
        assert_string_equal(text_of("tocsin_events_refused_total", refusal_word((enum tocsin_refusal)code)), "0");
    assert_null(prometheus_find(&exposition, "tocsin_events_refused_total", ""));
    assert_string_equal(text_of("tocsin_log_commit_duration_seconds_count", ""), "0");
}

/* The row's number is its value, so that no two fields can be mixed up. */
static void every_field_is_printed_under_its_own_name(void **state)
{
    (void)state;
    enum { counter, gauge, counter_us, gauge_us };
    static struct stats stats;
    uint64_t row = 0;
    char expected[32];
#define STATS(kind, field, name, help) stats_set(&stats.field, ++row);
#include "broker/stats.def"
    expose_stats(&stats);
    row = 0;
#define STATS(kind, field, name, help)                                                                                 \
    snprintf(expected, sizeof expected, kind == counter_us || kind == gauge_us ? "0.%06llu" : "%llu",                  \
             (unsigned long long)++row);                                                                               \
    if (strstr(expected, "0.") == expected)                                                                            \
        while (expected[strlen(expected) - 1] == '0')                                                                  \
            expected[strlen(expected) - 1] = '\0';                                                                     \
    assert_string_equal(text_of(name, ""), expected);
#include "broker/stats.def"
}

static void counters_are_counters_and_gauges_gauges(void **state)
{
    (void)state;
    static struct stats stats;
    expose_stats(&stats);
    assert_string_equal(prometheus_find(&exposition, "tocsin_events_received_total", "")->type, "counter");
    assert_string_equal(prometheus_find(&exposition, "tocsin_log_sync_seconds_total", "")->type, "counter");
    assert_string_equal(prometheus_find(&exposition, "tocsin_log_head_seq", "")->type, "gauge");
    assert_string_equal(prometheus_find(&exposition, "tocsin_log_commit_duration_seconds_sum", "")->type, "histogram");
}

static void numbers_are_exact_up_to_the_last_of_64_bits(void **state)
{
    (void)state;
    static struct stats stats;
    stats_set(&stats.head_seq, UINT64_MAX);
    stats_set(&stats.sync_us, UINT64_MAX);
    stats_set(&stats.sync_us_max, 1500000);
    expose_stats(&stats);
    assert_string_equal(text_of("tocsin_log_head_seq", ""), "18446744073709551615");
    assert_string_equal(text_of("tocsin_log_sync_seconds_total", ""), "18446744073709.551615");
    assert_string_equal(text_of("tocsin_log_sync_duration_max_seconds", ""), "1.5");
}

static void refusals_are_told_apart_by_their_code(void **state)
{
    (void)state;
    static struct stats stats;
    stats_add(&stats.events_refused[TOCSIN_REFUSAL_UTF8], 3);
    stats_add(&stats.events_refused[TOCSIN_REFUSAL_MALFORMED], 1);
    stats_add(&stats.events_refused[TOCSIN_REFUSAL_UTF8], 1);
    expose_stats(&stats);
    assert_string_equal(text_of("tocsin_events_refused_total", "utf8"), "4");
    assert_string_equal(text_of("tocsin_events_refused_total", "malformed"), "1");
    assert_string_equal(text_of("tocsin_events_refused_total", "unsupported"), "0");
}

/* --- durations --- */

static void a_sync_counts_its_time_and_the_longest(void **state)
{
    (void)state;
    static struct stats stats;
    stats_sync_took(&stats, 250);
    stats_sync_took(&stats, 4000);
    stats_sync_took(&stats, 750);
    expose_stats(&stats);
    assert_string_equal(text_of("tocsin_log_syncs_total", ""), "3");
    assert_string_equal(text_of("tocsin_log_sync_seconds_total", ""), "0.005");
    assert_string_equal(text_of("tocsin_log_sync_duration_max_seconds", ""), "0.004");
}

static void a_commit_falls_into_the_bucket_that_just_holds_it(void **state)
{
    (void)state;
    static struct stats stats;
    stats_commit_took(&stats, 0);
    stats_commit_took(&stats, 100); /* le: less or equal */
    stats_commit_took(&stats, 101);
    stats_commit_took(&stats, 10000000);
    stats_commit_took(&stats, 10000001);
    stats_commit_took(&stats, 3600000000);
    expose_stats(&stats);
    assert_string_equal(text_of("tocsin_log_commit_duration_seconds_bucket", "0.0001"), "2");
    assert_string_equal(text_of("tocsin_log_commit_duration_seconds_bucket", "0.00025"), "3");
    assert_string_equal(text_of("tocsin_log_commit_duration_seconds_bucket", "5"), "3");
    assert_string_equal(text_of("tocsin_log_commit_duration_seconds_bucket", "10"), "4");
    assert_string_equal(text_of("tocsin_log_commit_duration_seconds_bucket", "+Inf"), "6");
    assert_string_equal(text_of("tocsin_log_commit_duration_seconds_count", ""), "6");
    assert_string_equal(text_of("tocsin_log_commit_duration_seconds_sum", ""), "3620.000202");
}

static void buckets_rise_in_bounds_and_counts_and_end_with_infinity(void **state)
{
    (void)state;
    static struct stats stats;
    for (uint64_t us = 1; us < 40000000; us = us * 3 + 1)
        stats_commit_took(&stats, us);
    expose_stats(&stats);
    double bound = -1, count = 0;
    bool has_infinity = false;
    for (size_t i = 0; i < exposition.count; i++) {
        const struct prometheus_sample *const sample = &exposition.samples[i];
        if (strcmp(sample->name, "tocsin_log_commit_duration_seconds_bucket") != 0)
            continue;
        assert_false(has_infinity);
        assert_string_equal(sample->label, "le");
        has_infinity = strcmp(sample->value_of_label, "+Inf") == 0;
        assert_true(has_infinity || strtod(sample->value_of_label, NULL) > bound);
        assert_true(sample->value >= count);
        bound = strtod(sample->value_of_label, NULL);
        count = sample->value;
    }
    assert_true(has_infinity);
    assert_true(count == prometheus_find(&exposition, "tocsin_log_commit_duration_seconds_count", "")->value);
}

/* --- health and the process --- */

static void exactly_one_state_is_in_force(void **state)
{
    (void)state;
    static struct stats stats;
    const struct stats_process process = {.uptime_us = 0};
    for (int i = 0; i < HEALTH_STATE_COUNT; i++) {
        struct health health = {.state = i};
        expose(&stats, &health, &process, "1");
        for (int j = 0; j < HEALTH_STATE_COUNT; j++)
            assert_string_equal(text_of("tocsin_state", health_words((enum health_state)j)), i == j ? "1" : "0");
        assert_string_equal(text_of("tocsin_ready", ""), i == HEALTH_READY ? "1" : "0");
        assert_string_equal(text_of("tocsin_disk_full", ""), i == HEALTH_DISK_FULL ? "1" : "0");
    }
}

static void health_moves_freely_until_a_final_state(void **state)
{
    (void)state;
    struct health health = {.state = HEALTH_STARTING};
    health_set(&health, HEALTH_READY);
    health_set(&health, HEALTH_DISK_FULL);
    assert_int_equal(health_get(&health), HEALTH_DISK_FULL);
    health_set(&health, HEALTH_READY);
    assert_int_equal(health_get(&health), HEALTH_READY);
    health_set(&health, HEALTH_STOPPING);
    health_set(&health, HEALTH_READY); /* a journal that finds room while main stops */
    health_set(&health, HEALTH_DISK_FULL);
    assert_int_equal(health_get(&health), HEALTH_STOPPING);
    health_set(&health, HEALTH_DISK_FAILED);
    health_set(&health, HEALTH_STOPPING);
    assert_int_equal(health_get(&health), HEALTH_DISK_FAILED);
    assert_string_equal(health_words((enum health_state)99), "unknown");
}

static void a_loop_that_was_never_seen_is_not_stalled(void **state)
{
    (void)state;
    struct health health = {.beat_us = 0};
    assert_false(health_is_stalled(&health, UINT64_MAX));
    health_beat(&health, 1000);
    assert_false(health_is_stalled(&health, 1000 + HEALTH_STALL_US));
    assert_true(health_is_stalled(&health, 1001 + HEALTH_STALL_US));
    assert_false(health_is_stalled(&health, 0)); /* read before the beat that came between */
}

static void labels_escape_what_would_end_them(void **state)
{
    (void)state;
    static struct stats stats;
    const struct health health = {.state = HEALTH_READY};
    const struct stats_process process = {
        .uptime_us = 1500000, .cpu_us = 20, .resident_bytes = 4096, .open_fds = 7, .max_fds = 1024};
    expose(&stats, &health, &process, "1.0 \"x\\y\"\nz");
    assert_string_equal(text_of("tocsin_build_info", "1.0 \"x\\y\"\nz"), "1");
    assert_string_equal(text_of("tocsin_uptime_seconds", ""), "1.5");
    assert_string_equal(text_of("process_cpu_seconds_total", ""), "0.00002");
    assert_string_equal(text_of("process_resident_memory_bytes", ""), "4096");
    assert_string_equal(text_of("process_open_fds", ""), "7");
    assert_string_equal(text_of("process_max_fds", ""), "1024");
}

static void the_process_is_measured(void **state)
{
    (void)state;
    static const struct stats stats = {.started_us = 5000000};
    const struct stats_process before = stats_process_read(&stats, 7000000);
    const int fds[] = {open("/dev/null", O_RDONLY | O_CLOEXEC), open("/dev/null", O_RDONLY | O_CLOEXEC)};
    const struct stats_process after = stats_process_read(&stats, 8000000);
    close(fds[0]);
    close(fds[1]);
    assert_int_equal(before.uptime_us, 2000000);
    assert_int_equal(after.uptime_us, 3000000);
    assert_int_equal(after.open_fds, before.open_fds + 2);
    assert_int_equal(stats_process_read(&stats, 8000000).open_fds, before.open_fds); /* looking leaves nothing open */
    assert_true(before.resident_bytes > 100000 && before.resident_bytes % 4096 == 0);
    assert_true(before.max_fds >= before.open_fds);
    assert_true(after.cpu_us >= before.cpu_us);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reader_of_this_test_takes_what_is_right_and_nothing_else),
        cmocka_unit_test(everything_is_there_from_the_start),
        cmocka_unit_test(every_field_is_printed_under_its_own_name),
        cmocka_unit_test(counters_are_counters_and_gauges_gauges),
        cmocka_unit_test(numbers_are_exact_up_to_the_last_of_64_bits),
        cmocka_unit_test(refusals_are_told_apart_by_their_code),
        cmocka_unit_test(a_sync_counts_its_time_and_the_longest),
        cmocka_unit_test(a_commit_falls_into_the_bucket_that_just_holds_it),
        cmocka_unit_test(buckets_rise_in_bounds_and_counts_and_end_with_infinity),
        cmocka_unit_test(exactly_one_state_is_in_force),
        cmocka_unit_test(health_moves_freely_until_a_final_state),
        cmocka_unit_test(a_loop_that_was_never_seen_is_not_stalled),
        cmocka_unit_test(labels_escape_what_would_end_them),
        cmocka_unit_test(the_process_is_measured),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
