/* Who has an appender's socket: its thread, or the caller who waits. */
#include "append_peer.h"

#include <signal.h>
#include <sys/time.h>

#include "client/appender.h"
#include "client/clock.h"

#define WAIT_MS   20000
#define CALLERS   4
#define PUTS_EACH 300

static struct append_peer broker;
static struct tocsin_appender *appender;

static int set_up(void **state)
{
    (void)state;
    append_peer_start(&broker);
    struct tocsin_appender_options options = {
        .producer = "p", .append = broker.endpoint, .connect_timeout_ms = WAIT_MS, .close_timeout_ms = TOCSIN_NOWAIT};
    assert_int_equal(tocsin_appender_open(&appender, &options), TOCSIN_OK);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tocsin_appender_close(&appender, NULL);
    append_peer_stop(&broker);
    return broker.saw_gap ? -1 : 0;
}

/* Its number, 0 when it was not taken. */
static uint64_t append_one(struct tocsin_event *event)
{
    uint64_t n = 0;
    tocsin_event_set(event, TOCSIN_LEVEL_INFO, "TestEvent", "Happened", "source", "summary");
    tocsin_append(appender, event, &n);
    return n;
}

/* The number of the last one. */
static uint64_t append_some(unsigned count)
{
    struct tocsin_event *event = tocsin_event_new();
    uint64_t n = 0;
    for (unsigned i = 0; i < count; i++)
        n = append_one(event);
    tocsin_event_free(&event);
    return n;
}

/* How many puts were acknowledged one by one, up to the first that was not. */
static unsigned put_and_wait(unsigned count)
{
    struct tocsin_event *event = tocsin_event_new();
    unsigned done = 0;
    while (done < count && tocsin_appender_wait(appender, append_one(event), NULL, WAIT_MS) == TOCSIN_OK)
        done++;
    tocsin_event_free(&event);
    return done;
}

static bool is_lent(void)
{
    pthread_mutex_lock(&appender->lock);
    bool is_lent = appender->holder == APPENDER_NOBODY && appender->is_lone;
    pthread_mutex_unlock(&appender->lock);
    return is_lent;
}

/* Until the thread has left the socket to callers who send by themselves. */
static void put_until_lent(void)
{
    int64_t deadline_us = clock_deadline_us(clock_now_us(), WAIT_MS);
    while (!is_lent()) {
        assert_true(clock_now_us() < deadline_us);
        assert_int_equal(put_and_wait(3), 3);
    }
}

static void await_settled(uint64_t settled)
{
    struct tocsin_appender_counts counts = {0};
    for (int64_t deadline_us = clock_deadline_us(clock_now_us(), WAIT_MS); counts.settled < settled;) {
        assert_true(clock_now_us() < deadline_us);
        zmq_poll(NULL, 0, 1);
        tocsin_appender_count(appender, &counts);
    }
}

static void *put_many(void *done)
{
    *(unsigned *)done = put_and_wait(PUTS_EACH);
    return NULL;
}

static void who_waits_for_each_put_gets_the_socket_and_the_thread_takes_it_back(void **state)
{
    (void)state;
    put_until_lent();
    assert_int_equal(put_and_wait(300), 300);
    for (int64_t deadline_us = clock_deadline_us(clock_now_us(), WAIT_MS); is_lent();) {
        assert_true(clock_now_us() < deadline_us);
        zmq_poll(NULL, 0, 10);
    }
    put_until_lent();
}

static void several_callers_take_turns(void **state)
{
    (void)state;
    pthread_t threads[CALLERS];
    unsigned done[CALLERS];
    for (size_t i = 0; i < CALLERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, put_many, &done[i]), 0);
    for (size_t i = 0; i < CALLERS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(done[i], PUTS_EACH);
    }
}

static void what_nobody_waits_for_is_settled_too(void **state)
{
    (void)state;
    put_until_lent();
    await_settled(append_some(1));
    await_settled(append_some(50));
}

static void a_wait_ends_in_time_and_the_thread_goes_on(void **state)
{
    (void)state;
    put_until_lent();
    broker.mood = APPEND_PEER_IS_SILENT;
    uint64_t n = append_some(1);
    int64_t begun_us = clock_now_us();
    assert_int_equal(tocsin_appender_wait(appender, n, NULL, 0), TOCSIN_E_TIMEOUT);
    assert_int_equal(tocsin_appender_wait(appender, n, NULL, 50), TOCSIN_E_TIMEOUT);
    assert_int_equal(tocsin_appender_flush(appender, 50), TOCSIN_E_TIMEOUT);
    assert_true(clock_now_us() - begun_us >= 100000);
    broker.mood = APPEND_PEER_ANSWERS;
    await_settled(n);
}

static void a_session_that_ends_in_a_callers_hands_is_followed_by_another(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 5; round++) {
        put_until_lent();
        unsigned hellos = broker.hellos;
        broker.mood = APPEND_PEER_TALKS_NONSENSE;
        assert_int_equal(put_and_wait(1), 1);
        assert_true(broker.hellos > hellos);
    }
}

static void a_caller_learns_that_another_has_taken_over(void **state)
{
    (void)state;
    put_until_lent();
    broker.mood = APPEND_PEER_HAS_ANOTHER;
    uint64_t n = append_some(1);
    assert_int_equal(tocsin_appender_wait(appender, n, NULL, WAIT_MS), TOCSIN_E_CLOSED);
    uint64_t unsettled;
    assert_int_equal(tocsin_appender_close(&appender, &unsettled), TOCSIN_E_CLOSED);
    assert_int_equal(unsettled, 1);
}

static void a_handle_that_is_lent_closes_at_once(void **state)
{
    (void)state;
    put_until_lent();
    broker.mood = APPEND_PEER_IS_SILENT;
    append_some(1);
    uint64_t unsettled;
    assert_int_equal(tocsin_appender_close(&appender, &unsettled), TOCSIN_E_TIMEOUT);
    assert_int_equal(unsettled, 1);
}

static void on_alarm(int number)
{
    (void)number;
}

static void signals_do_no_harm(void **state)
{
    (void)state;
    struct sigaction before;
    sigaction(SIGALRM, &(struct sigaction){.sa_handler = on_alarm}, &before);
    setitimer(ITIMER_REAL, &(struct itimerval){{0, 500}, {0, 500}}, NULL);
    unsigned done = put_and_wait(300);
    setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 0}}, NULL);
    sigaction(SIGALRM, &before, NULL);
    assert_int_equal(done, 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_waits_for_each_put_gets_the_socket_and_the_thread_takes_it_back, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(several_callers_take_turns, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_nobody_waits_for_is_settled_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_wait_ends_in_time_and_the_thread_goes_on, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_session_that_ends_in_a_callers_hands_is_followed_by_another, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_caller_learns_that_another_has_taken_over, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_handle_that_is_lent_closes_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(signals_do_no_harm, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
