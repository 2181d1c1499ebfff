/* Numbers out as JSON text, and back. The judges are snprintf and strtod here, and Python in test_number_repr.py. */
#include <locale.h>

#include "tests/number_support.h"

/* Room with a mark behind it: what is written beyond the promised length is seen. */
struct room {
    char text[NUMBER_TEXT_MAX + 1];
    char mark;
};

static const char *written(struct room *room, size_t len)
{
    assert_true(len <= NUMBER_TEXT_MAX);
    assert_int_equal(room->mark, '#');
    room->text[len] = '\0';
    return room->text;
}

static const char *write_uint(struct room *room, uint64_t value)
{
    memset(room, '#', sizeof *room);
    return written(room, number_write_uint(room->text, value));
}

static const char *write_int(struct room *room, int64_t value)
{
    memset(room, '#', sizeof *room);
    return written(room, number_write_int(room->text, value));
}

static const char *write_double(struct room *room, double value)
{
    memset(room, '#', sizeof *room);
    return written(room, number_write_double(room->text, value));
}

static void assert_uint_goes_round(uint64_t value)
{
    struct room room;
    char want[32];
    int len = snprintf(want, sizeof want, "%llu", (unsigned long long)value);
    assert_string_equal(write_uint(&room, value), want);
    struct number n = read_whole(want, (size_t)len);
    assert_int_equal(n.kind, NUMBER_UINT);
    assert_true(n.as.u == value);
}

static void assert_int_goes_round(int64_t value)
{
    struct room room;
    char want[32];
    int len = snprintf(want, sizeof want, "%lld", (long long)value);
    assert_string_equal(write_int(&room, value), want);
    struct number n = read_whole(want, (size_t)len);
    assert_int_equal(n.kind, value < 0 ? NUMBER_INT : NUMBER_UINT);
    assert_true(value < 0 ? n.as.i == value : n.as.u == (uint64_t)value);
}

static void integers_around_every_power_go_round(void **state)
{
    (void)state;
    for (uint64_t power = 1;; power *= 10) {
        for (uint64_t value = power - 1; value <= power + 1; value++) {
            assert_uint_goes_round(value);
            if (value <= INT64_MAX)
                assert_int_goes_round(-(int64_t)value);
        }
        if (power == UINT64_C(10000000000000000000))
            break;
    }
    for (unsigned shift = 0; shift < 64; shift++) {
        assert_uint_goes_round((UINT64_C(1) << shift) - 1);
        assert_uint_goes_round(UINT64_C(1) << shift);
    }
    assert_uint_goes_round(UINT64_MAX);
    assert_int_goes_round(INT64_MAX);
    assert_int_goes_round(INT64_MIN);
    assert_int_goes_round(INT64_MIN + 1);
}

static void random_integers_go_round(void **state)
{
    (void)state;
    for (int i = 0; i < RANDOM_COUNT; i++) {
        uint64_t value = random_magnitude();
        assert_uint_goes_round(value);
        assert_int_goes_round((int64_t)(value >> 1));
        assert_int_goes_round(-(int64_t)(value >> 1));
    }
}

