/* Limits of keys: what passes in the long run is what is allowed, in events and in bytes. */
#include "broker/rates.h"
#include "tests/test_support.h"

#define SECOND_US UINT64_C(1000000)

static struct access_key limited(uint64_t events_per_s, uint64_t bytes_per_s)
{
    return (struct access_key){.is_limited = true,
                               .limits = {.events_per_s = events_per_s, .bytes_per_s = bytes_per_s}};
}

/* Messages of `events` and `bytes` that pass in ten seconds when one is tried each millisecond. */
static uint64_t pass(const struct access_key *key, uint64_t events, uint64_t bytes)
{
    struct rates rates;
    uint64_t passed = 0;
    rates_init(&rates);
    assert_true(rates_reset(&rates, 1));
    for (uint64_t us = SECOND_US; us < 11 * SECOND_US; us += 1000) {
        if (!rates_allow(&rates, key, us))
            continue;
        rates_charge(&rates, key, events, bytes);
        passed++;
    }
    rates_fini(&rates);
    return passed;
}

static void what_is_allowed_passes_and_a_second_more_at_the_start(void **state)
{
    (void)state;
    struct access_key key = limited(100, 0);
    assert_in_range(pass(&key, 1, 1000000), 1090, 1110);
    key = limited(0, 100000);
    assert_in_range(pass(&key, 1000, 1000), 1090, 1110);
    key = limited(100, 10000); /* the stricter of the two */
    assert_in_range(pass(&key, 1, 1000), 105, 115);
    key = limited(1000000000, UINT64_C(1000000000000));
    assert_int_equal(pass(&key, 1000, 1000), 10000);
}

static void a_message_larger_than_a_seconds_worth_passes_and_is_paid_for(void **state)
{
    (void)state;
    struct access_key key = limited(100, 0);
    assert_in_range(pass(&key, 500, 1), 2, 3);
}

static void a_key_without_limit_is_never_held_up(void **state)
{
    (void)state;
    struct access_key key = {.limits = {.sessions = 1}};
    assert_int_equal(pass(&key, 1000000, 1000000), 10000);
    struct rates rates;
    rates_init(&rates);
    assert_true(rates_allow(&rates, NULL, 0));
    assert_false(rates_refuse(&rates, NULL, 1u << 30, 0));
    rates_fini(&rates);
}

static void only_much_in_a_second_is_a_flood(void **state)
{
    (void)state;
    struct access_key key = limited(0, 10000000);
    struct rates rates;
    rates_init(&rates);
    assert_true(rates_reset(&rates, 1));
    for (uint64_t us = SECOND_US; us < 20 * SECOND_US; us += SECOND_US) {
        for (int i = 0; i < 40; i++)
            assert_false(rates_refuse(&rates, &key, 999000, us + (uint64_t)i));
    }
    assert_true(rates_refuse(&rates, &key, 999000, 19 * SECOND_US + 50));
    rates_fini(&rates);
}

static void short_messages_are_a_flood_by_their_number(void **state)
{
    (void)state;
    struct access_key key = limited(1000, 0);
    struct rates rates;
    rates_init(&rates);
    assert_true(rates_reset(&rates, 1));
    for (int i = 0; i < 20000; i++)
        assert_false(rates_refuse(&rates, &key, 1, SECOND_US));
    bool is_flood = false;
    for (int i = 0; i < 20000; i++)
        is_flood = rates_refuse(&rates, &key, 1, SECOND_US);
    assert_true(is_flood);
    rates_fini(&rates);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_allowed_passes_and_a_second_more_at_the_start),
        cmocka_unit_test(a_message_larger_than_a_seconds_worth_passes_and_is_paid_for),
        cmocka_unit_test(a_key_without_limit_is_never_held_up),
        cmocka_unit_test(only_much_in_a_second_is_a_flood),
        cmocka_unit_test(short_messages_are_a_flood_by_their_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
