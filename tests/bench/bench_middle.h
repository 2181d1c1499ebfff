/* What stands between a publisher and a subscriber while they are measured: tocsind, or a forwarder that does nothing
 * but pass frames on. Each is a process of its own on ports of its own. */
#ifndef BENCH_MIDDLE_H
#define BENCH_MIDDLE_H

#include <stdbool.h>
#include <sys/types.h>

/* Frames that it holds for the subscriber before it drops some. */
#define MIDDLE_HWM_FRAMES 200000

struct middle {
    pid_t pid;
    char ingest[256];
    char live[256];
    char dir[64]; /* "": none */
};

/* Both end the program where they cannot; no thread may run in this process. */
void middle_start_forwarder(struct middle *middle);
void middle_start_broker(struct middle *middle, const char *sync);

/* Stops it with SIGTERM and removes its directory; tells the processor time that it took in all its life. False when
 * it had ended before, or ended badly. */
bool middle_stop(struct middle *middle, double *cpu_s);

#endif
