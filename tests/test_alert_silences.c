/* Matchers of labels, and the file of silences as people and programs write it, well and badly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "client/alert/silences.h"
#include "tests/seeded.h"

#define S UINT64_C(1000000)

static void a_matcher_holds_for_what_it_says(void **state)
{
    (void)state;
    static const struct {
        const char *matcher;
        bool holds;
    } cases[] = {
        {"severity=critical", true},
        {"severity=\"critical\"", true},
        {" severity = critical ", true},
        {"severity!=critical", false},
        {"severity=crit", false},
        {"severity=~crit", false},
        {"severity=~crit.*", true},
        {"severity!~\"crit.*\"", false},
        {"severity=~\"low|critical\"", true},
        {"severity=~low|critical", true},
        {"absent=", true},
        {"absent!=x", true},
        {"absent=~.*", true},
        {"absent=~.+", false},
        {"quoted=\"a\\\"b\\\\\"", true},
        {"quoted=~\"a\\\"b.\"", true},
        {"severity=\"critical \"", false},
    };
    struct labels labels = {0};
    assert_true(labels_set(&labels, span_of_str("severity"), span_of_str("critical")));
    assert_true(labels_set(&labels, span_of_str("quoted"), span_of_str("a\"b\\")));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct label_matchers matchers = {0};
        struct text why, shown;
        text_init(&why);
        text_init(&shown);
        assert_true(label_matchers_add(&matchers, span_of_str(cases[i].matcher), &why));
        if (label_matchers_hold(&matchers, &labels) != cases[i].holds)
            fail_msg("%s", cases[i].matcher);
        label_matcher_put(&shown, &matchers.items[0]); /* what is shown means the same */
        assert_true(label_matchers_add(&matchers, text_span(&shown), &why));
        assert_string_equal(matchers.items[1].value, matchers.items[0].value);
        assert_int_equal(matchers.items[1].is_regex, matchers.items[0].is_regex);
        assert_int_equal(matchers.items[1].is_equal, matchers.items[0].is_equal);
        label_matchers_fini(&matchers);
        text_fini(&shown);
    }
    labels_fini(&labels);
}

static void what_is_no_matcher_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",    "severity", "=x",       "a-b=c",    "1a=b", "a!b",
                                      "a~b", "a=\"b",    "a=\"b\"c", "a=~\"(\"", "a=~[", "\"a\"=b"};
    struct label_matchers none = {0};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct text why;
        text_init(&why);
        if (label_matchers_add(&none, span_of_str(bad[i]), &why))
            fail_msg("%s", bad[i]);
        assert_non_null(memmem(why.data, why.len, "expected", 8));
        text_fini(&why);
    }
    label_matchers_fini(&none);
}

static const char good[] =
    "[\n{\"id\":\"0123456789abcdef\",\"matchers\":[{\"name\":\"a\",\"value\":\"b\",\"isRegex\":false,\"isEqual\":true},"
    "{\"name\":\"c\",\"value\":\"d.*\",\"isRegex\":true,\"isEqual\":false}],\"startsAt\":\"1970-01-01T00:00:10."
    "000000Z\","
    "\"endsAt\":\"1970-01-01T00:00:20.000000Z\",\"createdBy\":\"ann\",\"comment\":\"new \\\"disks\\\"\"}\n]\n";

static void what_is_written_is_read_again(void **state)
{
    (void)state;
    struct silences silences;
    struct labels labels = {0};
    struct text message, written;
    text_init(&message);
    text_init(&written);
    assert_true(silences_read(&silences, span_of_str(good), &message));
    assert_true(labels_set(&labels, span_of_str("a"), span_of_str("b")));
    assert_null(silences_find(&silences, &labels, 10 * S - 1));
    assert_non_null(silences_find(&silences, &labels, 10 * S));
    assert_non_null(silences_find(&silences, &labels, 20 * S - 1));
    assert_null(silences_find(&silences, &labels, 20 * S));
    assert_int_equal(silences_next_us(&silences, 0), 10 * S);
    assert_int_equal(silences_next_us(&silences, 10 * S), 20 * S);
    assert_true(silences_next_us(&silences, 20 * S) == UINT64_MAX);
    assert_true(labels_set(&labels, span_of_str("c"), span_of_str("dd")));
    assert_null(silences_find(&silences, &labels, 10 * S));
    silences_put_json(&written, &silences);
    assert_int_equal(written.len, sizeof good - 1);
    assert_memory_equal(written.data, good, written.len);
    silences_prune(&silences, 20 * S + SILENCES_KEPT_US);
    assert_int_equal(silences.count, 1);
    silences_prune(&silences, 20 * S + SILENCES_KEPT_US + 1);
    assert_int_equal(silences.count, 0);
    silences_fini(&silences);
    labels_fini(&labels);
    text_fini(&written);
}

static void faults_of_the_file_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        const char *complaint;
    } faults[] = {
        {"{}", "expected a list of silences"},
        {"[\n {]", "2:3: "},
        {"[1]", "silence 1: expected an object for each silence"},
        {"[{}]", "silence 1: expected id, matchers, startsAt and endsAt in each silence"},
        {"[{\"id\":\"x\"}]", "silence 1: id: expected 16 digits of 0 to 9 and a to f"},
        {"[{\"startsAt\":\"soon\"}]", "silence 1: startsAt: expected a time, as 2026-11-21T00:30:00Z"},
        {"[{\"endsAt\":1}]", "silence 1: endsAt: expected a text"},
        {"[{\"matchers\":[]}]", "silence 1: matchers: expected a list of at least one"},
        {"[{\"matchers\":[{\"name\":\"a\"}]}]", "silence 1: matchers: expected name and value in each"},
        {"[{\"matchers\":[{\"name\":\"a\",\"value\":\"(\",\"isRegex\":true}]}]",
         "silence 1: expected a regular expression behind the sign: Unmatched ( or \\("},
        {"[{\"matchers\":[{\"isRegex\":1}]}]", "silence 1: isRegex: expected true or false"},
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct silences silences;
        struct text message;
        text_init(&message);
        assert_false(silences_read(&silences, span_of_str(faults[i].json), &message));
        text_put_char(&message, '\0');
        if (strncmp(message.data, faults[i].complaint, strlen(faults[i].complaint)) != 0)
            fail_msg("%s: %s", faults[i].json, message.data);
        assert_int_equal(silences.count, 0);
        text_fini(&message);
    }
}

static void a_damaged_file_is_refused_or_read_and_does_no_harm(void **state)
{
    (void)state;
    char json[sizeof good];
    for (unsigned round = 0; round < 4000; round++) {
        struct silences silences;
        struct text message;
        text_init(&message);
        memcpy(json, good, sizeof json);
        for (uint64_t i = random_bits() % 4 + 1; i > 0; i--)
            json[random_bits() % (sizeof json - 1)] = (char)random_bits();
        if (silences_read(&silences, span_of(json, random_bits() % sizeof json), &message))
            silences_fini(&silences);
        else
            assert_true(message.len > 0);
        text_fini(&message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_matcher_holds_for_what_it_says),
        cmocka_unit_test(what_is_no_matcher_is_refused),
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(faults_of_the_file_are_told),
        cmocka_unit_test(a_damaged_file_is_refused_or_read_and_does_no_harm),
    };
    return cmocka_run_group_tests(tests, seed, NULL);
}
