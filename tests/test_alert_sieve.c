/* The sieve lets through what asking every rule lets through: random rules and events, against conditions tried one by
 * one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/alert/sieve.h"
#include "tests/alert_random.h"
#include "tests/alert_support.h"

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
        cmocka_unit_test(the_sieve_lets_through_what_asking_every_rule_lets_through),
        cmocka_unit_test(forty_thousand_values_are_as_exact),
    };
    return cmocka_run_group_tests(tests, seed, NULL);
}
