/* The sieve lets through what asking every rule lets through: random rules and events, against the library's regular
 * expressions and conditions tried one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/alert/literals.h"
#include "client/alert/regex_needs.h"
#include "client/alert/sieve.h"
#include "tests/alert_support.h"
#include "tests/seeded.h"

static size_t below(size_t limit)
{
    return (size_t)(random_bits() % limit);
}

static const char *one_of(const char *const *items, size_t count)
{
    return items[below(count)];
}

#define ONE_OF(...)                                                                                                    \
    one_of((const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

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

/* As people write them. */
static void put_regex(struct text *out, unsigned depth)
{
    for (size_t pieces = 1 + below(4); pieces > 0; pieces--) {
        if (below(6) == 0 && depth < 3) {
            text_put_char(out, '(');
            put_regex(out, depth + 1);
            text_put_str(out, "|");
            put_regex(out, depth + 1);
            text_put_char(out, ')');
        } else {
            text_put_str(out, ONE_OF("a", "b", "ab", "abc", "ca", "cab", "-", "1", "\xc3\xa9", "\\.", ".", "[ab]",
                                     "[^a]", "[[:digit:]]", "\\w", "\\b", "\\*", "]", "}"));
        }
        text_put_str(out, ONE_OF("", "", "", "", "?", "*", "+", depth > 0 ? "" : "{2}", "{0,1}", "{1,}", "+?", "**"));
    }
    if (below(8) == 0)
        text_put_char(out, '$');
}

/* As nobody writes them. */
static void put_wild_regex(struct text *out)
{
    static const char bytes[] = "ab1.*+?{}()[]|^$\\-,:=\xc3\xa9 '<>`w";
    for (size_t count = 1 + below(8); count > 0; count--)
        text_put_char(out, bytes[below(sizeof bytes - 1)]);
}

