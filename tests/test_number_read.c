/* JSON text in as numbers: the grammar, and the limits of integers. */
#include "tests/number_support.h"

static void integers_read_as_integers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum number_kind kind;
        uint64_t bits;
    } rows[] = {
        {"0", NUMBER_UINT, 0},
        {"-0", NUMBER_UINT, 0},
        {"7", NUMBER_UINT, 7},
        {"-7", NUMBER_INT, (uint64_t)-7},
        {"10", NUMBER_UINT, 10},
        {"9223372036854775807", NUMBER_UINT, INT64_MAX},
        {"9223372036854775808", NUMBER_UINT, UINT64_C(1) << 63},
        {"-9223372036854775807", NUMBER_INT, (uint64_t)-INT64_MAX},
        {"-9223372036854775808", NUMBER_INT, UINT64_C(1) << 63},
        {"9999999999999999999", NUMBER_UINT, UINT64_C(9999999999999999999)},
        {"10000000000000000000", NUMBER_UINT, UINT64_C(10000000000000000000)},
        {"18446744073709551614", NUMBER_UINT, UINT64_MAX - 1},
        {"18446744073709551615", NUMBER_UINT, UINT64_MAX},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct number n = read_whole(rows[i].text, strlen(rows[i].text));
        assert_int_equal(n.kind, rows[i].kind);
        assert_true((n.kind == NUMBER_INT ? (uint64_t)n.as.i : n.as.u) == rows[i].bits);
    }
}

static void an_integer_beyond_64_bits_is_invalid(void **state)
{
    (void)state;
    /* clang-format off */
    static const char *const rows[] = {
        "18446744073709551616", "18446744073709551617", "18446744073709551620", "19999999999999999999",
        "20000000000000000000", "28446744073709551615", "30000000000000000000", "36893488147419103231",
        "40000000000000000000", "55340232221128654847", "73786976294838206463", "99999999999999999999",
        "100000000000000000000", "118446744073709551615", "184467440737095516150",
        "340282366920938463463374607431768211456", "-9223372036854775809", "-9223372036854775810",
        "-10000000000000000000", "-18446744073709551615", "-18446744073709551616", "-36893488147419103232",
    };
    /* clang-format on */
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct number n;
        size_t used;
        if (read_text(rows[i], strlen(rows[i]), &n, &used) != TOCSIN_E_INVALID)
            fail_msg("%s was read", rows[i]);
    }
}

static void what_is_no_number_is_a_syntax_error(void **state)
{
    (void)state;
    /* clang-format off */
    static const char *const rows[] = {
        "", "-", "+", "--", "+1", "+0", "+0.5", ".", ".5", "-.5", "+.5", "1.", "-1.", "0.", "-0.", "12.", "00", "01",
        "-00", "-01", "007", "00.5", "01e5", "0123", "1.e5", "1.E5", "0.e1", "-0.e0", "1e", "1E", "1e+", "1e-", "1E+",
        "1E-", "1.5e", "1.5e+", "0e", "0e+", "-1e-", "1..5", "1.-5", "1.+5", "1e.5", "1e--5", "1e++5", "1e+-5",
        "1e-+5", "1ee5", "1e e5", "1e 5", "1. 5", "--1", "-+1", "+-1", " 1", "\t1", "\n1", "\r1", "\v1", "- 1",
        "-\n1", "-e5", "e5", "E5", "-.", "-.e1", "inf", "-inf", "Infinity", "nan", "NaN", "-NaN", "x10", "-x10", ",1",
        "\"1\"", "null", "true", "[1]", "{", "/", ":", "_1", "'1'", "$1", "#1", "1._5", "1e_5", "1.x", "1.f",
        "\xd9\xa1", "1.\xd9\xa1", "\xef\xbc\x91", "\xe2\x88\x92" "1", "1e\xef\xbc\x91", "\xef\xbb\xbf" "1", "\xff",
        "-\xff", "99999999999999999999.", "99999999999999999999e", "099999999999999999999",
    };
    /* clang-format on */
    assert_true(COUNT(rows) >= 60);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct number n;
        size_t used;
        int rc = read_text(rows[i], strlen(rows[i]), &n, &used);
        if (rc != TOCSIN_E_SYNTAX)
            fail_msg("%s: returned %d", rows[i], rc);
    }
    static const char zeros[][4] = {
        {'\0'},
        {'-', '\0', '1'},
        {'1', '.', '\0', '1'},
        {'1', 'e', '\0', '1'},
    };
    for (size_t i = 0; i < COUNT(zeros); i++) {
        struct number n;
        size_t used;
        assert_int_equal(read_text(zeros[i], 4, &n, &used), TOCSIN_E_SYNTAX);
    }
}

static void a_number_ends_where_the_grammar_ends_it(void **state)
{
    (void)state;
    /* The bar is where the number ends. */
    /* clang-format off */
    static const char *const rows[] = {
        "1|,2", "1| ", "1|]", "1|}", "1|:", "1|/2", "1|-2", "1|+2", "1|_000", "1|L", "1|u", "1|f", "12|abc", "0|x10", "0|b1",
        "0|o7", "-1|-", "-0|-", "-0|,", "1.5|.2", "1.5|,", "1.5|f", "1.5|-", "0.5|d", "1e5|e5", "1e5|.5", "1e5|x",
        "1e-5|-", "1E+5|+", "0.1e1|\n", "1|\xd9\xa1", "1.5|\xff", "18446744073709551615|,",
    };
    /* clang-format on */
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[32];
        size_t end = strcspn(rows[i], "|");
        strcpy(text, rows[i]);
        strcpy(text + end, rows[i] + end + 1);
        struct number n;
        size_t used;
        assert_int_equal(read_text(text, strlen(text), &n, &used), 0);
        assert_int_equal(used, end);
    }
    struct number n;
    size_t used;
    assert_int_equal(read_text("1\0002", 3, &n, &used), 0);
    assert_int_equal(used, 1);
}

static void what_lies_behind_the_length_is_not_read(void **state)
{
    (void)state;
    struct number n;
    size_t used;
    static const char text[] = "-123.456e+78";
    static const int results[] = {TOCSIN_E_SYNTAX, TOCSIN_E_SYNTAX, 0, 0, 0, TOCSIN_E_SYNTAX, 0, 0, 0,
                                  TOCSIN_E_SYNTAX, TOCSIN_E_SYNTAX, 0, 0};
    for (size_t len = 0; len < sizeof text; len++) {
        assert_int_equal(read_text(text, len, &n, &used), results[len]);
        if (results[len] == 0)
            assert_int_equal(used, len);
    }
    assert_int_equal(number_read("12345", 3, &n, &used), 0);
    assert_true(n.as.u == 123);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_read_as_integers),
        cmocka_unit_test(an_integer_beyond_64_bits_is_invalid),
        cmocka_unit_test(what_is_no_number_is_a_syntax_error),
        cmocka_unit_test(a_number_ends_where_the_grammar_ends_it),
        cmocka_unit_test(what_lies_behind_the_length_is_not_read),
    };
    return cmocka_run_group_tests(tests, seed, NULL);
}
