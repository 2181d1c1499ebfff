/* JSON text in as doubles: the nearest one, whatever the text's length. */
#include "tests/number_support.h"

static void doubles_read_correctly_rounded(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
    } rows[] = {
        {"0.0", 0.0},
        {"-0.0", -0.0},
        {"0e0", 0.0},
        {"-0e0", -0.0},
        {"-0E-0", -0.0},
        {"0.000", 0.0},
        {"0e999999999999999999999", 0.0},
        {"0.000e+99999", 0.0},
        {"-0.0e-99999", -0.0},
        {"1e0", 1.0},
        {"1E0", 1.0},
        {"1e+0", 1.0},
        {"1e-0", 1.0},
        {"1.0", 1.0},
        {"1e00000000000000000000000000000000", 1.0},
        {"1e000000000000000000000000000000002", 100.0},
        {"100e-2", 1.0},
        {"1.000000000000000000000000000000000000", 1.0},
        {"0.1", 0.1},
        {"0.10", 0.1},
        {"123.456", 123.456},
        {"-123.456e+2", -12345.6},
        {"59.939998626708984", 59.939998626708984},
        {"1e22", 1e22},
        {"1e23", 1e23},
        {"8.5e22", 8.5e22},
        {"9007199254740993.0", 9007199254740992.0},
        {"9007199254740993.00000000000000000000000000001", 9007199254740994.0},
        {"9007199254740995e0", 9007199254740996.0},
        {"900719925474099.3e1", 9007199254740992.0},
        {"9007199254740993e-1", 900719925474099.3},
        {"36028797018963966e0", 36028797018963968.0},
        {"0.500000000000000166533453693773481063544750213623046875", 0.5000000000000002},
        {"1.00000000000000011102230246251565404236316680908203125", 1.0},
        {"1.00000000000000011102230246251565404236316680908203124", 1.0},
        {"1.00000000000000011102230246251565404236316680908203126", 0x1.0000000000001p0},
        {"18446744073709551616.0", 0x1p64},
        {"99999999999999999999e0", 1e20},
        {"0.00012345678901234567", 0.00012345678901234567},
        {"0.0000000000000000000000000000000001", 1e-34},
        {"5e-324", 5e-324},
        {"4.9406564584124654e-324", 5e-324},
        {"2.4703282292062328e-324", 5e-324},
        {"2.4703282292062327e-324", 0.0},
        {"-2.4703282292062327e-324", -0.0},
        {"7.4109846876186982e-324", 1e-323},
        {"1e-400", 0.0},
        {"-1e-400", -0.0},
        {"1e-99999999999999999999999999", 0.0},
        {"0.12345e-9223372036854775807", 0.0},
        {"-0.12345678901234567890123e-9223372036854775799", -0.0},
        {"2.2250738585072011e-308", 2.2250738585072011e-308},
        {"2.2250738585072012e-308", 2.2250738585072014e-308},
        {"2.2250738585072014e-308", 2.2250738585072014e-308},
        {"1.7976931348623157e308", 1.7976931348623157e308},
        {"1.7976931348623157e+308", 1.7976931348623157e308},
        {"1.7976931348623158e308", 1.7976931348623157e308},
        {"179769313486231570000e288", 1.7976931348623157e308},
        {"6.9294956446009195e15", 6929495644600919.5},
        {"7.2057594037927933e16", 72057594037927936.0},
        {"1.448997445238699", 0x1.72f17f1f49aadp0},
        {"3.518437208883201171875e13", 0x1.0000000000002p45},
        {"62.5364939768271845828", 0x1.f44abd5aa7ca4p5},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_reads_as(rows[i].text, strlen(rows[i].text), rows[i].value);
}

static void a_double_that_overflows_is_invalid(void **state)
{
    (void)state;
    /* clang-format off */
    static const char *const rows[] = {
        "1.7976931348623159e308", "1.8e308", "2e308", "1e309", "-1e309", "1e400", "1E+400",
        "1e99999999999999999999999999999999999999", "-1e9999999999", "0.1e999999", "10e308", "1e324",
        "1e325", "-1e326", "12345e9223372036854775807", "12345678901234567890123e9223372036854775807",
        "179769313486231590000e288",
    };
    /* clang-format on */
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct number n;
        size_t used;
        if (read_text(rows[i], strlen(rows[i]), &n, &used) != TOCSIN_E_INVALID)
            fail_msg("%s was read", rows[i]);
    }
}

/* One of `lead`, `count` times `digit`, then `tail`; returns the length. */
static size_t long_text(char *out, const char *lead, char digit, size_t count, const char *tail)
{
    size_t len = strlen(lead);
    memcpy(out, lead, len);
    memset(out + len, digit, count);
    memcpy(out + len + count, tail, strlen(tail) + 1);
    return len + count + strlen(tail);
}

