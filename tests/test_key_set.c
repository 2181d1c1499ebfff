/* The set of keys: repeated ones are found, in linear time whatever the keys are. */
#include "tests/test_support.h"

#include <time.h>

#include "proto/key_set.h"

#define MANY UINT32_C(500000)

static enum key_set_answer add(struct key_set *set, uint32_t map, const char *key)
{
    return key_set_add(set, map, span_of_str(key));
}

static void a_key_is_new_once(void **state)
{
    (void)state;
    struct key_set *set = key_set_new(10, 1);
    assert_int_equal(add(set, 0, "a"), KEY_SET_NEW);
    assert_int_equal(add(set, 0, "b"), KEY_SET_NEW);
    assert_int_equal(add(set, 0, ""), KEY_SET_NEW);
    assert_int_equal(add(set, 0, "a"), KEY_SET_REPEATED);
    assert_int_equal(add(set, 0, ""), KEY_SET_REPEATED);
    key_set_free(&set);
    assert_null(set);
    key_set_free(&set);
}

static void keys_of_different_maps_do_not_meet(void **state)
{
    (void)state;
    struct key_set *set = key_set_new(300, 1);
    for (uint32_t map = 0; map < 300; map++)
        assert_int_equal(add(set, map, "same"), KEY_SET_NEW);
    for (uint32_t map = 0; map < 100; map++)
        assert_int_equal(add(set, map, "same"), KEY_SET_FULL);
    key_set_free(&set);
}

static void clearing_forgets_all_keys(void **state)
{
    (void)state;
    struct key_set *set = key_set_new(10, 1);
    for (unsigned round = 0; round < 100000; round++) {
        assert_int_equal(add(set, 0, "a"), KEY_SET_NEW);
        assert_int_equal(add(set, 0, "a"), KEY_SET_REPEATED);
        key_set_clear(set);
        key_set_clear(set);
    }
    key_set_free(&set);
}

static void it_takes_as_many_keys_as_it_was_made_for(void **state)
{
    (void)state;
    for (size_t max_keys = 0; max_keys < 70; max_keys++) {
        struct key_set *set = key_set_new(max_keys, 1);
        char key[] = "  ";
        for (size_t i = 0; i < max_keys; i++) {
            key[0] = (char)(' ' + i);
            assert_int_equal(add(set, 0, key), KEY_SET_NEW);
        }
        assert_int_equal(add(set, 0, "one more"), KEY_SET_FULL);
        key_set_clear(set);
        assert_int_equal(add(set, 0, "one more"), max_keys > 0 ? KEY_SET_NEW : KEY_SET_FULL);
        key_set_free(&set);
    }
}

/* Keys that differ in one byte, at each place of keys of each length up to beyond the hash's words. */
static void a_difference_counts_wherever_it_lies(void **state)
{
    (void)state;
    enum { LEN_MAX = 40 };
    static char keys[LEN_MAX + 1][LEN_MAX + 1][LEN_MAX]; /* the set borrows them */
    struct key_set *set = key_set_new(LEN_MAX * LEN_MAX, 1);
    memset(keys, 'k', sizeof keys);
    for (size_t len = 0; len <= LEN_MAX; len++) {
        for (size_t at = 0; at <= len; at++) {
            if (at < len)
                keys[len][at][at] = 'K';
            assert_int_equal(key_set_add(set, 0, span_of(keys[len][at], len)), KEY_SET_NEW);
            assert_int_equal(key_set_add(set, 0, span_of(keys[len][at], len)), KEY_SET_REPEATED);
        }
    }
    key_set_free(&set);
}

static double seconds_of(clock_t from)
{
    return (double)(clock() - from) / CLOCKS_PER_SEC;
}

/* Writes the keys of one kind: the kinds are those that weak hashes fall for. */
static size_t write_key(unsigned kind, uint32_t number, char *out)
{
    switch (kind) {
    case 0: /* little endian numbers: what multiplicative hashes cluster */
        memcpy(out, &number, sizeof number);
        return sizeof number;
    case 1: /* equal low halves */
        memset(out, 0, 8);
        memcpy(out + 4, &number, sizeof number);
        return 8;
    case 2: /* two words that cancel each other in a sum or an exclusive or */
        memset(out, 0, 16);
        memcpy(out, &number, sizeof number);
        memcpy(out + 8, &number, sizeof number);
        return 16;
    case 3: /* multiples of a large power of two */
        memset(out, 0, 8);
        out[5] = (char)(number >> 16);
        out[6] = (char)(number >> 8);
        out[7] = (char)number;
        return 8;
    default: /* zeros, by their count alone for a part */
        memset(out, 0, 24);
        memcpy(out + 20, &number, sizeof number);
        return 24;
    }
}

static void hostile_keys_take_no_longer_than_others_and_a_repeated_one_is_found(void **state)
{
    (void)state;
    char *keys = malloc((size_t)MANY * 24);
    assert_non_null(keys);
    struct key_set *set = key_set_new(MANY + 1, random_bits());
    for (unsigned kind = 0; kind < 5; kind++) {
        size_t len = 0;
        for (uint32_t i = 0; i < MANY; i++)
            len = write_key(kind, i, keys + (size_t)i * 24);
        clock_t start = clock();
        for (uint32_t i = 0; i < MANY; i++) {
            if (key_set_add(set, 0, span_of(keys + (size_t)i * 24, len)) != KEY_SET_NEW)
                fail_msg("kind %u: key %u is not new", kind, i);
        }
        for (uint32_t i = 0; i < MANY; i += 997) {
            if (key_set_add(set, 0, span_of(keys + (size_t)i * 24, len)) != KEY_SET_REPEATED)
                fail_msg("kind %u: key %u is new again", kind, i);
        }
        /* quadratic time would be hours */
        print_message("kind %u: %.3f s\n", kind, seconds_of(start));
        assert_true(seconds_of(start) < 10.0);
        key_set_clear(set);
    }
    key_set_free(&set);
    free(keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_new_once),
        cmocka_unit_test(keys_of_different_maps_do_not_meet),
        cmocka_unit_test(clearing_forgets_all_keys),
        cmocka_unit_test(it_takes_as_many_keys_as_it_was_made_for),
        cmocka_unit_test(a_difference_counts_wherever_it_lies),
        cmocka_unit_test(hostile_keys_take_no_longer_than_others_and_a_repeated_one_is_found),
    };
    return cmocka_run_group_tests(tests, seed, NULL);
}
