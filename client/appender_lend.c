/* Who waits for an acknowledgement takes it from the socket by himself: the thread lends it out, and two threads need not
 * wake each other for each put (on an idle machine that is a tenth of a put's time, on a busy one a third of the
 * processor's).
 *
 * The happy path: a caller appends an event, the thread sends it, and finds, before it sleeps, that the caller waits for
 * it: it leaves the socket to nobody and stays apart. The caller takes it, does what the thread would do, and lets go of it
 * when its event is settled; another one that waits takes it next. The next event is sent by its caller at once. The thread
 * stays apart while that is how the program goes on, but for a look where nobody has used the socket for a while. Where
 * several events are awaited together nothing is lent: the thread sends the first of them while the others are made.
 *
 * What can fail: the session ends in a caller's hands (is_broken: the thread is roused and begins a new one), or the
 * caller's time is over and something is left (it rouses the thread, unless another waits).
 *
 * Sockets of libzmq may go from thread to thread when a fence lies between: `holder` changes only under the lock, and
 * only from NOBODY to one of the others and back. The thread alone opens and closes them. */
#include "client/appender.h"
#include "client/clock.h"

#define LOOK_US    INT64_C(100000)  /* a socket that was used by nobody for this time is looked at */
#define OF_LATE_US INT64_C(1000000) /* so long the thread stays apart behind the last caller */
#define SLEEP_MS   500

/* The lock is held. */
static bool is_wanted(const struct tocsin_appender *appender)
{
    if (!appender->is_lone || appender->window == 0 || appender->is_closing || appender->error)
        return false;
    bool was_of_late = appender->lent_us > 0 && clock_now_us() - appender->lent_us < OF_LATE_US;
    return appender->waiters > 0 || (was_of_late && appender_is_empty(appender));
}

/* The lock is held. */
static void leave_to_nobody(struct tocsin_appender *appender)
{
    appender->holder = APPENDER_NOBODY;
    appender->is_idle = true;
}

/* Until the thread is roused, or nobody has used the socket for a while; the lock is held. */
static void stay_apart(struct tocsin_appender *appender)
{
    int64_t used_us = clock_now_us();
    bool is_unused = false;
    while (appender->holder == APPENDER_CALLER || !(appender->is_roused || is_unused)) {
        int64_t until_us = clock_now_us() + LOOK_US;
        struct timespec until = {(time_t)(until_us / 1000000), (long)(until_us % 1000000) * 1000};
        pthread_cond_timedwait(&appender->roused, &appender->lock, &until);
        used_us = appender->lent_us > used_us ? appender->lent_us : used_us;
        is_unused = clock_now_us() - used_us >= LOOK_US;
    }
}

bool appender_lend(struct tocsin_appender *appender)
{
    if (!appender->can_lend)
        return false;
    pthread_mutex_lock(&appender->lock);
    bool lends = is_wanted(appender);
    if (lends) {
        appender->is_roused = false;
        leave_to_nobody(appender);
        pthread_cond_broadcast(&appender->changed);
        stay_apart(appender);
        appender->holder = APPENDER_THREAD;
        appender->is_idle = false;
    }
    pthread_mutex_unlock(&appender->lock);
    return lends;
}

static bool can_borrow(const struct tocsin_appender *appender)
{
    return appender->holder == APPENDER_NOBODY && !appender->is_broken && !appender->is_closing;
}

/* The lock is held, and released on return. */
static void hold(struct tocsin_appender *appender)
{
    appender->holder = APPENDER_CALLER;
    appender->is_idle = false;
    appender->is_roused = false; /* the caller does what the thread was roused for */
    pthread_mutex_unlock(&appender->lock);
}

/* The other way round. */
static void let_go(struct tocsin_appender *appender, bool is_good)
{
    pthread_mutex_lock(&appender->lock);
    appender->is_broken = !is_good;
    appender->lent_us = clock_now_us();
    leave_to_nobody(appender);
    if (!is_good)
        appender_wake(appender);
}

void appender_see_to_rest(struct tocsin_appender *appender)
{
    if (appender->holder != APPENDER_NOBODY || appender->is_broken)
        return;
    if (appender->waiters > 0)
        pthread_cond_broadcast(&appender->changed);
    else if (!appender_is_empty(appender))
        appender_wake(appender);
}

static bool is_done(struct tocsin_appender *appender, uint64_t n)
{
    pthread_mutex_lock(&appender->lock);
    bool is_done = n < appender->queue.first_n || appender->error;
    pthread_mutex_unlock(&appender->lock);
    return is_done;
}

/* Does the thread's work until event `n` is settled. False when the session is over. */
static bool work(struct tocsin_appender *appender, uint64_t n, int64_t deadline_us)
{
    while (appender_turn(appender, n)) {
        int64_t now_us = clock_now_us();
        if (is_done(appender, n) || now_us >= deadline_us)
            return true;
        int left_ms = clock_left_ms(deadline_us, now_us);
        appender_sleep(appender, left_ms < 0 || left_ms > SLEEP_MS ? SLEEP_MS : left_ms);
    }
    return false;
}

bool appender_borrow(struct tocsin_appender *appender, uint64_t n, int64_t deadline_us)
{
    if (!can_borrow(appender) || clock_now_us() >= deadline_us)
        return false;
    hold(appender);
    let_go(appender, work(appender, n, deadline_us));
    return true;
}

bool appender_send_lone(struct tocsin_appender *appender)
{
    bool is_alone = appender->queue.first_n + 1 == appender->queue.next_n;
    if (!can_borrow(appender) || !appender->is_lone || !is_alone)
        return false;
    hold(appender);
    let_go(appender, appender_send_puts(appender));
    bool has_more = appender->queue.first_n + 1 < appender->queue.next_n || appender->waiters > 0; /* meanwhile */
    if (has_more)
        appender_see_to_rest(appender);
    return true;
}
