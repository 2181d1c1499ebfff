/* How long a thread was ready and had to wait for a processor, by the scheduler's account (/proc/thread-self/schedstat): on
 * a machine that is too small for all that runs on it that is the time its senders wait in vain. */
#ifndef BROKER_CPU_WAIT_H
#define BROKER_CPU_WAIT_H

#include <stdint.h>

struct cpu_wait {
    int fd; /* negative: the kernel does not say */
    uint64_t told_ns;
};

/* Of the thread that calls; any thread may ask then. cpu_wait_close is due. */
void cpu_wait_open(struct cpu_wait *wait);
void cpu_wait_close(struct cpu_wait *wait);

/* Microseconds since the last call, or since it was opened; 0 where the kernel does not say. */
uint64_t cpu_wait_take_us(struct cpu_wait *wait);

#endif
