#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "client/filter.h"

static struct filter_set *set_of(enum tocsin_filter_kind kind, const char *category, const char *source_id)
{
    struct tocsin_filter filter = {kind, category, source_id};
    struct filter_set *set;
    assert_int_equal(filter_set_new(&set, &filter, 1), TOCSIN_OK);
    return set;
}

/* The prefixes with each NUL as '$', separated by blanks. */
static void assert_prefixes(enum tocsin_filter_kind kind, const char *category, const char *source_id,
                            const char *expected)
{
    struct filter_set *set = set_of(kind, category, source_id);
    struct text out, shown;
    text_init(&out);
    text_init(&shown);
    size_t lens[FILTER_PREFIXES_MAX];
    size_t count = filter_set_prefixes(set, 0, &out, lens), at = 0;
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            text_put_char(&shown, ' ');
        for (size_t end = at + lens[i]; at < end; at++)
            text_put_char(&shown, out.data[at] ? out.data[at] : '$');
    }
    text_put_char(&shown, '\0');
    assert_string_equal(shown.data, expected);
    assert_int_equal(filter_set_has_one_prefix(set), count == 1);
    text_fini(&out);
    text_fini(&shown);
    filter_set_free(&set);
}

static void filters_become_prefixes(void **state)
{
    (void)state;
    assert_prefixes(TOCSIN_FILTER_CATEGORY, "StreamEvent", NULL, "StreamEvent/");
    assert_prefixes(TOCSIN_FILTER_SOURCE, "StreamEvent", "#default#app/cam", "StreamEvent/#default#app/cam$");
    assert_prefixes(TOCSIN_FILTER_PREFIX, "StreamEvent", "#default#", "StreamEvent/#default#");
    assert_prefixes(TOCSIN_FILTER_SUBTREE, "AppEvent", "#default#app", "AppEvent/#default#app$ AppEvent/#default#app/");
    assert_prefixes(TOCSIN_FILTER_SUBTREE, "E", "default", "E/default$ E/default/ E/#default#");
    struct filter_set *any = set_of(TOCSIN_FILTER_SOURCE, NULL, "s");
    assert_true(filter_set_needs_everything(any));
    assert_false(filter_set_is_everything(any));
    assert_true(filter_set_has_one_prefix(any));
    filter_set_free(&any);
}

static void assert_takes(enum tocsin_filter_kind kind, const char *category, const char *source_id, const char *topic,
                         bool expected)
{
    struct filter_set *set = set_of(kind, category, source_id);
    if (filter_set_contains(set, span_of_str(topic)) != expected)
        fail_msg("kind %d, %s/%s: %s", (int)kind, category ? category : "*", source_id ? source_id : "", topic);
    /* What the prefixes let through is what is contained. */
    if (!filter_set_needs_everything(set)) {
        struct text out;
        text_init(&out);
        size_t lens[FILTER_PREFIXES_MAX], at = 0, topic_len = strlen(topic) + 1;
        size_t count = filter_set_prefixes(set, 0, &out, lens);
        bool passes = false;
        for (size_t i = 0; i < count; at += lens[i++])
            passes |= lens[i] <= topic_len && memcmp(topic, out.data + at, lens[i]) == 0;
        assert_int_equal(passes, expected);
        text_fini(&out);
    }
    filter_set_free(&set);
}

static void a_source_is_not_its_longer_neighbour(void **state)
{
    (void)state;
    assert_takes(TOCSIN_FILTER_SOURCE, "S", "#default#app/cam", "S/#default#app/cam", true);
    assert_takes(TOCSIN_FILTER_SOURCE, "S", "#default#app/cam", "S/#default#app/cam2", false);
    assert_takes(TOCSIN_FILTER_SUBTREE, "S", "#default#app", "S/#default#app", true);
    assert_takes(TOCSIN_FILTER_SUBTREE, "S", "#default#app", "S/#default#app/cam", true);
    assert_takes(TOCSIN_FILTER_SUBTREE, "S", "#default#app", "S/#default#app2/cam", false);
    assert_takes(TOCSIN_FILTER_CATEGORY, "S", NULL, "S2/x", false);
}

