/* Who is held to his share: only somebody who takes most while others are there and the broker cannot follow, and not for a
 * short burst. Time is simulated. */
#include "broker/shares.h"
#include "tests/test_support.h"

#define MS_US     UINT64_C(1000)
#define SECOND_US UINT64_C(1000000)
#define MIB       UINT64_C(1048576)

enum { FLOODER = 11, QUIET = 12, THIRD = 13 };

/* A broker with `turn` of 10 ms: what comes in it, and what that does. */
struct world {
    struct shares shares;
    struct shares_backlog backlog;
    uint64_t now_us;
    bool is_busy;
    bool is_starved;
    unsigned held;      /* times that somebody was */
    uint64_t passed;    /* bytes of the flooder since it was reset */
    uint64_t barred_us; /* when the flooder was */
};

static void begin(struct world *world)
{
    const struct shares_options options = {.after_us = 500 * MS_US, .percent = 10, .bar_us = 5 * SECOND_US};
    *world = (struct world){.now_us = SECOND_US, .is_busy = true, .backlog = {.capacity = 64 * MIB}};
    assert_true(shares_init(&world->shares, &options, world->now_us));
}

static void end(struct world *world)
{
    shares_fini(&world->shares);
}

static void send(struct world *world, uint64_t id, uint64_t cost, bool can_wait)
{
    if (!shares_wants(&world->shares, false, false, world->now_us))
        return;
    struct share *share = shares_note(&world->shares, id, cost, world->now_us);
    assert_non_null(share);
    bool is_barred = shares_is_barred(share, world->now_us);
    bool has_left = !is_barred && shares_take(share, cost, can_wait, world->now_us);
    if (has_left || (!is_barred && can_wait))
        world->passed += id == FLOODER ? cost : 0;
    else if (!is_barred && shares_waste(&world->shares, share, cost, world->now_us))
        world->barred_us = world->now_us;
}

/* `ms` in which the flooder sends so much a turn of 10 ms, in 16 messages, and the quiet one a message. */
static void run(struct world *world, uint64_t ms, uint64_t cost, bool has_quiet, bool can_wait)
{
    for (uint64_t end_us = world->now_us + ms * MS_US; world->now_us < end_us; world->now_us += 10 * MS_US) {
        if (!world->is_busy)
            shares_idle(&world->shares, 5 * MS_US);
        if (world->is_starved)
            shares_waited(&world->shares, 4 * MS_US);
        world->held += shares_look(&world->shares, world->now_us, &world->backlog);
        for (int i = 0; i < 16 && cost > 0; i++)
            send(world, FLOODER, cost / 16, can_wait);
        if (has_quiet)
            send(world, QUIET, 600, can_wait);
        world->backlog.written += cost;
    }
}

static void who_floods_while_others_are_there_is_held_within_a_second(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    run(&world, 400, MIB, true, true);
    assert_int_equal(world.held, 0);
    run(&world, 600, MIB, true, true);
    assert_int_equal(world.held, 1);
    bool has_left;
    assert_true(shares_is_held(&world.shares, FLOODER, world.now_us, &has_left));
    assert_false(shares_is_held(&world.shares, QUIET, world.now_us, &has_left));
    end(&world);
}

static void who_is_alone_is_never_held(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    world.backlog.used = 60 * MIB;
    run(&world, 20000, MIB, false, false);
    assert_int_equal(world.held, 0);
    end(&world);
}

static void a_burst_of_some_hundred_milliseconds_is_not_held(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    for (int i = 0; i < 20; i++) {
        world.is_busy = true;
        run(&world, 300, MIB, true, false);
        world.is_busy = false;
        run(&world, 700, 0, true, false);
    }
    assert_int_equal(world.held, 0);
    end(&world);
}

static void nobody_is_held_while_there_is_time(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    world.is_busy = false;
    world.backlog.used = 7 * MIB;
    run(&world, 10000, MIB, true, false);
    assert_int_equal(world.held, 0);
    end(&world);
}

