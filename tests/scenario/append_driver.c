/* A program on the library's appender, for scenarios that look at it from outside:
 *
 *     append_driver -e ENDPOINT -p PRODUCER [-f FIRST_N] [-i INDEX] [-c COUNT] [-s SPOOL_DIR] [-b BYTES] [-q BYTES]
 *                   [-w MS] [-l EVENTS] [-a] [-o]
 *
 * It appends COUNT events that say INDEX, INDEX+1 … and waits for all of them, -w at most; -a: each is synced, -o: not
 * before the broker is there, -l: so many at a time, each time until they are settled, and "settled" is not told. What
 * happens goes to stdout, a line each, written before what comes after it:
 * "open LAST_N", "took INDEX N", "settled N SEQ HASH", "error CODE" (of the call that failed; then it ends),
 * "trouble TEXT", "closed CODE UNSETTLED". */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "client/tocsin_append.h"

struct driver {
    struct tocsin_appender_options options;
    uint64_t index;
    uint64_t count;
    int wait_ms;
    uint64_t at_a_time; /* 0: all */
    bool waits_for_broker;
};

/* One write each, so that lines of two threads stay whole and a kill loses none that was told. */
#define TELL(...)                                                                                                      \
    do {                                                                                                               \
        char line_[512];                                                                                               \
        int len_ = snprintf(line_, sizeof line_, __VA_ARGS__);                                                         \
        if (write(STDOUT_FILENO, line_, (size_t)len_) != len_)                                                         \
            exit(2);                                                                                                   \
    } while (0)

static void on_settled(void *context, const struct tocsin_receipt *receipt)
{
    (void)context;
    TELL("settled %" PRIu64 " %" PRIu64 " %s\n", receipt->n, receipt->seq, receipt->hash);
}

static void on_trouble(void *context, const char *text)
{
    (void)context;
    TELL("trouble %s\n", text);
}

static bool read_arguments(struct driver *driver, int argc, char **argv)
{
    int letter;
    while ((letter = getopt(argc, argv, "e:p:f:i:c:s:b:q:w:l:ao")) > 0) {
        if (letter == 'e')
            driver->options.append = optarg;
        else if (letter == 'p')
            driver->options.producer = optarg;
        else if (letter == 'f')
            driver->options.first_n = strtoull(optarg, NULL, 10);
        else if (letter == 'i')
            driver->index = strtoull(optarg, NULL, 10);
        else if (letter == 'c')
            driver->count = strtoull(optarg, NULL, 10);
        else if (letter == 's')
            driver->options.spool_dir = optarg;
        else if (letter == 'b')
            driver->options.spool_bytes = strtoull(optarg, NULL, 10);
        else if (letter == 'q')
            driver->options.queue_bytes = strtoull(optarg, NULL, 10);
        else if (letter == 'w')
            driver->wait_ms = (int)strtol(optarg, NULL, 10);
        else if (letter == 'l' && (driver->at_a_time = strtoull(optarg, NULL, 10)) > 0)
            driver->options.on_settled = NULL;
        else if (letter == 'a')
            driver->options.spool_syncs_each = true;
        else if (letter == 'o')
            driver->waits_for_broker = true;
        else
            return false;
    }
    driver->options.send_timeout_ms = driver->options.close_timeout_ms = driver->wait_ms;
    return driver->options.append && driver->options.producer;
}

static void wait_for_broker(struct tocsin_appender *appender)
{
    struct tocsin_appender_counts counts = {0};
    while (counts.sessions == 0) {
        usleep(1000);
        tocsin_appender_count(appender, &counts);
    }
}

static int append_all(const struct driver *driver, struct tocsin_appender *appender, struct tocsin_event *event)
{
    int error = TOCSIN_OK;
    uint64_t n;
    for (uint64_t index = driver->index; index < driver->index + driver->count && !error; index++) {
        tocsin_event_set(event, TOCSIN_LEVEL_INFO, "TestEvent", "Numbered", "source", "an event of the driver");
        tocsin_event_map_begin(event, 1);
        tocsin_event_key(event, "number");
        tocsin_event_uint(event, index);
        error = tocsin_append(appender, event, &n);
        if (!error)
            TELL("took %" PRIu64 " %" PRIu64 "\n", index, n);
        if (!error && driver->at_a_time > 0 && (index - driver->index + 1) % driver->at_a_time == 0)
            error = tocsin_appender_wait(appender, n, NULL, driver->wait_ms);
    }
    error = error ? error : tocsin_appender_flush(appender, driver->wait_ms);
    return error == TOCSIN_E_TIMEOUT && driver->options.spool_dir ? TOCSIN_OK : error;
}

int main(int argc, char **argv)
{
    struct driver driver = {
        .options = {.on_settled = on_settled, .on_trouble = on_trouble}, .index = 1, .wait_ms = 60000};
    if (!read_arguments(&driver, argc, argv))
        return 2;
    struct tocsin_appender *appender;
    struct tocsin_event *event = tocsin_event_new();
    int error = event ? tocsin_appender_open(&appender, &driver.options) : TOCSIN_E_NOMEM;
    if (!error) {
        TELL("open %" PRIu64 "\n", tocsin_appender_last_n(appender));
        if (driver.waits_for_broker)
            wait_for_broker(appender);
        error = append_all(&driver, appender, event);
    }
    if (error)
        TELL("error %d\n", error);
    uint64_t unsettled;
    int closed = tocsin_appender_close(&appender, &unsettled);
    TELL("closed %d %" PRIu64 "\n", closed, unsettled);
    tocsin_event_free(&event);
    return error || closed ? 1 : 0;
}
