#include "client/pub_options.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "client/appender.h"
#include "client/arg.h"
#include "client/complain.h"
#include "client/time_arg.h"
#include "proto/text.h"

static int fail(const char *what, const char *why)
{
    complain("%s: %s", what, why);
    return EXIT_CODE_FAILED;
}

/* Splits CATEGORY/SOURCE. */
static int read_topic(struct pub_options *settings, const struct options *options)
{
    const char *topic = options_get(options, OPTION_TOPIC_OF_EVENT);
    settings->category = options_get(options, OPTION_CATEGORY);
    settings->source_id = options_get(options, OPTION_SOURCE);
    if (!topic)
        return EXIT_CODE_OK;
    settings->topic = strdup(topic);
    if (!settings->topic)
        return fail("--topic", "out of memory");
    char *slash = strchr(settings->topic, '/');
    if (!slash || settings->category || settings->source_id) {
        complain("--topic: \"%s\": it is CATEGORY/SOURCE, and goes without --category and --source", topic);
        return EXIT_CODE_USAGE;
    }
    *slash = '\0';
    settings->category = settings->topic;
    settings->source_id = slash + 1;
    return EXIT_CODE_OK;
}

/* Reads a whole file, TOCSIN_EVENT_BYTES_MAX at most, without NUL bytes. */
static int read_file(const char *path, char **content)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail(path, strerror(errno));
    char *bytes = malloc(TOCSIN_EVENT_BYTES_MAX + 1);
    size_t len = 0;
    ssize_t got = bytes ? 1 : 0;
    while (got > 0 && len < TOCSIN_EVENT_BYTES_MAX) {
        got = read(fd, bytes + len, TOCSIN_EVENT_BYTES_MAX - len);
        len += got > 0 ? (size_t)got : 0;
    }
    int error = errno;
    close(fd);
    *content = bytes;
    if (!bytes)
        return fail(path, "out of memory");
    bytes[len] = '\0';
    if (got < 0)
        return fail(path, strerror(error));
    if (len < TOCSIN_EVENT_BYTES_MAX && strlen(bytes) == len)
        return EXIT_CODE_OK;
    return fail(path, len < TOCSIN_EVENT_BYTES_MAX ? "holds a NUL byte" : "is longer than an event may be");
}

static int read_snapshot(struct pub_options *settings, const struct options *options)
{
    const char *snapshot = options_get(options, OPTION_SNAPSHOT);
    if (!snapshot)
        return EXIT_CODE_OK;
    if (*snapshot == '@')
        return read_file(snapshot + 1, &settings->snapshot);
    settings->snapshot = strdup(snapshot);
    return settings->snapshot ? EXIT_CODE_OK : fail("--snapshot", "out of memory");
}

static int read_time(struct pub_options *settings, const struct options *options)
{
    const char *text = options_get(options, OPTION_TIME);
    struct timespec now;
    int64_t time_us;
    if (!text)
        return EXIT_CODE_OK;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t now_us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
    if (!time_arg_read(text, now_us, options_has(options, OPTION_TIME_UTC), &time_us) || time_us == 0) {
        complain("--time: \"%s\" is no time: allowed are now, -15m, 2026-11-21 09:30:00, RFC 3339, @SECONDS ...", text);
        return EXIT_CODE_USAGE;
    }
    settings->time_us = (uint64_t)time_us;
    return EXIT_CODE_OK;
}

static int read_event(struct pub_options *settings, const struct options *options)
{
    settings->type = options_get(options, OPTION_TYPE_OF_EVENT);
    settings->cause = options_get(options, OPTION_CAUSE);
    settings->summary = options_has(options, OPTION_SUMMARY) ? options_get(options, OPTION_SUMMARY) : "";
    settings->level = TOCSIN_LEVEL_INFO;
    settings->count = 1;
    if (!arg_level(options, OPTION_LEVEL, &settings->level) || !arg_count(options, OPTION_REPEAT, &settings->count))
        return EXIT_CODE_USAGE;
    int code = read_topic(settings, options);
    if (!code)
        code = read_snapshot(settings, options);
    return code ? code : read_time(settings, options);
}

