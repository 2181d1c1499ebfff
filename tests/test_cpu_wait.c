/* The scheduler's account of who waits for a processor, asked of the real one. */
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "broker/clock.h"
#include "broker/cpu_wait.h"
#include "tests/test_support.h"

#define WORK_US  100000
#define SLEEP_MS 20

static void be_busy(uint64_t us)
{
    for (uint64_t end_us = clock_monotonic_us() + us; clock_monotonic_us() < end_us;)
        ;
}

static void *disturb(void *arg)
{
    atomic_bool *must_end = arg;
    while (!atomic_load(must_end))
        ;
    return NULL;
}

/* This thread, and those that it starts. */
static void stay_on_one_processor(void)
{
    cpu_set_t all, one;
    assert_int_equal(sched_getaffinity(0, sizeof all, &all), 0);
    CPU_ZERO(&one);
    for (size_t cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; cpu++) {
        if (CPU_ISSET(cpu, &all))
            CPU_SET(cpu, &one);
    }
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
}

static void a_thread_that_shares_its_processor_waits_a_part_of_the_time(void **state)
{
    (void)state;
    stay_on_one_processor();
    uint64_t began_us = clock_monotonic_us();
    struct cpu_wait wait;
    cpu_wait_open(&wait);
    if (wait.fd < 0)
        skip();
    atomic_bool must_end = false;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, disturb, &must_end), 0);
    be_busy(WORK_US);
    uint64_t waited_us = cpu_wait_take_us(&wait);
    uint64_t took_us = clock_monotonic_us() - began_us;
    atomic_store(&must_end, true);
    pthread_join(thread, NULL);
    assert_true(waited_us > WORK_US / 10);
    assert_true(waited_us <= took_us);
    cpu_wait_close(&wait);
}

static void what_was_told_is_not_told_again(void **state)
{
    (void)state;
    struct cpu_wait wait;
    cpu_wait_open(&wait);
    be_busy(WORK_US);
    cpu_wait_take_us(&wait);
    uint64_t began_us = clock_monotonic_us();
    poll(NULL, 0, SLEEP_MS);
    assert_true(cpu_wait_take_us(&wait) <= clock_monotonic_us() - began_us);
    cpu_wait_close(&wait);
}

static void where_the_kernel_does_not_say_nobody_waits(void **state)
{
    (void)state;
    struct cpu_wait wait = {.fd = -1};
    be_busy(WORK_US);
    assert_int_equal(cpu_wait_take_us(&wait), 0);
    cpu_wait_close(&wait);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thread_that_shares_its_processor_waits_a_part_of_the_time),
        cmocka_unit_test(what_was_told_is_not_told_again),
        cmocka_unit_test(where_the_kernel_does_not_say_nobody_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
