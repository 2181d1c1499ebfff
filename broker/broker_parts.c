/* The parts of a broker, in the order in which they need each other. */
#include <stdlib.h>
#include <unistd.h>
#include <zmq.h>

#include "broker/broker_inner.h"
#include "broker/log.h"

/* Frames that wait to be published; the journal waits when the front is so far behind. */
#define SETTLED_BYTES_MIN (16 * 1024 * 1024)

#define PRUNED_BYTES 4096

enum exit_code broker_no_memory(struct text *message)
{
    text_put_str(message, "out of memory, or of file descriptors");
    return EXIT_CODE_FAILED;
}

/* Before the ports: started twice with the same settings, the second broker is told of the first, not of its port. */
static enum exit_code look_for_other_broker(struct broker *broker, struct text *message)
{
    return log_file_is_taken(broker->settings->log_dir, message) ? EXIT_CODE_IN_USE : EXIT_CODE_OK;
}

static enum exit_code start_http(struct broker *broker, struct text *message)
{
    const struct settings_address *address = &broker->settings->http;
    if (!address->host)
        return EXIT_CODE_OK;
    char error[256];
    broker->http = http_start(address->host, address->port, &broker->stats, &broker->health, error, sizeof error);
    if (broker->http)
        return EXIT_CODE_OK;
    text_put_str(message, error);
    return EXIT_CODE_UNAVAILABLE;
}

static enum exit_code open_log(struct broker *broker, struct text *message)
{
    broker->topics = topics_new((size_t)broker->settings->max_topics, broker->seed);
    broker->producers = producers_new((size_t)broker->settings->max_producers, broker->seed);
    if (!broker->topics || !broker->producers)
        return broker_no_memory(message);
    struct log_options options = {
        .dir = broker->settings->log_dir,
        .zone = broker->settings->log_zone == SETTINGS_ZONE_LOCAL ? LOG_ZONE_LOCAL : LOG_ZONE_UTC,
        .salvage = broker->settings->salvage,
        .is_relaxed = broker->settings->sync.mode != SETTINGS_SYNC_BATCH,
        .cache_bytes = broker->settings->log_cache_bytes,
        .topics = broker->topics,
        .producers = broker->producers,
    };
    int result = log_file_open(&broker->log, &options, message);
    if (result == TOCSIN_OK)
        result = checkpoints_open(&broker->checkpoints, NULL, options.dir, log_file_tail(broker->log),
                                  broker->settings->log_key, message);
    return result == TOCSIN_OK ? EXIT_CODE_OK : exit_code_of_log(result);
}

/* ZMQ_ZERO_COPY_RECV, by its number: Debian's header hides it, its library has it. What is encrypted is copied anyway, and
 * without it a connection takes 4 KiB less. */
#define ZERO_COPY_RECV 10

static enum exit_code open_entry(struct broker *broker, struct text *message)
{
    broker->zmq = zmq_ctx_new();
    if (broker->zmq && broker->settings->curve_key)
        zmq_ctx_set(broker->zmq, ZERO_COPY_RECV, 0); /* a libzmq that does not know it only takes more memory */
    return broker->zmq ? entry_open(&broker->entry, broker->settings, broker->zmq, &broker->stats, message)
                       : broker_no_memory(message);
}

static size_t larger(uint64_t a, uint64_t b)
{
    return (size_t)(a > b ? a : b);
}

/* A message may take half of a ring. */
static enum exit_code make_rings(struct broker *broker, struct text *message)
{
    uint64_t event_room = 4 * (broker->settings->max_event_bytes + 65536);
    broker->admitted = ring_new(larger(broker->settings->ring_bytes, event_room));
    broker->settled = ring_new(larger(SETTLED_BYTES_MIN, event_room));
    broker->pruned.ring = ring_new(PRUNED_BYTES);
    if (broker->entry.stream.socket)
        broker->feed.ring = ring_new(larger(SETTLED_BYTES_MIN, event_room));
    atomic_store(&broker->feed.wants_frames, true);
    if (!broker->admitted || !broker->settled || !broker->pruned.ring ||
        (broker->entry.stream.socket && !broker->feed.ring))
        return broker_no_memory(message);
    stats_set(&broker->stats.ring_bytes_capacity, ring_capacity(broker->admitted));
    return EXIT_CODE_OK;
}

static enum exit_code make_threads(struct broker *broker, struct text *message)
{
    const struct settings *settings = broker->settings;
    if (!taken_init(&broker->taken))
        return broker_no_memory(message);
    struct journal_options journal = {
        .name = settings->name,
        .version = TOCSIN_VERSION,
        .log_dir = settings->log_dir,
        .sync = settings->sync,
        .log = broker->log,
        .checkpoints = broker->checkpoints,
        .topics = broker->topics,
        .producers = broker->producers,
        .admitted = broker->admitted,
        .settled = broker->settled,
        .pruned = &broker->pruned,
        .feed = broker->feed.ring ? &broker->feed : NULL,
        .stats = &broker->stats,
        .health = &broker->health,
        .failure_fd = broker->failure_fd,
    };
    struct front_options front = {
        .name = settings->name,
        .log_id = log_file_tail(broker->log)->log_id,
        .head_seq = log_file_tail(broker->log)->seq,
        .max_event_bytes = settings->max_event_bytes,
        .seed = broker->seed,
        .append_window = settings->append_window,
        .max_producers = settings->max_producers,
        .shares = {.after_us = settings->flood_after_ms * 1000,
                   .percent = (unsigned)settings->flood_share,
                   .bar_us = settings->flood_bar_s == SETTINGS_NEVER ? 0 : settings->flood_bar_s * 1000000},
        .producers = broker->producers,
        .ingest = &broker->entry.ingest,
        .append = &broker->entry.append,
        .live = &broker->entry.live,
        .realms = broker->entry.realms,
        .realm_count = settings->realms.count,
        .gate = broker->entry.security.gate,
        .denials = &broker->entry.security.denials,
        .taken = &broker->taken,
        .admitted = broker->admitted,
        .settled = broker->settled,
        .stats = &broker->stats,
        .health = &broker->health,
    };
    broker->journal = journal_new(&journal);
    broker->front = front_new(&front);
    return broker->journal && broker->front ? EXIT_CODE_OK : broker_no_memory(message);
}