static int read_files(struct pub_options *settings, const struct options *options)
{
    settings->files = calloc(options->value_count + options->operand_count + 1, sizeof *settings->files);
    if (!settings->files)
        return fail("--file", "out of memory");
    for (size_t i = 0; i < options->value_count; i++) {
        if (options->values[i].id == OPTION_FILE)
            settings->files[settings->file_count++] = options->values[i].value;
    }
    for (size_t i = 0; i < options->operand_count; i++)
        settings->files[settings->file_count++] = options->operands[i];
    return EXIT_CODE_OK;
}

/* What belongs to an event of its own does not go with files. */
static int check_combination(const struct pub_options *settings, const struct options *options)
{
    static const enum option_id of_event[] = {
        OPTION_TOPIC_OF_EVENT, OPTION_CATEGORY, OPTION_SOURCE,   OPTION_TYPE_OF_EVENT, OPTION_LEVEL,
        OPTION_SUMMARY,        OPTION_CAUSE,    OPTION_SNAPSHOT, OPTION_TIME,          OPTION_REPEAT};
    for (size_t i = 0; settings->file_count > 0 && i < sizeof of_event / sizeof *of_event; i++) {
        if (options_has(options, of_event[i])) {
            complain("--%s goes without files: their events are sent as they are", option_table[of_event[i]].name);
            return EXIT_CODE_USAGE;
        }
    }
    if (settings->file_count > 0 || (settings->category && settings->source_id && settings->type))
        return EXIT_CODE_OK;
    complain("an event needs -t CATEGORY/SOURCE (or -c and -i) and -y TYPE; or give files, - for standard input "
             "(tocsin help pub)");
    return EXIT_CODE_USAGE;
}

/* Acknowledged, unless it was said otherwise or only where ingest is. */
static bool read_door(struct pub_options *settings, const struct options *options)
{
    unsigned ack = PUB_ACK_DURABLE;
    bool only_ingest = where_is_given(options, ENDPOINT_INGEST) && !where_is_given(options, ENDPOINT_APPEND);
    if (!options_has(options, OPTION_ACK))
        ack = only_ingest ? PUB_ACK_NONE : PUB_ACK_DURABLE;
    else if (!arg_choice(options, OPTION_ACK, &ack))
        return false;
    settings->is_acknowledged = ack == PUB_ACK_DURABLE;
    settings->producer = options_get(options, OPTION_PRODUCER);
    if (settings->producer && !appender_is_producer(settings->producer)) {
        complain("--producer: \"%s\" is no producer's name: allowed are letters, digits, '_', '.' and '-', 64 at most",
                 settings->producer);
        return false;
    }
    settings->spool_dir = options_get(options, OPTION_SPOOL);
    if (settings->spool_dir && (!settings->producer || !settings->is_acknowledged)) {
        complain("--spool: goes with --producer NAME, the same in each run, and without --ack none");
        return false;
    }
    return where_find(options, settings->is_acknowledged ? ENDPOINT_APPEND : ENDPOINT_INGEST, &settings->where);
}

int pub_options_read(struct pub_options *settings, const struct options *options)
{
    unsigned format = PUB_AUTO;
    *settings = (struct pub_options){.count = 1};
    if (!read_door(settings, options) || !arg_choice(options, OPTION_INPUT_FORMAT, &format) ||
        !arg_rate(options, OPTION_RATE, &settings->events_per_second))
        return EXIT_CODE_USAGE;
    settings->format = (enum pub_format)format;
    settings->keeps_going = options_has(options, OPTION_KEEP_GOING);
    settings->is_quiet = options_has(options, OPTION_QUIET);
    settings->is_verbose = options_has(options, OPTION_VERBOSE);
    settings->publisher = (struct tocsin_publisher_options){
        .ingest = settings->where.endpoint,
        .connect_timeout_ms = settings->where.timeout_ms,
        .send_timeout_ms = settings->where.timeout_ms,
        .close_timeout_ms = settings->where.timeout_ms,
        .collects_nothing = options_has(options, OPTION_NO_COLLECT),
        .curve = where_curve(&settings->where),
    };
    int code = read_files(settings, options);
    if (!code)
        code = read_event(settings, options);
    return code ? code : check_combination(settings, options);
}

void pub_options_fini(struct pub_options *settings)
{
    free(settings->topic);
    free(settings->snapshot);
    free(settings->files);
}
