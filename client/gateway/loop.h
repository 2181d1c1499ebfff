/* One thread that waits for file descriptors and for times (epoll). */
#ifndef CLIENT_GATEWAY_LOOP_H
#define CLIENT_GATEWAY_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

#define LOOP_BATCH 64

/* A file descriptor that is waited for; a part of the struct that it belongs to. */
struct loop_watch {
    int fd;
    void (*ready)(struct loop_watch *watch, uint32_t events); /* EPOLLIN … */
};

/* Something to do every so often. */
struct loop_timer {
    int64_t every_us;
    void (*ring)(struct loop_timer *timer, int64_t now_us);
    int64_t due_us;
    struct loop_timer *next;
};

struct loop {
    int fd;
    struct epoll_event batch[LOOP_BATCH];
    int batch_count;
    int batch_at;
    struct loop_timer *timers;
};

/* False when the system has no more file descriptors, with errno. */
bool loop_init(struct loop *loop);
void loop_fini(struct loop *loop);

/* Waits for `events` from now on; the watch stays where it is until it is removed. False with errno. */
bool loop_add(struct loop *loop, struct loop_watch *watch, uint32_t events);
void loop_change(struct loop *loop, struct loop_watch *watch, uint32_t events);

/* Forgets a watch, also while others are served; its fd is the caller's to close. */
void loop_remove(struct loop *loop, struct loop_watch *watch);

/* The timer rings first after every_us; it stays where it is as long as the loop. */
void loop_every(struct loop *loop, struct loop_timer *timer);

/* Waits until something is ready, a timer is due, timeout_ms have passed or a signal came, and serves it. */
void loop_once(struct loop *loop, int timeout_ms);

#endif
