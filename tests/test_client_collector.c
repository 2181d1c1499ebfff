#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/collector.h"

static const struct span small = {(const uint8_t *)"\x80", 1};

static void a_lone_event_is_due_at_once(void **state)
{
    (void)state;
    struct collector collector;
    collector_init(&collector);
    assert_true(collector_add(&collector, small));
    assert_true(collector_due_us(&collector) <= 0);
    collector_sent(&collector, 5000);
    assert_int_equal(collector.events, 0);
    assert_int_equal(collector.frame.len, 0);
    /* The next one is due a moment after the first. */
    assert_true(collector_add(&collector, small));
    assert_int_equal(collector_due_us(&collector), 5000 + COLLECTOR_WAIT_US);
    collector_fini(&collector);
}

static void a_frame_is_full_at_64_kib(void **state)
{
    (void)state;
    struct collector collector;
    collector_init(&collector);
    uint8_t event[1000] = {0};
    while (collector_fits(&collector, sizeof event))
        assert_true(collector_add(&collector, span_of(event, sizeof event)));
    assert_int_equal(collector.events, COLLECTOR_FRAME_MAX / sizeof event);
    size_t left = COLLECTOR_FRAME_MAX - collector.frame.len;
    assert_true(collector_fits(&collector, left));
    assert_false(collector_fits(&collector, left + 1));
    collector_fini(&collector);
}

static void an_event_longer_than_a_frame_travels_alone(void **state)
{
    (void)state;
    struct collector collector;
    collector_init(&collector);
    size_t len = 1000000;
    uint8_t *event = calloc(1, len);
    assert_non_null(event);
    assert_true(collector_fits(&collector, len));
    assert_true(collector_add(&collector, span_of(event, len)));
    assert_false(collector_fits(&collector, 1));
    free(event);
    collector_fini(&collector);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lone_event_is_due_at_once),
        cmocka_unit_test(a_frame_is_full_at_64_kib),
        cmocka_unit_test(an_event_longer_than_a_frame_travels_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