static void put_text(struct text *out)
{
    for (size_t count = below(8); count > 0; count--)
        text_put_str(out, ONE_OF("a", "b", "c", "ab", "abc", "cab", "-", "1", "\xc3\xa9", ".", "*", " ", "]", "x"));
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

/* --- rules --- */

static void put_value(struct text *out, const char *field)
{
    if (strcmp(field, "level") == 0) {
        text_put_str(out, ONE_OF("Info", ">= Warning", "!= Error", "< Error"));
        return;
    }
    switch (below(6)) {
    case 0:
        text_put_str(out, ONE_OF("a", "b", "ab", "abc", "1", "-1", "== a", "= cab", "true", "null", "1.0"));
        break;
    case 1:
        text_put_str(out, ONE_OF("!= a", "!= 1", "< 2", ">= 1", "> 0", "<= -1"));
        break;
    case 2:
        text_put_str(out, ONE_OF("*", "a*", "*b", "*ab*", "a*c", "**", "*a*b*", "abcabcabcabcabcabcabcabcabc*"));
        break;
    default:
        text_put_char(out, '~');
        put_regex(out, 0);
    }
}

/* False: it was no condition after all. */
static void add_condition(struct match *match)
{
    struct condition condition;
    struct text value, why;
    const char *field = ONE_OF("category", "type", "sourceId", "level", "cause", "summary", "snapshot.a", "snapshot.b",
                               "snapshot.c.a", "snapshot.c.b[0]", "snapshot.b[1].a", "snapshot[0]");
    text_init(&value);
    text_init(&why);
    assert_true(condition_init(&condition, span_of_str(field), &why));
    for (size_t count = 1 + below(3) * below(2); count > 0; count--) {
        text_clear(&value);
        put_value(&value, field);
        condition_add(&condition, text_span(&value), &why);
    }
    text_fini(&value);
    text_fini(&why);
    if (condition.value_count == 0) {
        condition_fini(&condition);
        return;
    }
    match->conditions = realloc(match->conditions, (match->count + 1) * sizeof *match->conditions);
    match->conditions[match->count++] = condition;
}

static void add_rule(struct rules *rules)
{
    rules->items = realloc(rules->items, (rules->count + 1) * sizeof *rules->items);
    struct rule *rule = &rules->items[rules->count++];
    *rule = (struct rule){.kind = below(3) == 0 ? RULE_STATE : RULE_EACH};
    while (rule->match.count == 0 || below(3) == 0)
        add_condition(&rule->match);
    while (rule->kind == RULE_STATE && rule->clear.count == 0)
        add_condition(&rule->clear);
}

/* A token, or a text with what must be escaped left out. */
static void put_string(struct text *json)
{
    text_put_char(json, '"');
    put_text(json);
    text_put_char(json, '"');
}

static void put_member(struct text *json, unsigned depth)
{
    switch (below(depth < 2 ? 7 : 5)) {
    case 0:
        text_put_str(json, ONE_OF("1", "-1", "1.0", "0.5", "18446744073709551615"));
        break;
    case 1:
        text_put_str(json, ONE_OF("true", "false", "null", "\"1\"", "\"-1\"", "\"1e0\"", "\"\""));
        break;
    case 5:
        text_put_char(json, '[');
        put_member(json, depth + 1);
        text_put_char(json, ',');
        put_member(json, depth + 1);
        text_put_char(json, ']');
        break;
    case 6:
        text_put_str(json, "{\"x\":[{}],\"a\":");
        put_member(json, depth + 1);
        text_put_str(json, ",\"b\":");
        put_member(json, depth + 1);
        text_put_char(json, '}');
        break;
    default:
        put_string(json);
    }
}

static const struct tocsin_message *random_event(struct alert_support *support)
{
    struct text json;
    text_init(&json);
    text_printf(&json, "{\"level\":\"%s\",\"category\":\"%s\",\"type\":\"%s\",\"sourceId\":\"%s\",\"summary\":",
                ONE_OF("Info", "Warning", "Error"), ONE_OF("a", "b", "ab", "abc"), ONE_OF("a", "b", "cab", "1"),
                ONE_OF("a", "ab", "cab", "abcabcabcabcabcabcabcabcabcabc", "-1"));
    put_string(&json);
    if (below(2) == 0)
        text_put_str(&json, ",\"cause\":\"ab\"");
    if (below(5) > 0) {
        text_put_str(&json, ",\"snapshot\":{\"a\":");
        put_member(&json, 0);
        text_put_str(&json, ",\"b\":");
        put_member(&json, 0);
        text_put_str(&json, ",\"other\":1,\"c\":");
        put_member(&json, 0);
        text_put_char(&json, '}');
    }
    text_put_str(&json, "}");
    text_put_char(&json, '\0');
    const struct tocsin_message *message = alert_support_message(support, json.data, 1);
    text_fini(&json);
    return message;
}

static size_t assert_same(struct sieve *sieve, const struct rules *rules, const struct tocsin_message *message)
{
    size_t hits = 0;
    struct sieve_hit hit;
    sieve_begin(sieve, message);
    bool is_hit = sieve_next(sieve, &hit);
    for (size_t i = 0; i < rules->count; i++) {
        const struct rule *rule = &rules->items[i];
        bool matches = alert_support_matches(&rule->match, message);
        if (!matches && !alert_support_matches(&rule->clear, message))
            continue;
        assert_true(is_hit);
        assert_ptr_equal(hit.rule, rule);
        assert_int_equal(hit.is_clear, !matches);
        is_hit = sieve_next(sieve, &hit);
        hits++;
    }
    assert_false(is_hit);
    return hits;
}

static void the_sieve_lets_through_what_asking_every_rule_lets_through(void **state)
{
    (void)state;
    struct alert_support support;
    size_t hits = 0;
    alert_support_init(&support);
    for (unsigned round = 0; round < 20; round++) {
        struct rules rules = {.count = 0};
        for (size_t count = 1 + below(round % 10 == 0 ? 100 : 20); count > 0; count--)
            add_rule(&rules);
        struct sieve *sieve = sieve_new(&rules);
        assert_non_null(sieve);
        for (unsigned i = 0; i < 40; i++)
            hits += assert_same(sieve, &rules, random_event(&support));
        sieve_free(&sieve);
        rules_fini(&rules);
    }
    alert_support_fini(&support);
    assert_true(hits > 500);
}

/* So many that not all pieces of text find room. */
static void forty_thousand_values_are_as_exact(void **state)
{
    (void)state;
    struct alert_support support;
    struct rules rules = {.items = calloc(400, sizeof(struct rule))};
    struct text text, why;
    text_init(&text);
    text_init(&why);
    alert_support_init(&support);
    for (unsigned i = 0; i < 400; i++) {
        struct match *match = &rules.items[rules.count++].match;
        match->conditions = calloc(1, sizeof *match->conditions);
        match->count = 1;
        assert_true(condition_init(match->conditions, span_of_str("summary"), &why));
        for (unsigned v = 0; v < CONDITION_VALUES_MAX; v++) {
            text_clear(&text);
            text_printf(&text, "*%08x*", (unsigned)random_bits());
            assert_true(condition_add(match->conditions, text_span(&text), &why));
        }
    }
    struct sieve *sieve = sieve_new(&rules);
    assert_non_null(sieve);
    for (unsigned i = 0; i < 40; i++) {
        char json[256];
        const struct span *pattern = &rules.items[below(400)].match.conditions[0].values[below(100)].text;
        snprintf(json, sizeof json,
                 "{\"level\":\"Info\",\"category\":\"c\",\"type\":\"t\",\"sourceId\":\"s\",\"summary\":\"x%.8sy\"}",
                 (const char *)pattern->data + 1);
        assert_true(assert_same(sieve, &rules, alert_support_message(&support, json, 1)) > 0);
    }
    sieve_free(&sieve);
    rules_fini(&rules);
    alert_support_fini(&support);
    text_fini(&text);
    text_fini(&why);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_regular_expression_needs_what_is_plain_in_it),
        cmocka_unit_test(what_a_text_lacks_no_expression_matches_that_needs_it),
        cmocka_unit_test(every_literal_is_found_that_is_there_and_no_other),
        cmocka_unit_test(literals_of_which_there_are_too_many_are_refused),
        cmocka_unit_test(the_sieve_lets_through_what_asking_every_rule_lets_through),
        cmocka_unit_test(forty_thousand_values_are_as_exact),
    };
    return cmocka_run_group_tests(tests, seed, NULL);
}
