#include "client/gateway/loop.h"

#include <stddef.h>
#include <unistd.h>

#include "client/clock.h"

bool loop_init(struct loop *loop)
{
    *loop = (struct loop){.fd = epoll_create1(EPOLL_CLOEXEC)};
    return loop->fd >= 0;
}

void loop_fini(struct loop *loop)
{
    if (loop->fd >= 0)
        close(loop->fd);
    loop->fd = -1;
}

static bool control(struct loop *loop, int what, struct loop_watch *watch, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = watch};
    return epoll_ctl(loop->fd, what, watch->fd, &event) == 0;
}

bool loop_add(struct loop *loop, struct loop_watch *watch, uint32_t events)
{
    return control(loop, EPOLL_CTL_ADD, watch, events);
}

void loop_change(struct loop *loop, struct loop_watch *watch, uint32_t events)
{
    control(loop, EPOLL_CTL_MOD, watch, events);
}

void loop_remove(struct loop *loop, struct loop_watch *watch)
{
    control(loop, EPOLL_CTL_DEL, watch, 0);
    for (int i = loop->batch_at; i < loop->batch_count; i++) {
        if (loop->batch[i].data.ptr == watch)
            loop->batch[i].data.ptr = NULL;
    }
}

void loop_every(struct loop *loop, struct loop_timer *timer)
{
    timer->due_us = clock_now_us() + timer->every_us;
    timer->next = loop->timers;
    loop->timers = timer;
}

/* Rings what is due; returns when the next one is. */
static int64_t ring_timers(struct loop *loop, int64_t now_us)
{
    int64_t next_us = CLOCK_NEVER;
    for (struct loop_timer *timer = loop->timers; timer; timer = timer->next) {
        if (timer->due_us <= now_us) {
            timer->due_us = now_us + timer->every_us;
            timer->ring(timer, now_us);
        }
        if (timer->due_us < next_us)
            next_us = timer->due_us;
    }
    return next_us;
}

void loop_once(struct loop *loop, int timeout_ms)
{
    int64_t now_us = clock_now_us();
    int64_t due_us = ring_timers(loop, now_us);
    int64_t end_us = clock_deadline_us(now_us, timeout_ms);
    int wait_ms = clock_left_ms(due_us < end_us ? due_us : end_us, now_us);
    int count = epoll_wait(loop->fd, loop->batch, LOOP_BATCH, wait_ms);
    loop->batch_count = count > 0 ? count : 0;
    for (loop->batch_at = 0; loop->batch_at < loop->batch_count;) {
        struct epoll_event event = loop->batch[loop->batch_at++];
        struct loop_watch *watch = event.data.ptr;
        if (watch)
            watch->ready(watch, event.events);
    }
    loop->batch_count = 0;
}