static void doubles_are_spelled_as_python_spells_them(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } rows[] = {
        {0.0, "0.0"},
        {-0.0, "-0.0"},
        {1.0, "1.0"},
        {-1.0, "-1.0"},
        {30.0, "30.0"},
        {100.0, "100.0"},
        {0.1, "0.1"},
        {-0.1, "-0.1"},
        {0.5, "0.5"},
        {0.125, "0.125"},
        {1.5, "1.5"},
        {29.97, "29.97"},
        {59.94, "59.94"},
        {(double)59.94f, "59.939998626708984"},
        {(double)0.1f, "0.10000000149011612"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1.0 / 3, "0.3333333333333333"},
        {2.0 / 3, "0.6666666666666666"},
        {3.141592653589793, "3.141592653589793"},
        {0.001, "0.001"},
        {0.0001, "0.0001"},
        {0.00012345678901234567, "0.00012345678901234567"},
        {0.00001, "1e-05"},
        {0.000012345, "1.2345e-05"},
        {9.999999999999999e-05, "9.999999999999999e-05"},
        {1e-7, "1e-07"},
        {1e-10, "1e-10"},
        {1.5e-100, "1.5e-100"},
        {123456789012345.6, "123456789012345.6"},
        {1234567890123456.8, "1234567890123456.8"},
        {1e15, "1000000000000000.0"},
        {9007199254740991.0, "9007199254740991.0"},
        {9007199254740992.0, "9007199254740992.0"},
        {9007199254740994.0, "9007199254740994.0"},
        {9999999999999998.0, "9999999999999998.0"},
        {1e16, "1e+16"},
        {-1e16, "-1e+16"},
        {12345678901234567.0, "1.2345678901234568e+16"},
        {1.8446744073709552e19, "1.8446744073709552e+19"},
        {1e22, "1e+22"},
        {1e23, "1e+23"},
        {9.5e-3, "0.0095"},
        {2e100, "2e+100"},
        {5e-324, "5e-324"},
        {-5e-324, "-5e-324"},
        {1e-323, "1e-323"},
        {1.5e-323, "1.5e-323"},
        {2.2250738585072009e-308, "2.225073858507201e-308"},
        {2.2250738585072014e-308, "2.2250738585072014e-308"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
        {-1.7976931348623157e308, "-1.7976931348623157e+308"},
        {9.0071992547409925e15, "9007199254740992.0"},
        {2.9802322387695312e-08, "2.9802322387695312e-08"},
        {5.764607523034235e39, "5.764607523034235e+39"},
        {4.35e-320, "4.35e-320"},
        {8.41e21, "8.41e+21"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct room room;
        assert_string_equal(write_double(&room, rows[i].value), rows[i].text);
        assert_reads_as(rows[i].text, strlen(rows[i].text), rows[i].value);
    }
}

static void assert_double_goes_round(double value)
{
    struct room room;
    const char *text = write_double(&room, value);
    if (bits_of(strtod(text, NULL)) != bits_of(value))
        fail_msg("%a is written as %s", value, text);
    assert_non_null(strpbrk(text, ".e"));
    assert_reads_as(text, strlen(text), value);
}

static void random_doubles_go_round(void **state)
{
    (void)state;
    for (int i = 0; i < RANDOM_COUNT; i++)
        assert_double_goes_round(random_finite());
}

static void doubles_as_people_have_them_go_round(void **state)
{
    (void)state;
    static const double units[] = {1, 10, 100, 1000, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
    for (int i = 0; i < RANDOM_COUNT; i++) {
        double decimal = (double)(random_magnitude() >> 11) / units[random_bits() % COUNT(units)];
        assert_double_goes_round(decimal);
        assert_double_goes_round(-(double)(float)decimal);
        assert_double_goes_round((double)random_magnitude());
    }
}

static void every_power_of_two_and_its_neighbours_go_round(void **state)
{
    (void)state;
    for (uint64_t exponent = 0; exponent < 2047; exponent++) {
        uint64_t bits = exponent << 52;
        assert_double_goes_round(double_of(bits));
        assert_double_goes_round(double_of(bits + 1));
        if (bits > 0)
            assert_double_goes_round(double_of(bits - 1));
    }
    for (unsigned shift = 0; shift < 52; shift++)
        assert_double_goes_round(double_of(UINT64_C(1) << shift));
}

/* The digits of a number's text from the first to the last that is not 0. */
static void significant_digits(const char *text, char *digits)
{
    size_t len = 0;
    size_t last = 0;
    for (; *text && *text != 'e'; text++) {
        if (*text < '0' || *text > '9' || (*text == '0' && len == 0))
            continue;
        digits[len++] = *text;
        if (*text != '0')
            last = len;
    }
    digits[last] = '\0';
}

static void no_shorter_text_and_no_closer_one_reads_back_the_same(void **state)
{
    (void)state;
    for (int i = 0; i < RANDOM_COUNT / 4; i++) {
        struct room room;
        char digits[64], other[64], other_digits[64];
        double value = i % 2 ? random_finite() : (double)(1 + random_magnitude()) / 1000;
        significant_digits(write_double(&room, value), digits);
        int count = (int)strlen(digits);
        if (count > 1) {
            snprintf(other, sizeof other, "%.*e", count - 2, value);
            if (strtod(other, NULL) == value)
                fail_msg("%s is shorter than %s", other, room.text);
        }
        /* Of the decimals with as many digits snprintf gives the closest. */
        snprintf(other, sizeof other, "%.*e", count - 1, value);
        significant_digits(other, other_digits);
        if (strtod(other, NULL) == value)
            assert_string_equal(digits, other_digits);
    }
}

static void what_is_not_finite_writes_no_more_than_its_room(void **state)
{
    (void)state;
    struct room room;
    write_double(&room, (double)INFINITY);
    write_double(&room, -(double)INFINITY);
    write_double(&room, (double)NAN);
    for (int i = 0; i < 1000; i++)
        write_double(&room, double_of(random_bits() | UINT64_C(0x7ff) << 52));
}

static void a_locale_with_a_decimal_comma_changes_nothing(void **state)
{
    (void)state;
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "fr_FR.utf8", "de_DE", "fr_FR"};
    const char *name = NULL;
    for (size_t i = 0; i < COUNT(names) && !name; i++)
        name = setlocale(LC_ALL, names[i]);
    if (!name) {
        print_message("no such locale is installed\n");
        skip();
    }
    assert_string_equal(localeconv()->decimal_point, ",");
    struct room room;
    assert_string_equal(write_double(&room, 0.1), "0.1");
    assert_string_equal(write_double(&room, 1234567.891), "1234567.891");
    assert_string_equal(write_double(&room, 1.5e300), "1.5e+300");
    assert_reads_as("0.1", 3, 0.1);
    assert_reads_as("2.2250738585072011e-308", 23, 0x0.fffffffffffffp-1022);
    assert_reads_as("9007199254740993.00000000000000000000000000001", 46, 9007199254740994.0);
    setlocale(LC_ALL, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_around_every_power_go_round),
        cmocka_unit_test(random_integers_go_round),
        cmocka_unit_test(doubles_are_spelled_as_python_spells_them),
        cmocka_unit_test(random_doubles_go_round),
        cmocka_unit_test(doubles_as_people_have_them_go_round),
        cmocka_unit_test(every_power_of_two_and_its_neighbours_go_round),
        cmocka_unit_test(no_shorter_text_and_no_closer_one_reads_back_the_same),
        cmocka_unit_test(what_is_not_finite_writes_no_more_than_its_room),
        cmocka_unit_test(a_locale_with_a_decimal_comma_changes_nothing),
    };
    return cmocka_run_group_tests(tests, seed, NULL);
}