/* Before the journal goes on: the topics are as the log was found. */
static enum exit_code make_stream(struct broker *broker, struct text *message)
{
    const struct settings *settings = broker->settings;
    if (!broker->entry.stream.socket)
        return EXIT_CODE_OK;
    struct stream_options stream = {
        .version = TOCSIN_VERSION,
        .log_id = log_file_tail(broker->log)->log_id,
        .log_dir = settings->log_dir,
        .door = &broker->entry.stream,
        .gate = broker->entry.security.gate,
        .denials = &broker->entry.security.denials,
        .taken = &broker->taken,
        .reload = &broker->reload,
        .feed = &broker->feed,
        .topics = broker->topics,
        .max_topics = (size_t)settings->max_topics,
        .head_seq = log_file_tail(broker->log)->seq,
        .tail_bytes = (size_t)settings->tail_bytes,
        .must_not_wait = settings->sync.mode == SETTINGS_SYNC_NONE,
        .seed = broker->seed,
        .stats = &broker->stats,
    };
    broker->stream = stream_new(&stream, message);
    return broker->stream ? EXIT_CODE_OK : EXIT_CODE_FAILED;
}

static enum exit_code make_retention(struct broker *broker, struct text *message)
{
    const struct settings *settings = broker->settings;
    struct retention_options retention = {
        .log_dir = settings->log_dir,
        .log_id = log_file_tail(broker->log)->log_id,
        .limits = {.pack_after_s = settings->compress_after,
                   .age_s = settings->retain_age,
                   .bytes = settings->retain_bytes,
                   .free_bytes = settings->retain_free.bytes,
                   .free_percent = settings->retain_free.percent},
        .level = (int)settings->compress_level,
        .pruned = &broker->pruned,
        .stats = &broker->stats,
    };
    broker->retention = retention_new(&retention);
    return broker->retention ? EXIT_CODE_OK : broker_no_memory(message);
}

static enum exit_code start_watchdog(struct broker *broker, struct text *message)
{
    const struct settings *settings = broker->settings;
    const struct entry *entry = &broker->entry;
    struct watchdog_options options = {
        .limit_bytes = settings->max_memory + settings->ring_bytes + settings->tail_bytes,
        .doors = {&entry->ingest, &entry->append, &entry->live, &entry->stream},
        .taken = &broker->taken,
        .denials = &broker->entry.security.denials,
        .stats = &broker->stats,
    };
    for (size_t i = 0; i < DOOR_REALMS_MAX; i++)
        options.doors[4 + i] = &entry->realms[i];
    broker->watchdog = watchdog_start(&options);
    return broker->watchdog ? EXIT_CODE_OK : broker_no_memory(message);
}

static enum exit_code start_capacity(struct broker *broker, struct text *message)
{
    struct entry *entry = &broker->entry;
    struct capacity_options options = {
        .doors = {&entry->ingest, &entry->append, &entry->live, &entry->stream},
        .max_connections = (size_t)broker->settings->max_connections,
        .gate = entry->security.gate,
        .arrivals = &entry->security.arrivals,
        .denials = &entry->security.denials,
        .stats = &broker->stats,
    };
    for (size_t i = 0; i < DOOR_REALMS_MAX; i++)
        options.doors[4 + i] = &entry->realms[i];
    broker->capacity = capacity_start(&options);
    return broker->capacity ? EXIT_CODE_OK : broker_no_memory(message);
}

static enum exit_code start_threads(struct broker *broker, struct text *message)
{
    int result = journal_start(broker->journal);
    if (result == TOCSIN_E_NOMEM)
        return broker_no_memory(message);
    if (result != TOCSIN_OK) {
        text_printf(message, "%s in %s. %s", log_file_trouble(broker->log), broker->settings->log_dir,
                    exit_code_advice(result));
        return exit_code_of_log(result);
    }
    if (front_start(broker->front) == TOCSIN_OK && (!broker->stream || stream_start(broker->stream) == TOCSIN_OK) &&
        retention_start(broker->retention) == TOCSIN_OK)
        return EXIT_CODE_OK;
    /* the journal runs and would wait for ever for a front: there is no clean way back from here */
    log_error("no thread can be started; ending at once");
    _exit(EXIT_CODE_FAILED);
}

enum exit_code broker_open_parts(struct broker *broker, struct text *message)
{
    static enum exit_code (*const steps[])(struct broker *, struct text *) = {
        look_for_other_broker, start_http,     open_log,       open_entry,     make_rings,    make_threads,
        make_stream,           make_retention, start_watchdog, start_capacity, start_threads,
    };
    enum exit_code code = EXIT_CODE_OK;
    for (size_t i = 0; i < sizeof steps / sizeof *steps && code == EXIT_CODE_OK; i++)
        code = steps[i](broker, message);
    return code;
}
