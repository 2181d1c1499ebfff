/* The words of errors, refusals and levels: what goes over the wire must never change by accident. */
#include "tests/test_support.h"

#include "proto/error.h"

static void refusals_have_the_words_of_the_protocol(void **state)
{
    (void)state;
    static const char *const words[] = {"accepted", "malformed", "type",  "missing", "unknown",    "duplicate",
                                        "value",    "length",    "depth", "utf8",    "unsupported"};
    assert_int_equal(TOCSIN_REFUSAL_COUNT, sizeof words / sizeof *words);
    for (int code = 0; code < TOCSIN_REFUSAL_COUNT; code++) {
        assert_string_equal(refusal_word((enum tocsin_refusal)code), words[code]);
        assert_true(strlen(refusal_text((enum tocsin_refusal)code)) > 5);
    }
    assert_non_null(refusal_word((enum tocsin_refusal)99));
    assert_non_null(refusal_text((enum tocsin_refusal)99));
    assert_non_null(refusal_word((enum tocsin_refusal) - 1));
}

static void levels_are_read_exactly_as_they_are_written(void **state)
{
    (void)state;
    static const char *const words[] = {"Trace", "Debug", "Info", "Warning", "Error"};
    assert_int_equal(TOCSIN_LEVEL_COUNT, 5);
    for (int level = 0; level < TOCSIN_LEVEL_COUNT; level++) {
        assert_string_equal(level_word((enum tocsin_level)level), words[level]);
        assert_int_equal(level_of_word(words[level], strlen(words[level])), level);
        assert_int_equal(level_of_word(words[level], strlen(words[level]) - 1), -1);
        assert_int_equal(level_of_word(words[level], strlen(words[level]) + 1), -1); /* with its NUL */
    }
    assert_int_equal(level_of_word("info", 4), -1);
    assert_int_equal(level_of_word("", 0), -1);
    assert_int_equal(level_of_word(NULL, 0), -1);
    assert_null(level_word(TOCSIN_LEVEL_COUNT));
    assert_null(level_word((enum tocsin_level) - 1));
}

static void every_error_has_a_text_of_its_own(void **state)
{
    (void)state;
    for (int a = 0; a >= TOCSIN_E_END; a--) {
        assert_string_not_equal(error_text(a), error_text(-1000));
        for (int b = 0; b > a; b--)
            assert_string_not_equal(error_text(a), error_text(b));
    }
    assert_non_null(error_text(1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals_have_the_words_of_the_protocol),
        cmocka_unit_test(levels_are_read_exactly_as_they_are_written),
        cmocka_unit_test(every_error_has_a_text_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