static void a_slow_disk_has_nobody_to_blame_who_sends_little(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    world.is_busy = false;
    world.backlog.used = 9 * MIB;
    run(&world, 10000, 65536, true, false); /* 6.5 MB a second */
    assert_int_equal(world.held, 0);
    world.backlog.used = 33 * MIB; /* soon all would lose */
    run(&world, 1000, 65536, true, false);
    assert_int_equal(world.held, 1);
    end(&world);
}

static void much_that_waits_for_the_disk_is_the_flooders_fault(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    world.is_busy = false;
    world.backlog.used = 9 * MIB;
    run(&world, 1000, MIB, true, false);
    assert_int_equal(world.held, 1);
    end(&world);
}

static void where_processors_are_short_who_sends_very_much_is_held_and_nobody_else(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    world.is_busy = false;
    world.is_starved = true;
    run(&world, 10000, MIB / 2, true, false); /* 50 MiB a second */
    assert_int_equal(world.held, 0);
    run(&world, 1000, MIB, true, false);
    assert_int_equal(world.held, 1);
    end(&world);
}

static void two_that_send_alike_are_not_held(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    for (int i = 0; i < 1000; i++) {
        run(&world, 10, MIB, false, true);
        send(&world, THIRD, MIB, true);
    }
    assert_int_equal(world.held, 0);
    end(&world);
}

static void who_is_held_gets_its_part_of_what_the_broker_can_do(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    run(&world, 1000, MIB, true, true);
    assert_int_equal(world.held, 1);
    world.is_busy = false;
    world.passed = 0;
    for (int i = 0; i < 500; i++) { /* it sends when it may */
        bool has_left = false;
        shares_is_held(&world.shares, FLOODER, world.now_us, &has_left);
        run(&world, 10, has_left ? 16 * 65536 : 0, true, true);
    }
    /* of the 100 MiB a second that are known half by then a tenth, for five seconds */
    assert_in_range(world.passed, 20 * MIB, 50 * MIB);
    end(&world);
}

static void who_goes_on_in_vain_is_kept_out_and_comes_in_again(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    run(&world, 2000, MIB, true, false);
    assert_in_range(world.barred_us, SECOND_US, 5 * SECOND_US / 2);
    world.is_busy = false;
    world.passed = 0;
    run(&world, 2000, MIB, true, false);
    assert_int_equal(world.passed, 0);
    run(&world, 4000, 65536, true, false);
    struct share *share = shares_note(&world.shares, FLOODER, 0, world.now_us);
    assert_false(shares_is_barred(share, world.now_us));
    end(&world);
}

static void who_asks_for_little_again_is_let_go(void **state)
{
    (void)state;
    struct world world;
    bool has_left;
    begin(&world);
    run(&world, 1000, MIB, true, true);
    assert_true(shares_is_held(&world.shares, FLOODER, world.now_us, &has_left));
    world.is_busy = false;
    run(&world, 2000, 16384, true, true);
    assert_false(shares_is_held(&world.shares, FLOODER, world.now_us, &has_left));
    end(&world);
}

static void who_has_limits_of_its_own_is_not_held(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    for (int i = 0; i < 300; i++) {
        run(&world, 10, MIB, true, true);
        struct share *share = shares_note(&world.shares, FLOODER, 0, world.now_us);
        share->is_exempt = true;
    }
    assert_int_equal(world.held, 0);
    end(&world);
}

static void more_senders_than_can_be_known_hide_nobody(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    for (uint64_t i = 0; i < 150; i++) {
        run(&world, 10, MIB, true, true);
        for (uint64_t j = 0; j < 100 && shares_wants(&world.shares, false, false, world.now_us); j++)
            shares_note(&world.shares, 1000 + 100 * i + j, 600, world.now_us);
    }
    assert_int_equal(world.held, 1);
    bool has_left;
    assert_true(shares_is_held(&world.shares, FLOODER, world.now_us, &has_left));
    end(&world);
}

