/* UTF-8 against the grammar of RFC 3629, section 4, over every character and every short run of bytes. */
#include "tests/test_support.h"

#include "proto/utf8.h"

/* One line of the grammar: a lead byte's range, the range of the byte behind it, and the length of the character. */
struct rule {
    uint8_t lead_min, lead_max, next_min, next_max;
    unsigned len;
};

static const struct rule grammar[] = {
    {0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
    {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
    {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

/* The length of the character that `bytes` begin with, 0 where there is none. */
static unsigned grammar_len(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < sizeof grammar / sizeof *grammar; i++) {
        const struct rule *rule = &grammar[i];
        if (bytes[0] < rule->lead_min || bytes[0] > rule->lead_max)
            continue;
        if (len < rule->len || (rule->len > 1 && (bytes[1] < rule->next_min || bytes[1] > rule->next_max)))
            return 0;
        for (unsigned tail = 2; tail < rule->len; tail++) {
            if (bytes[tail] < 0x80 || bytes[tail] > 0xbf)
                return 0;
        }
        return rule->len;
    }
    return 0;
}

/* What utf8_inspect must find: controls by their bytes, as they are spelled in UTF-8. */
static unsigned grammar_findings(const uint8_t *bytes, size_t len)
{
    unsigned findings = 0;
    while (len > 0) {
        unsigned used = grammar_len(bytes, len);
        if (used == 0)
            return findings | UTF8_INVALID;
        if (used == 1 && bytes[0] == 0)
            findings |= UTF8_NUL;
        if ((used == 1 && (bytes[0] < ' ' || bytes[0] == 0x7f)) || (used == 2 && bytes[0] == 0xc2 && bytes[1] < 0xa0))
            findings |= UTF8_CONTROL;
        bytes += used;
        len -= used;
    }
    return findings;
}

/* Compared without cmocka where all is well: it is slow for millions of cases. */
static void check_bytes(const uint8_t *bytes, size_t len)
{
    uint32_t character;
    unsigned used = utf8_decode(bytes, bytes + len, &character);
    unsigned findings = utf8_inspect(span_of(bytes, len));
    if (used != grammar_len(bytes, len) || findings != grammar_findings(bytes, len))
        fail_msg("%02x %02x %02x… of %zu bytes: length %u not %u, findings %x not %x", bytes[0], bytes[len > 1],
                 bytes[len > 2 ? 2 : 0], len, used, grammar_len(bytes, len), findings, grammar_findings(bytes, len));
}

static bool is_surrogate(uint32_t character)
{
    return character >> 11 == 0x1b;
}

static void every_character_goes_round(void **state)
{
    (void)state;
    for (uint32_t character = 0; character <= 0x10ffff; character++) {
        if (is_surrogate(character))
            continue;
        uint8_t bytes[4];
        unsigned len = utf8_encode(character, bytes);
        unsigned expected_len = 1U + (character > 0x7f) + (character > 0x7ff) + (character > 0xffff);
        uint32_t decoded = UINT32_MAX;
        unsigned used = utf8_decode(bytes, bytes + len, &decoded);
        if (len != expected_len || used != len || decoded != character || grammar_len(bytes, len) != len)
            fail_msg("U+%04X: %u bytes, read back as U+%04X", character, len, decoded);
        for (unsigned cut = 1; cut < len; cut++) {
            if (utf8_decode(bytes, bytes + cut, &decoded) != 0)
                fail_msg("U+%04X is read from %u of its %u bytes", character, cut, len);
        }
    }
}

static void every_run_of_one_to_three_bytes_is_judged_by_the_grammar(void **state)
{
    (void)state;
    uint8_t bytes[3];
    for (unsigned first = 0; first < 256; first++) {
        bytes[0] = (uint8_t)first;
        check_bytes(bytes, 1);
        for (unsigned second = 0; second < 256; second++) {
            bytes[1] = (uint8_t)second;
            check_bytes(bytes, 2);
            for (unsigned third = 0; third < 256; third++) {
                bytes[2] = (uint8_t)third;
                check_bytes(bytes, 3);
            }
        }
    }
}

static void runs_of_four_bytes_are_judged_by_the_grammar(void **state)
{
    (void)state;
    static const uint8_t last[] = {0x00, 0x7f, 0x80, 0xbf, 0xc0, 0xff};
    for (unsigned first = 0xe0; first < 256; first++) {
        for (unsigned second = 0; second < 256; second++) {
            for (unsigned third = 0x70; third < 0xd0; third++) {
                for (size_t i = 0; i < sizeof last; i++) {
                    const uint8_t bytes[] = {(uint8_t)first, (uint8_t)second, (uint8_t)third, last[i]};
                    check_bytes(bytes, sizeof bytes);
                }
            }
        }
    }
}

static void a_fault_is_found_wherever_it_lies(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned finding;
    } faults[] = {
        {"\xff", UTF8_INVALID},
        {"\xc3", UTF8_INVALID},
        {"\xed\xa0\x80", UTF8_INVALID},
        {"\x1f", UTF8_CONTROL},
        {"\n", UTF8_CONTROL},
        {"\x7f", UTF8_CONTROL},
        {"\xc2\x80", UTF8_CONTROL},
        {"\xc2\x9f", UTF8_CONTROL},
        {"\xc2\xa0", 0},
        {" ", 0},
        {"~", 0},
        {"\xf0\x9f\x98\x80", 0},
        {"\xe2\x80\xa8", 0},
        {"\xef\xbb\xbf", 0},
    };
    for (size_t fault = 0; fault < sizeof faults / sizeof *faults; fault++) {
        for (size_t before = 0; before < 40; before++) {
            for (size_t behind = 0; behind < 20; behind++) {
                uint8_t bytes[64];
                size_t len = strlen(faults[fault].text);
                memset(bytes, 'x', sizeof bytes);
                memcpy(bytes + before, faults[fault].text, len);
                uint8_t *copy = exact_copy(span_of(bytes, before + len + behind));
                assert_int_equal(utf8_inspect(span_of(copy, before + len + behind)), faults[fault].finding);
                free(copy);
            }
        }
    }
}

static void u_0000_is_found_and_is_a_control(void **state)
{
    (void)state;
    assert_int_equal(utf8_inspect(span_of("a\0b", 3)), UTF8_NUL | UTF8_CONTROL);
    assert_int_equal(utf8_inspect(span_of("\0", 1)), UTF8_NUL | UTF8_CONTROL);
    assert_int_equal(utf8_inspect(span_of("\n\0\xff", 3)), UTF8_NUL | UTF8_CONTROL | UTF8_INVALID);
    assert_int_equal(utf8_inspect(span_of("", 0)), 0);
    assert_int_equal(utf8_inspect(span_of(NULL, 0)), 0);
}

static void random_text_is_judged_by_the_grammar(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 200000; round++) {
        uint8_t bytes[48];
        size_t len = 0;
        while (len < 40) {
            uint32_t character = (uint32_t)random_below(random_below(4) ? 0x80 : 0x110000);
            len += utf8_encode(is_surrogate(character) ? 'x' : character, bytes + len);
        }
        if (round % 2 == 0)
            bytes[random_below(len)] = (uint8_t)random_bits();
        if (utf8_inspect(span_of(bytes, len)) != grammar_findings(bytes, len))
            fail_msg("round %u", round);
    }
}

static void what_must_be_escaped_is_what_the_protocol_lists(void **state)
{
    (void)state;
    static const struct {
        uint32_t first, last;
    } escaped[] = {{0x00, 0x1f},     {0x7f, 0x7f},     {0x80, 0x9f},     {0x61c, 0x61c},  {0x200e, 0x200f},
                   {0x2028, 0x2029}, {0x202a, 0x202e}, {0x2066, 0x2069}, {0xfeff, 0xfeff}};
    for (uint32_t character = 0; character <= 0x10ffff; character++) {
        bool expected = false;
        for (size_t i = 0; i < sizeof escaped / sizeof *escaped; i++)
            expected = expected || (character >= escaped[i].first && character <= escaped[i].last);
        if (utf8_must_escape(character) != expected)
            fail_msg("U+%04X", character);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_character_goes_round),
        cmocka_unit_test(every_run_of_one_to_three_bytes_is_judged_by_the_grammar),
        cmocka_unit_test(runs_of_four_bytes_are_judged_by_the_grammar),
        cmocka_unit_test(a_fault_is_found_wherever_it_lies),
        cmocka_unit_test(u_0000_is_found_and_is_a_control),
        cmocka_unit_test(random_text_is_judged_by_the_grammar),
        cmocka_unit_test(what_must_be_escaped_is_what_the_protocol_lists),
    };
    return cmocka_run_group_tests(tests, seed, NULL);
}
