/* The ring to the journal and the queue behind it: who is put behind waits, and nobody else; nothing is lost or turned. */
#include "broker/waiting.h"

#include <string.h>

#include "tests/test_support.h"

#define CAPACITY ((size_t)16 << 20)
#define LEN      1000

struct world {
    struct ring *out;
    struct waiting waiting;
};

static void begin(struct world *world, size_t capacity)
{
    world->out = ring_new(capacity);
    assert_non_null(world->out);
    assert_true(waiting_init(&world->waiting, world->out));
}

static void end(struct world *world)
{
    waiting_fini(&world->waiting);
    ring_free(&world->out);
}

static bool put(struct world *world, uint32_t number, bool is_behind)
{
    void *message = waiting_reserve(&world->waiting, LEN, is_behind);
    if (!message)
        return false;
    memset(message, (int)(number & 0xff), LEN);
    memcpy(message, &number, sizeof number);
    waiting_commit(&world->waiting, LEN, is_behind);
    return true;
}

/* What the journal takes next; UINT32_MAX: nothing. */
static uint32_t take(struct world *world)
{
    size_t len;
    const uint8_t *message = ring_next(world->out, &len);
    if (!message)
        return UINT32_MAX;
    uint32_t number;
    memcpy(&number, message, sizeof number);
    assert_int_equal(len, LEN);
    assert_int_equal(message[LEN - 1], number & 0xff);
    return number;
}

static void who_is_not_behind_passes_all_that_waits_behind(void **state)
{
    (void)state;
    struct world world;
    begin(&world, CAPACITY);
    for (uint32_t i = 0; i < 5000; i++)
        assert_true(put(&world, i, true));
    waiting_move(&world.waiting, false);
    assert_true(put(&world, 9999, false));
    waiting_move(&world.waiting, false);
    uint32_t count = 0;
    while (take(&world) != 9999)
        count++;
    assert_in_range(count, 100, 140); /* 128 KiB */
    end(&world);
}

static void all_that_waits_behind_comes_whole_and_in_order(void **state)
{
    (void)state;
    struct world world;
    begin(&world, CAPACITY);
    for (uint32_t i = 0; i < 5000; i++)
        assert_true(put(&world, i, true));
    for (uint32_t expected = 0; expected < 5000;) {
        waiting_move(&world.waiting, false);
        for (uint32_t number; (number = take(&world)) != UINT32_MAX; expected++)
            assert_int_equal(number, expected);
        ring_release(world.out);
    }
    assert_false(waiting_has_queue(&world.waiting));
    assert_int_equal(waiting_used(&world.waiting), 0);
    assert_int_equal(world.waiting.count, 0);
    end(&world);
}

static void who_is_behind_leaves_the_last_of_the_room_to_others(void **state)
{
    (void)state;
    struct world world;
    begin(&world, CAPACITY);
    size_t behind = 0, others = 0;
    while (put(&world, 1, true))
        behind++;
    while (put(&world, 2, false))
        others++;
    assert_in_range(behind * LEN, CAPACITY / 16 * 13, CAPACITY / 16 * 14);
    assert_in_range(others * LEN, CAPACITY / 16 * 1, CAPACITY / 16 * 2);
    assert_true(waiting_is_nearly_full(&world.waiting));
    end(&world);
}

static void who_has_nobody_behind_has_all_of_the_room(void **state)
{
    (void)state;
    struct world world;
    begin(&world, CAPACITY);
    size_t count = 0;
    while (put(&world, 1, false))
        count++;
    assert_in_range(count * (LEN + 8), CAPACITY - 2 * LEN, CAPACITY);
    end(&world);
}

static void what_finds_no_room_in_the_ring_stays_the_first(void **state)
{
    (void)state;
    struct world world;
    begin(&world, 65536);
    uint32_t put_count = 0;
    while (put(&world, put_count, true))
        put_count++;
    waiting_move(&world.waiting, true);
    while (put(&world, 9999, false)) /* and the ring is full */
        ;
    uint32_t expected = 0;
    for (int round = 0; round < 100; round++) {
        waiting_move(&world.waiting, true);
        for (uint32_t number; (number = take(&world)) != UINT32_MAX;)
            expected += number == expected;
        ring_release(world.out);
    }
    assert_int_equal(expected, put_count);
    assert_false(waiting_has_queue(&world.waiting));
    end(&world);
}

static void a_slow_disk_gets_longer_batches(void **state)
{
    (void)state;
    struct world world;
    begin(&world, (size_t)64 << 20);
    size_t fast = world.waiting.short_len;
    waiting_fit(&world.waiting, 10000);
    assert_in_range(world.waiting.short_len, 8 * fast, 16 * fast);
    waiting_fit(&world.waiting, UINT64_MAX);
    assert_in_range(world.waiting.short_len, 16 * fast, (64 << 20) / 8);
    waiting_fit(&world.waiting, 500);
    assert_int_equal(world.waiting.short_len, fast);
    end(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_not_behind_passes_all_that_waits_behind),
        cmocka_unit_test(all_that_waits_behind_comes_whole_and_in_order),
        cmocka_unit_test(who_is_behind_leaves_the_last_of_the_room_to_others),
        cmocka_unit_test(who_has_nobody_behind_has_all_of_the_room),
        cmocka_unit_test(what_finds_no_room_in_the_ring_stays_the_first),
        cmocka_unit_test(a_slow_disk_gets_longer_batches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
