#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/topic_arg.h"

static void assert_topic(const char *text, enum tocsin_filter_kind kind, const char *category, const char *source_id)
{
    struct topic_arg topic;
    assert_true(topic_arg_read(&topic, text));
    if (topic.filter.kind != kind)
        fail_msg("%s is of kind %d", text, (int)topic.filter.kind);
    if (category)
        assert_string_equal(topic.filter.category, category);
    else
        assert_null(topic.filter.category);
    if (source_id)
        assert_string_equal(topic.filter.source_id, source_id);
    topic_arg_fini(&topic);
}

static void every_form_of_topic_has_its_filter(void **state)
{
    (void)state;
    assert_topic("", TOCSIN_FILTER_EVERYTHING, NULL, NULL);
    assert_topic("*", TOCSIN_FILTER_EVERYTHING, NULL, NULL);
    assert_topic("*/", TOCSIN_FILTER_EVERYTHING, NULL, NULL);
    assert_topic("StreamEvent", TOCSIN_FILTER_CATEGORY, "StreamEvent", NULL);
    assert_topic("StreamEvent/", TOCSIN_FILTER_CATEGORY, "StreamEvent", NULL);
    assert_topic("StreamEvent/#default#app/cam", TOCSIN_FILTER_SOURCE, "StreamEvent", "#default#app/cam");
    assert_topic("StreamEvent/#default#app/", TOCSIN_FILTER_PREFIX, "StreamEvent", "#default#app/");
    assert_topic("StreamEvent/#default#app/**", TOCSIN_FILTER_SUBTREE, "StreamEvent", "#default#app");
    assert_topic("StreamEvent/#def*", TOCSIN_FILTER_PREFIX, "StreamEvent", "#def");
    assert_topic("StreamEvent/*", TOCSIN_FILTER_PREFIX, "StreamEvent", "");
    assert_topic("*/default", TOCSIN_FILTER_SOURCE, NULL, "default");
    assert_topic("*/default/**", TOCSIN_FILTER_SUBTREE, NULL, "default");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_of_topic_has_its_filter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