static void a_virtual_host_has_its_applications_below_it(void **state)
{
    (void)state;
    assert_takes(TOCSIN_FILTER_SUBTREE, "S", "live", "S/live", true);
    assert_takes(TOCSIN_FILTER_SUBTREE, "S", "live", "S/#live#app", true);
    assert_takes(TOCSIN_FILTER_SUBTREE, "S", "live", "S/#live#app/x/y", true);
    assert_takes(TOCSIN_FILTER_SUBTREE, "S", "live", "S/#live2#app", false);
    assert_takes(TOCSIN_FILTER_SUBTREE, "S", "live", "S/live2", false);
    assert_takes(TOCSIN_FILTER_SUBTREE, "S", "live", "S/live/worker", true);
}

static void without_a_category_any_will_do(void **state)
{
    (void)state;
    assert_takes(TOCSIN_FILTER_SUBTREE, NULL, "live", "AppEvent/#live#app", true);
    assert_takes(TOCSIN_FILTER_PREFIX, NULL, "#live", "StreamEvent/#live2#app", true);
    assert_takes(TOCSIN_FILTER_SOURCE, NULL, "live", "StreamEvent/#live#app", false);
    assert_takes(TOCSIN_FILTER_EVERYTHING, NULL, NULL, "anything/at/all", true);
    assert_takes(TOCSIN_FILTER_EVERYTHING, NULL, NULL, "no-topic", false);
}

#define MANY 64u

/* Of all kinds, some for any category. */
static struct tocsin_filter filter_of_many(unsigned i, char (*names)[16])
{
    static const enum tocsin_filter_kind kinds[] = {TOCSIN_FILTER_SOURCE, TOCSIN_FILTER_SOURCE, TOCSIN_FILTER_SUBTREE,
                                                    TOCSIN_FILTER_PREFIX};
    snprintf(names[i], sizeof names[i], "s-%u", (i * 37) % MANY);
    return (struct tocsin_filter){kinds[i % 4], i % 4 == 1 ? NULL : i % 8 < 4 ? "A" : "AB", names[i]};
}

static void many_filters_take_what_one_of_them_takes(void **state)
{
    (void)state;
    char names[MANY][16], topic[32];
    struct tocsin_filter filters[MANY];
    struct filter_set *all, *one;
    unsigned taken = 0;
    for (unsigned i = 0; i < MANY; i++)
        filters[i] = filter_of_many(i, names);
    assert_int_equal(filter_set_new(&all, filters, MANY), TOCSIN_OK);
    for (unsigned i = 0; i < 4 * MANY; i++) {
        snprintf(topic, sizeof topic, "%s/s-%u%s", i % 2 ? "A" : "AB", i % (MANY + 8), i % 3 ? "" : "/x");
        bool expected = false;
        for (unsigned k = 0; k < MANY; k++) {
            assert_int_equal(filter_set_new(&one, &filters[k], 1), TOCSIN_OK);
            expected = expected || filter_set_contains(one, span_of_str(topic));
            filter_set_free(&one);
        }
        if (filter_set_contains(all, span_of_str(topic)) != expected)
            fail_msg("%s is %staken", topic, expected ? "not " : "");
        taken += expected;
    }
    assert_in_range(taken, 1, 4 * MANY - 1);
    filter_set_free(&all);
}

static void a_filter_that_can_match_nothing_is_invalid(void **state)
{
    (void)state;
    char long_source[TOCSIN_SOURCE_ID_MAX + 2];
    memset(long_source, 's', sizeof long_source - 1);
    long_source[sizeof long_source - 1] = '\0';
    const struct tocsin_filter bad[] = {
        {TOCSIN_FILTER_CATEGORY, NULL, NULL},      {TOCSIN_FILTER_CATEGORY, "", NULL},
        {TOCSIN_FILTER_CATEGORY, "a/b", NULL},     {TOCSIN_FILTER_CATEGORY, "~", NULL},
        {TOCSIN_FILTER_SOURCE, "S", NULL},         {TOCSIN_FILTER_SOURCE, "S", ""},
        {TOCSIN_FILTER_SUBTREE, "S", long_source}, {(enum tocsin_filter_kind)17, "S", "s"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct filter_set *set;
        assert_int_equal(filter_set_new(&set, &bad[i], 1), TOCSIN_E_INVALID);
        assert_null(set);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filters_become_prefixes),
        cmocka_unit_test(a_source_is_not_its_longer_neighbour),
        cmocka_unit_test(a_virtual_host_has_its_applications_below_it),
        cmocka_unit_test(without_a_category_any_will_do),
        cmocka_unit_test(many_filters_take_what_one_of_them_takes),
        cmocka_unit_test(a_filter_that_can_match_nothing_is_invalid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
