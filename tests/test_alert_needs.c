/* What a regular expression needs, against the library's regular expressions; many texts looked for at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <regex.h>
#include <string.h>

#include "client/alert/literals.h"
#include "client/alert/regex_needs.h"
#include "tests/alert_random.h"

/* --- what a regular expression needs --- */

/* "abc|d & ef": of each need the choices. */
static void put_needs(struct text *out, const struct needs *needs)
{
    for (size_t i = 0; i < needs->count; i++) {
        text_put_str(out, i > 0 ? " & " : "");
        for (size_t c = 0; c < needs->items[i].count; c++) {
            text_put_str(out, c > 0 ? "|" : "");
            text_put(out, needs->items[i].choices[c].bytes, needs->items[i].choices[c].len);
        }
    }
    text_put_char(out, '\0');
}

static void a_regular_expression_needs_what_is_plain_in_it(void **state)
{
    (void)state;
    static const struct {
        const char *regex;
        const char *needs;
    } cases[] = {
        {"timeout", "timeout"},
        {"^Stream (created|deleted)\\. Id: [0-9]+", "Stream  & created|deleted & . Id: "},
        {"[Bb]-?[Ff]rame", "rame"},
        {"a.*bcd", "bcd & a"},
        {"abc?d", "ab & d"},
        {"abc+d", "abc & d"},
        {"abc{2,3}d", "abc & d"},
        {"abc{0,3}d", "ab & d"},
        {"(abc)?d", "d"},
        {"x(abc|d)+y", "x & abc|d & y"},
        {"timeout|timed out", "timeout|timed out"},
        {"a|.", ""},
        {"(a|b*)c", "c"},
        {"[[:alpha:]]|x", ""},
        {"[]a]b", "b"},
        {"[^]a]b", "b"},
        {"a\\.b\\(c", "a.b(c"},
        {"a\\wb", "a & b"},
        {"\\<word\\>", "word"},
        {"(a)\\1b", "a & b"},
        {".*", ""},
        {"\xc3\xa9?x", "x"},
        {"\xc3\xa9x", "\xc3\xa9x"},
        {"a)b", "a & b"},
        {"abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwx"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct needs needs;
        struct text told;
        regex_t regex;
        text_init(&told);
        assert_int_equal(regcomp(&regex, cases[i].regex, REG_EXTENDED | REG_NOSUB), 0);
        regfree(&regex);
        regex_needs_read(&needs, span_of_str(cases[i].regex));
        put_needs(&told, &needs);
        assert_string_equal(told.data, cases[i].needs);
        text_fini(&told);
    }
}

static bool is_in(const struct need_piece *piece, struct span text)
{
    return memmem(text.data, text.len, piece->bytes, piece->len) != NULL;
}

static bool meets(const struct needs *needs, struct span text)
{
    for (size_t i = 0; i < needs->count; i++) {
        size_t c = 0;
        while (c < needs->items[i].count && !is_in(&needs->items[i].choices[c], text))
            c++;
        if (c == needs->items[i].count)
            return false;
    }
    return true;
}

/* As nobody writes them. */
static void put_wild_regex(struct text *out)
{
    static const char bytes[] = "ab1.*+?{}()[]|^$\\-,:=\xc3\xa9 '<>`w";
    for (size_t count = 1 + below(8); count > 0; count--)
        text_put_char(out, bytes[below(sizeof bytes - 1)]);
}

static void what_a_text_lacks_no_expression_matches_that_needs_it(void **state)
{
    (void)state;
    unsigned matches = 0, asked = 0;
    for (unsigned round = 0; round < 1500; round++) {
        struct text written, text;
        struct needs needs;
        regex_t regex;
        text_init(&written);
        text_init(&text);
        if (round % 2 == 0)
            put_regex(&written, 0);
        else
            put_wild_regex(&written);
        text_put_char(&written, '\0');
        if (regcomp(&regex, written.data, REG_EXTENDED | REG_NOSUB) == 0) {
            regex_needs_read(&needs, span_of(written.data, written.len - 1));
            asked += needs.count > 0;
            for (unsigned i = 0; i < 12; i++) {
                text_clear(&text);
                put_text(&text);
                text_put_char(&text, '\0');
                if (regexec(&regex, text.data, 0, NULL, 0) != 0)
                    continue;
                matches++;
                if (!meets(&needs, span_of(text.data, text.len - 1)))
                    fail_msg("\"%s\" matches \"%s\"", written.data, text.data);
            }
            regfree(&regex);
        }
        text_fini(&written);
        text_fini(&text);
    }
    assert_true(matches > 600 && asked > 400);
}

/* --- literals --- */

static void every_literal_is_found_that_is_there_and_no_other(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 60; round++) {
        struct text texts[20], text;
        uint32_t numbers[20];
        struct literals *literals = literals_new();
        text_init(&text);
        for (size_t i = 0; i < 20; i++) {
            text_init(&texts[i]);
            text_put_char(&texts[i], "abc"[below(3)]);
            put_text(&texts[i]);
            numbers[i] = literals_add(literals, text_span(&texts[i]));
            assert_true(numbers[i] < 20);
        }
        assert_true(literals_build(literals));
        for (unsigned t = 0; t < 20; t++) {
            size_t count, expected = 0;
            bool counted[20] = {false};
            text_clear(&text);
            for (size_t i = below(5); i > 0; i--)
                put_text(&text);
            struct span span = text.len > 0 ? text_span(&text) : span_of("", 0);
            const uint32_t *found = literals_find(literals, span, &count);
            for (size_t i = 0; i < 20; i++) {
                bool is_there = memmem(span.data, span.len, texts[i].data, texts[i].len) != NULL;
                assert_int_equal(literals_has(literals, numbers[i]), is_there);
                expected += is_there && !counted[numbers[i]];
                counted[numbers[i]] = true;
            }
            assert_int_equal(count, expected);
            for (size_t i = 0; i < count; i++)
                assert_true(literals_has(literals, found[i]));
        }
        for (size_t i = 0; i < 20; i++)
            text_fini(&texts[i]);
        text_fini(&text);
        literals_free(&literals);
    }
}

static void literals_of_which_there_are_too_many_are_refused(void **state)
{
    (void)state;
    struct literals *literals = literals_new();
    uint32_t number = 0;
    size_t count = 0;
    for (unsigned i = 0; i < 100000 && number != LITERALS_NONE; i++) {
        number = literals_add(literals, span_of(&i, sizeof i));
        count += number != LITERALS_NONE;
    }
    assert_int_equal(number, LITERALS_NONE);
    assert_int_equal(literals_count(literals), count);
    assert_true(literals_build(literals));
    literals_free(&literals);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_regular_expression_needs_what_is_plain_in_it),
        cmocka_unit_test(what_a_text_lacks_no_expression_matches_that_needs_it),
        cmocka_unit_test(every_literal_is_found_that_is_there_and_no_other),
        cmocka_unit_test(literals_of_which_there_are_too_many_are_refused),
    };
    return cmocka_run_group_tests(tests, seed, NULL);
}
