/* What stands between a publisher and a subscriber while they are measured: tocsind, or a forwarder that does nothing
 * but pass frames on. Each is a process of its own on ports of its own. */
#ifndef BENCH_MIDDLE_H
#define BENCH_MIDDLE_H

#include "tests/bench/server.h"

/* Frames that it holds for the subscriber before it drops some. */
#define MIDDLE_HWM_FRAMES 200000

struct middle {
    struct server server;
    char ingest[256];
    char append[256]; /* of tocsind only */
    char live[256];
    char stream[256]; /* of tocsind only */
};

/* Both end the program where they cannot; no thread may run in this process. */
void middle_start_forwarder(struct middle *middle);
void middle_start_broker(struct middle *middle, const char *sync);

/* On a log that is there; the directory is not removed at the end. */
void middle_start_broker_on(struct middle *middle, const char *sync, const char *log_dir);

#endif
