/* What the log's storage costs: opening a large log with its state and without, a topic's last seq.
 *
 *   bench_log [DIRECTORY [MEGABYTES]]     (default: a new directory under /tmp, 1000) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "proto/tocsin_base.h"
#include "tests/log_builder.h"

#define LINES_PER_BATCH 10000u
#define SOURCES         10000u
#define ADVANCES        20000000u

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static struct log_file *open_log(const char *dir, struct topics *topics, const char *what)
{
    struct log_options options = {.dir = dir, .topics = topics};
    struct log_file *log;
    struct text message;

    text_init(&message);
    double start = now_s();
    int result = log_file_open(&log, &options, &message);
    double took = now_s() - start;
    if (result != TOCSIN_OK) {
        fprintf(stderr, "%.*s\n", (int)message.len, message.data);
        exit(1);
    }
    text_fini(&message);
    const struct log_opening *opening = log_file_opening(log);
    printf("open %-24s %7.3f s   %6.0f MB verified   %zu topics   %s\n", what, took,
           (double)opening->verified_bytes / 1e6, topics_count(topics),
           opening->state_note == NULL ? "with the state" : opening->state_note);
    return log;
}

static void fill(struct log_file *log, struct topics *topics, uint64_t bytes)
{
    struct log_builder builder;
    char source_id[64];

    log_builder_init(&builder, topics);
    double spent_s = 0;
    while (log_file_len(log) < bytes) {
        log_builder_follow(&builder, log_file_tail(log));
        if (log_file_is_fresh(log))
            log_builder_add_opened(&builder, log_file_origin(log));
        for (unsigned i = 0; i < LINES_PER_BATCH; i++) {
            snprintf(source_id, sizeof source_id, "#default#app/stream-%u",
                     (unsigned)(builder.next_seq * 7919 % SOURCES));
            log_builder_add(&builder, source_id, "A stream of which there is not much to tell has been created");
        }
        double start = now_s();
        if (log_builder_write(&builder, log) != TOCSIN_OK || log_file_sync(log) != TOCSIN_OK) {
            fprintf(stderr, "%s\n", log_file_trouble(log));
            exit(1);
        }
        spent_s += now_s() - start;
    }
    printf("write and sync %.0f MB      %7.3f s   %.0f MB/s   batches of %u lines\n", (double)bytes / 1e6, spent_s,
           (double)bytes / 1e6 / spent_s, LINES_PER_BATCH);
    log_builder_fini(&builder);
}

static void measure_topics(void)
{
    static char names[SOURCES][40];
    static size_t lens[SOURCES];
    struct topics *topics = topics_new(1000000, 5);
    uint64_t sum = 0;

    for (unsigned i = 0; i < SOURCES; i++)
        lens[i] = (size_t)snprintf(names[i], sizeof names[i], "StreamEvent/#default#app/stream-%u", i);
    for (unsigned round = 0; round < 2; round++) {
        double start = now_s();
        for (unsigned i = 1; i <= ADVANCES; i++) {
            unsigned number = i * 7919u % SOURCES;
            sum += topics_advance(topics, span_of(names[number], lens[number]), i);
        }
        if (round > 0)
            printf("topics_advance            %7.1f ns  at %u topics (%llu)\n", (now_s() - start) / ADVANCES * 1e9,
                   SOURCES, (unsigned long long)sum);
    }
    topics_free(&topics);
}

int main(int argc, char **argv)
{
    char made[] = "/tmp/tocsin-bench-XXXXXX";
    char path[512];
    const char *dir = argc > 1 ? argv[1] : mkdtemp(made);
    uint64_t bytes = (argc > 2 ? strtoull(argv[2], NULL, 10) : 1000) * 1000000;
    struct topics *topics = topics_new(1000000, 42);

    if (dir == NULL || topics == NULL)
        return 1;
    measure_topics();
    struct log_file *log = open_log(dir, topics, "an empty directory");
    fill(log, topics, bytes);
    log_file_close(&log);
    log = open_log(dir, topics, "after a stop");
    log_file_close(&log);
    snprintf(path, sizeof path, "%s/tocsind.state", dir);
    unlink(path);
    log = open_log(dir, topics, "without the state");
    log_file_close(&log);
    topics_free(&topics);
    if (argc > 1)
        return 0;
    snprintf(path, sizeof path, "%s/events.log", dir);
    unlink(path);
    snprintf(path, sizeof path, "%s/tocsind.state", dir);
    unlink(path);
    return rmdir(dir);
}
