/* The monotonic clock and deadlines, in microseconds. */
#ifndef CLIENT_CLOCK_H
#define CLIENT_CLOCK_H

#include <stdint.h>
#include <time.h>

/* A deadline that never comes. */
#define CLOCK_NEVER INT64_MAX

/* Microseconds since some fixed moment; never goes back. */
static inline int64_t clock_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Microseconds since 1970 UTC, by the clock on the wall, which may be set. */
static inline uint64_t clock_wall_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* The moment `timeout_ms` from `now_us`; negative: never. */
static inline int64_t clock_deadline_us(int64_t now_us, int timeout_ms)
{
    return timeout_ms < 0 ? CLOCK_NEVER : now_us + (int64_t)timeout_ms * 1000;
}

/* Milliseconds to wait until a deadline, rounded up, for poll: -1 for never. */
static inline int clock_left_ms(int64_t deadline_us, int64_t now_us)
{
    if (deadline_us == CLOCK_NEVER)
        return -1;
    int64_t left_ms = (deadline_us - now_us + 999) / 1000;
    return left_ms < 0 ? 0 : left_ms > INT32_MAX ? INT32_MAX : (int)left_ms;
}

#endif
