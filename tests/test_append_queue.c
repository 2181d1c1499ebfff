/* The appender's queue of unsettled events, beside a plain array. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "client/append_queue.h"
#include "tests/seeded.h"

/* The length and the content of event `n` follow from n. */
static struct span event_of(uint64_t n, uint8_t bytes[300])
{
    size_t len = 1 + (size_t)(n * 7919 % 300);
    memset(bytes, (int)(n % 251), len);
    return span_of(bytes, len);
}

static void check_all(const struct append_queue *queue)
{
    uint8_t bytes[300];
    for (uint64_t n = queue->first_n; n < queue->next_n; n++)
        assert_true(span_equals(append_queue_at(queue, n), event_of(n, bytes)));
}

static void events_stay_as_they_are_until_they_are_settled(void **state)
{
    (void)state;
    struct append_queue queue;
    uint8_t bytes[300];
    append_queue_init(&queue, 1000, 1 << 20);
    for (size_t round = 0; round < 3000; round++) {
        uint64_t add = random_bits() % 40;
        for (; add > 0; add--)
            assert_true(append_queue_add(&queue, event_of(queue.next_n, bytes)));
        uint64_t held = queue.next_n - queue.first_n;
        append_queue_settle(&queue, queue.first_n + random_bits() % (held + 1) - 1);
        if (round % 50 == 0)
            check_all(&queue);
    }
    append_queue_settle(&queue, queue.next_n - 1);
    assert_int_equal(queue.first_n, queue.next_n);
    assert_int_equal(queue.bytes.len, 0);
    append_queue_fini(&queue);
}

static void settling_what_is_not_there_changes_nothing(void **state)
{
    (void)state;
    struct append_queue queue;
    uint8_t bytes[300];
    append_queue_init(&queue, 10, 1 << 20);
    append_queue_settle(&queue, 9);
    append_queue_settle(&queue, 100);
    assert_int_equal(queue.first_n, 10);
    assert_true(append_queue_add(&queue, event_of(10, bytes)));
    append_queue_settle(&queue, 9);
    assert_int_equal(queue.first_n, 10);
    check_all(&queue);
    append_queue_fini(&queue);
}

static void the_limit_holds_but_for_one_event_alone(void **state)
{
    (void)state;
    struct append_queue queue;
    uint8_t bytes[300] = {0};
    append_queue_init(&queue, 1, 250);
    assert_true(append_queue_fits(&queue, 300));
    assert_true(append_queue_add(&queue, span_of(bytes, 200)));
    assert_true(append_queue_fits(&queue, 50));
    assert_false(append_queue_fits(&queue, 51));
    append_queue_settle(&queue, 1);
    assert_true(append_queue_fits(&queue, 300));
    append_queue_fini(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_stay_as_they_are_until_they_are_settled),
        cmocka_unit_test(settling_what_is_not_there_changes_nothing),
        cmocka_unit_test(the_limit_holds_but_for_one_event_alone),
    };
    return cmocka_run_group_tests(tests, seed, NULL);
}
