/* The chain against values that another implementation of BLAKE2b printed (Python's hashlib). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "broker/chain.h"

#define LOG_ID "0123456789abcdef0123456789abcdef"

static void assert_hash(const uint8_t hash[CHAIN_HASH_LEN], const char *expected)
{
    char hex[CHAIN_FULL_HEX_LEN];
    chain_write_full_hex(hex, hash);
    assert_memory_equal(hex, expected, sizeof hex);
}

static void a_chain_starts_with_the_hash_of_its_log_id(void **state)
{
    uint8_t hash[CHAIN_HASH_LEN];
    (void)state;

    chain_start(hash, span_of_str(LOG_ID));
    assert_hash(hash, "cd61b687bd5be817b16a93af8a1300a48ec33b273490dcd2ecfbb1e17bbd49a2");
}

static void each_step_covers_the_line_and_all_before_it(void **state)
{
    uint8_t hash[CHAIN_HASH_LEN];
    (void)state;

    chain_start(hash, span_of_str(LOG_ID));
    chain_next(hash, span_of_str("{\"seq\":1"));
    assert_hash(hash, "e9931b61e8dad9a56018b26362920e6535311f0a339da7fb88902979c8be7781");
    chain_next(hash, span_of_str("{\"seq\":2"));
    assert_hash(hash, "f05c1e64430228bc705b9d4fc75def902c68a66b5a6da9efcc9ce9f4ada700db");
}

static void a_line_ends_with_the_first_half_of_its_hash(void **state)
{
    uint8_t hash[CHAIN_HASH_LEN];
    struct text text;
    (void)state;

    chain_start(hash, span_of_str(LOG_ID));
    text_init(&text);
    text_put_str(&text, "{\"seq\":1");
    chain_end_line(hash, &text, 0);
    size_t second = text.len;
    text_put_str(&text, "{\"seq\":2");
    chain_end_line(hash, &text, second);
    text_put_char(&text, '\0');
    assert_string_equal(text.data, "{\"seq\":1,\"hash\":\"e9931b61e8dad9a56018b26362920e65\"}\n"
                                   "{\"seq\":2,\"hash\":\"f05c1e64430228bc705b9d4fc75def90\"}\n");
    assert_hash(hash, "f05c1e64430228bc705b9d4fc75def902c68a66b5a6da9efcc9ce9f4ada700db");
    text_fini(&text);
}

static void only_the_digits_of_the_same_hash_match(void **state)
{
    uint8_t hash[CHAIN_HASH_LEN];
    char hex[CHAIN_HEX_LEN];
    (void)state;

    chain_start(hash, span_of_str(LOG_ID));
    chain_write_hex(hex, hash);
    assert_true(chain_matches(hash, span_of(hex, sizeof hex)));
    assert_false(chain_matches(hash, span_of(hex, sizeof hex - 1)));
    for (size_t i = 0; i < sizeof hex; i++) {
        char kept = hex[i];
        hex[i] = kept == '0' ? '1' : '0';
        assert_false(chain_matches(hash, span_of(hex, sizeof hex)));
        hex[i] = kept;
    }
}

static void all_digits_read_back_and_nothing_else_does(void **state)
{
    uint8_t hash[CHAIN_HASH_LEN], back[CHAIN_HASH_LEN];
    char hex[CHAIN_FULL_HEX_LEN];
    static const char bad[] = {'A', 'F', 'g', '/', ':', '`', ' ', '\0', '\x80'};
    (void)state;

    chain_start(hash, span_of_str(LOG_ID));
    chain_write_full_hex(hex, hash);
    assert_true(chain_read_full_hex(back, span_of(hex, sizeof hex)));
    assert_memory_equal(back, hash, CHAIN_HASH_LEN);
    assert_false(chain_read_full_hex(back, span_of(hex, sizeof hex - 1)));
    for (size_t i = 0; i < sizeof bad; i++) {
        hex[i] = bad[i];
        assert_false(chain_read_full_hex(back, span_of(hex, sizeof hex)));
        hex[i] = '0';
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_starts_with_the_hash_of_its_log_id),
        cmocka_unit_test(each_step_covers_the_line_and_all_before_it),
        cmocka_unit_test(a_line_ends_with_the_first_half_of_its_hash),
        cmocka_unit_test(only_the_digits_of_the_same_hash_match),
        cmocka_unit_test(all_digits_read_back_and_nothing_else_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