static void numbers_of_thousands_of_digits_are_read_exactly(void **state)
{
    (void)state;
    enum { digits = 100000 };
    char *text = malloc(digits + 256);
    assert_non_null(text);
    static const struct {
        const char *lead;
        char digit;
        const char *tail;
        double value;
    } rows[] = {
        {"0.", '0', "1e100001", 1.0},
        {"0.", '0', "123456e100003", 123.456},
        {"0.", '0', "12345678901234567890123e100001", 1.2345678901234567890123},
        {"1", '0', "e-100000", 1.0},
        {"1", '0', ".0e-100000", 1.0},
        {"-1", '0', "5e-100001", -1.0},
        {"1.", '0', "1", 1.0},
        {"0.", '9', "", 1.0},
        {"0.", '3', "", 1.0 / 3},
        {"9007199254740993.", '0', "", 9007199254740992.0},
        {"9007199254740993.", '0', "1", 9007199254740994.0},
        {"-9007199254740992.", '9', "", -9007199254740992.0},
        {"4.9406564584124654e-", '0', "324", 5e-324},
        {"1e", '0', "5", 1e5},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t len = long_text(text, rows[i].lead, rows[i].digit, digits, rows[i].tail);
        assert_reads_as(text, len, rows[i].value);
    }

    struct number n;
    size_t used;
    size_t len = long_text(text, "1", '0', digits, "");
    assert_int_equal(read_text(text, len, &n, &used), TOCSIN_E_INVALID);
    len = long_text(text, "1", '0', digits, ".0");
    assert_int_equal(read_text(text, len, &n, &used), TOCSIN_E_INVALID);
    len = long_text(text, "1e", '9', digits, "");
    assert_int_equal(read_text(text, len, &n, &used), TOCSIN_E_INVALID);
    len = long_text(text, "0", '0', digits, "");
    assert_int_equal(read_text(text, len, &n, &used), TOCSIN_E_SYNTAX);
    free(text);
}

/* odd * 5^1075 in decimal: with e-1075 it is a midpoint between two doubles below 2^-1022. */
static size_t write_midpoint(char *out, uint64_t odd)
{
    unsigned digits[800] = {0}; /* the lowest first */
    size_t count = 0;
    for (; odd > 0; odd /= 10)
        digits[count++] = (unsigned)(odd % 10);
    for (int i = 0; i < 1075; i++) {
        unsigned carry = 0;
        for (size_t at = 0; at < count || carry > 0; at++) {
            count = at < count ? count : at + 1;
            carry += digits[at] * 5;
            digits[at] = carry % 10;
            carry /= 10;
        }
    }
    for (size_t i = 0; i < count; i++)
        out[i] = (char)('0' + digits[count - 1 - i]);
    return count;
}

static void assert_midpoint_is_decided(uint64_t odd, double below, double even, double above)
{
    char text[1200];
    size_t len = write_midpoint(text, odd);
    assert_int_equal(len, 768); /* no midpoint has more */
    assert_int_equal(text[len - 1], '5');

    static const struct {
        const char *tail;
        int side;
    } rows[] = {
        {"5", 0},
        {"5.0", 0},
        {"5.00000000000000000000000000000000000000", 0},
        {"5.00000000000000000000000000000000000001", 1},
        {"5.00000000000000000001000000000000000000", 1},
        {"5.1", 1},
        {"6", 1},
        {"4", -1},
        {"4.99999999999999999999999999999999999999", -1},
        {"4.9", -1},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        sprintf(text + len - 1, "%se-1075", rows[i].tail);
        assert_reads_as(text, strlen(text), rows[i].side == 0 ? even : rows[i].side < 0 ? below : above);
    }
}

static void the_longest_midpoint_is_decided_by_a_digit_far_behind_it(void **state)
{
    (void)state;
    static const double doubles[] = {0x0.ffffffffffffep-1022, 0x0.fffffffffffffp-1022, 0x1p-1022};
    assert_midpoint_is_decided((UINT64_C(1) << 53) - 1, doubles[1], doubles[2], doubles[2]);
    assert_midpoint_is_decided((UINT64_C(1) << 53) - 3, doubles[0], doubles[0], doubles[1]);
}

static void random_texts_read_as_strtod_reads_them(void **state)
{
    (void)state;
    for (int i = 0; i < RANDOM_COUNT; i++) {
        char text[96];
        size_t len = 0;
        if (random_bits() % 2)
            text[len++] = '-';
        text[len++] = (char)('1' + random_bits() % 9);
        for (uint64_t count = random_bits() % 24; count > 0; count--)
            text[len++] = (char)('0' + random_bits() % 10);
        text[len++] = '.';
        for (uint64_t count = 1 + random_bits() % 24; count > 0; count--)
            text[len++] = (char)('0' + random_bits() % 10);
        text[len] = '\0';
        if (random_bits() % 2)
            len += (size_t)sprintf(text + len, "%c%d", random_bits() % 2 ? 'e' : 'E', (int)(random_bits() % 670) - 350);
        double want = strtod(text, NULL);
        if (isfinite(want)) {
            assert_reads_as(text, len, want);
            continue;
        }
        struct number n;
        size_t used;
        assert_int_equal(read_text(text, len, &n, &used), TOCSIN_E_INVALID);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doubles_read_correctly_rounded),
        cmocka_unit_test(a_double_that_overflows_is_invalid),
        cmocka_unit_test(numbers_of_thousands_of_digits_are_read_exactly),
        cmocka_unit_test(the_longest_midpoint_is_decided_by_a_digit_far_behind_it),
        cmocka_unit_test(random_texts_read_as_strtod_reads_them),
    };
    return cmocka_run_group_tests(tests, seed, NULL);
}
