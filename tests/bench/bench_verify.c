/* What tocsin verify costs, and of that the hashes alone.
 *
 *   bench_verify [DIRECTORY [MEGABYTES]]     (default: a new directory under /tmp, 500) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "broker/checkpoints.h"
#include "client/verify.h"
#include "proto/tocsin_base.h"
#include "tests/log_builder.h"

#define LINES_PER_BATCH 10000u
#define SOURCES         10000u
#define ROUNDS          3

struct moment {
    double wall_s;
    double thread_s; /* of this thread's processor time, … */
    double all_s;    /* … and of all threads' */
};

static double clock_s(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static struct moment now(void)
{
    return (struct moment){clock_s(CLOCK_MONOTONIC), clock_s(CLOCK_THREAD_CPUTIME_ID),
                           clock_s(CLOCK_PROCESS_CPUTIME_ID)};
}

static struct moment since(struct moment start)
{
    struct moment end = now();
    return (struct moment){end.wall_s - start.wall_s, end.thread_s - start.thread_s, end.all_s - start.all_s};
}

static void die(const char *what)
{
    fprintf(stderr, "bench_verify: %s\n", what);
    exit(1);
}

static void fill(struct log_file *log, struct checkpoints *checkpoints, uint64_t bytes)
{
    struct log_builder builder;
    char source_id[64];

    log_builder_init(&builder, NULL);
    while (log_file_len(log) < bytes) {
        log_builder_follow(&builder, log_file_tail(log));
        builder.received_us += 100000;
        if (log_file_is_fresh(log))
            log_builder_add_opened(&builder, log_file_origin(log));
        for (unsigned i = 0; i < LINES_PER_BATCH; i++) {
            snprintf(source_id, sizeof source_id, "#default#app/stream-%u",
                     (unsigned)(builder.next_seq * 7919 % SOURCES));
            log_builder_add(&builder, source_id, "A stream of which there is not much to tell has been created");
        }
        if (log_builder_write(&builder, log) != TOCSIN_OK || log_file_sync(log) != TOCSIN_OK ||
            checkpoints_write(checkpoints, 1, false) != TOCSIN_OK)
            die("the log cannot be written");
    }
    log_builder_fini(&builder);
}

static void make(const char *dir, uint64_t bytes)
{
    struct topics *topics = topics_new(100000, 1);
    struct log_options options = {.dir = dir, .topics = topics};
    struct checkpoints *checkpoints = NULL;
    struct log_file *log = NULL;
    struct text message;
    char key_path[4096];

    text_init(&message);
    snprintf(key_path, sizeof key_path, "%s/tocsind.key", dir);
    if (log_file_open(&log, &options, &message) != TOCSIN_OK ||
        checkpoints_open(&checkpoints, NULL, dir, log_file_tail(log), key_path, &message) != TOCSIN_OK)
        die("the log cannot be opened");
    fill(log, checkpoints, bytes);
    checkpoints_close(&checkpoints);
    log_file_close(&log);
    topics_free(&topics);
    text_fini(&message);
}

/* The floor: read the file and hash each line behind the hash before it, and nothing else. */
static struct moment hash_only(const char *dir, uint64_t *len)
{
    char path[4096];
    struct stat stat;
    uint8_t hash[CHAIN_HASH_LEN] = {0};

    snprintf(path, sizeof path, "%s/events.log", dir);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &stat) != 0)
        die("the log cannot be read");
    *len = (uint64_t)stat.st_size;
    char *bytes = malloc(*len);
    struct moment start = now();
    for (size_t at = 0; at < *len;) {
        ssize_t count = read(fd, bytes + at, *len - at);
        if (bytes == NULL || count <= 0)
            die("the log cannot be read");
        at += (size_t)count;
    }
    for (const char *at = bytes, *lf; (lf = memchr(at, '\n', *len - (size_t)(at - bytes))) != NULL; at = lf + 1)
        chain_next(hash, span_of(at, (size_t)(lf - at)));
    struct moment took = since(start);
    free(bytes);
    close(fd);
    return took;
}

int main(int argc, char **argv)
{
    char made[] = "/tmp/tocsin-bench-XXXXXX";
    uint64_t megabytes = argc > 2 ? strtoull(argv[2], NULL, 10) : 500, len;
    const char *dir = argc > 1 ? argv[1] : mkdtemp(made);

    if (dir == NULL || sodium_init() < 0)
        die("no directory");
    make(dir, megabytes * 1000000);
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct verify_report report;
        struct verify_options options = {.dir = dir};
        verify_report_init(&report);
        struct moment floor = hash_only(dir, &len), start = now();
        verify_run(&report, &options, NULL);
        struct moment took = since(start);
        if (report.verdict != VERIFY_INTACT)
            die("the log is not intact");
        double gigabytes = (double)len / 1e9;
        printf("verify %.1f GB, %llu lines, %llu checkpoints: %.2f s/GB (processor: %.2f following the chain, %.2f "
               "taking lines apart); hashes alone %.2f s/GB (processor: %.2f)\n",
               gigabytes, (unsigned long long)report.line_count, (unsigned long long)report.checkpoint_count,
               took.wall_s / gigabytes, took.thread_s / gigabytes, (took.all_s - took.thread_s) / gigabytes,
               floor.wall_s / gigabytes, floor.thread_s / gigabytes);
        verify_report_fini(&report);
    }
    if (argc < 2) {
        static const char *const names[] = {"events.log", "events.log.sig", "tocsind.key", "tocsind.key.pub",
                                            "tocsind.state"};
        int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            unlinkat(fd, names[i], 0);
        close(fd);
        rmdir(dir);
    }
    return 0;
}