static void who_sends_much_is_a_burst_at_once_if_another_one_is_there(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    struct share *flooder = shares_note(&world.shares, FLOODER, MIB, world.now_us);
    assert_false(shares_is_burst(&world.shares, flooder));
    struct share *quiet = shares_note(&world.shares, QUIET, 600, world.now_us);
    assert_true(shares_is_burst(&world.shares, flooder));
    assert_false(shares_is_burst(&world.shares, quiet));
    shares_note(&world.shares, FLOODER, 600, world.now_us + 50 * MS_US);
    assert_false(shares_is_burst(&world.shares, flooder));
    end(&world);
}

static void who_speaks_seldom_is_known_to_be_there_before_a_flood(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    for (int i = 0; i < 20; i++) {
        world.now_us += 200 * MS_US;
        shares_idle(&world.shares, 200 * MS_US);
        shares_look(&world.shares, world.now_us, &world.backlog);
        assert_true(shares_wants(&world.shares, false, false, world.now_us));
        shares_note(&world.shares, QUIET, 600, world.now_us);
        assert_false(shares_wants(&world.shares, false, false, world.now_us));
    }
    struct share *flooder = shares_note(&world.shares, FLOODER, MIB, world.now_us);
    assert_true(shares_is_burst(&world.shares, flooder));
    end(&world);
}

static void of_whom_something_is_in_the_queue_is_not_forgotten(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    assert_false(shares_is_queued(&world.shares, FLOODER));
    assert_true(shares_queue(&world.shares, FLOODER, 1000));
    for (uint64_t id = 1000; id < 1000 + 4 * (uint64_t)SHARES_MAX; id++)
        shares_note(&world.shares, id, 600, ++world.now_us);
    assert_true(shares_is_queued(&world.shares, FLOODER));
    shares_moved(&world.shares, 999);
    assert_true(shares_is_queued(&world.shares, FLOODER));
    shares_moved(&world.shares, 1000);
    assert_false(shares_is_queued(&world.shares, FLOODER));
    end(&world);
}

static void where_all_places_are_taken_nobody_else_is_queued(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    size_t queued = 0;
    for (uint64_t id = 1000; id < 1000 + 4 * (uint64_t)SHARES_MAX; id++)
        queued += shares_queue(&world.shares, id, id);
    assert_int_equal(queued, SHARES_MAX);
    assert_null(shares_note(&world.shares, FLOODER, 600, world.now_us));
    end(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_floods_while_others_are_there_is_held_within_a_second),
        cmocka_unit_test(who_is_alone_is_never_held),
        cmocka_unit_test(a_burst_of_some_hundred_milliseconds_is_not_held),
        cmocka_unit_test(nobody_is_held_while_there_is_time),
        cmocka_unit_test(a_slow_disk_has_nobody_to_blame_who_sends_little),
        cmocka_unit_test(much_that_waits_for_the_disk_is_the_flooders_fault),
        cmocka_unit_test(where_processors_are_short_who_sends_very_much_is_held_and_nobody_else),
        cmocka_unit_test(two_that_send_alike_are_not_held),
        cmocka_unit_test(who_is_held_gets_its_part_of_what_the_broker_can_do),
        cmocka_unit_test(who_goes_on_in_vain_is_kept_out_and_comes_in_again),
        cmocka_unit_test(who_asks_for_little_again_is_let_go),
        cmocka_unit_test(who_has_limits_of_its_own_is_not_held),
        cmocka_unit_test(more_senders_than_can_be_known_hide_nobody),
        cmocka_unit_test(who_sends_much_is_a_burst_at_once_if_another_one_is_there),
        cmocka_unit_test(who_speaks_seldom_is_known_to_be_there_before_a_flood),
        cmocka_unit_test(of_whom_something_is_in_the_queue_is_not_forgotten),
        cmocka_unit_test(where_all_places_are_taken_nobody_else_is_queued),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
