/* A turn: take what the journal has fed, take what clients have said, go on with the sessions one after the other for
 * some milliseconds, and sleep only when there was nothing to do. The journal's ring is emptied every turn, whatever
 * sessions want: a slow client costs others nothing.
 *
 * What can fail: the ring from the journal was full (frames are missing in memory: those who need them read the files),
 * a client does not read (its session pauses) or is gone (it is forgotten), the log cannot be read (the session is told
 * so and ends). */
#include "broker/stream.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "broker/clock.h"
#include "broker/settled.h"
#include "broker/stream_internal.h"
#include "proto/error.h"

/* Notes of the events that wait for the disk: of as many as come in half a second. What finds no room is read
 * from the files again. */
#define NOTES_BYTES (16u << 20)
#define SERVE_US    5000    /* sessions of a turn */
#define LAST_US     1000000 /* for the last records, at the stop */
#define BAD_LINE_US 1000000 /* between two messages on stderr */

struct stream *stream_new(const struct stream_options *options, struct text *message)
{
    struct log_reader_options reader = {.dir = options->log_dir, .log_id = options->log_id};
    struct stream *stream = calloc(1, sizeof *stream);
    struct span topic;
    uint64_t seq;
    int error;
    if (!stream) {
        text_put_str(message, "out of memory");
        return NULL;
    }
    stream->options = *options;
    stream->topics_cursor.next_seq = options->head_seq + 1;
    stream->bad_line_limit.interval_us = BAD_LINE_US;
    guard_init(&stream->guard, options->gate, options->denials);
    text_init(&stream->out);
    text_init(&stream->records);
    text_init(&stream->scratch);
    zmq_msg_init(&stream->route);
    zmq_msg_init(&stream->message);
    stream->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    stream->reader = log_reader_new(&reader, &error);
    stream->tail = stream_tail_new(options->tail_bytes);
    stream->notes = stream_tail_new(NOTES_BYTES);
    stream->aged_us = clock_monotonic_us();
    stream->table = stream_table_new(options->seed);
    stream->topics = topics_new(options->max_topics, options->seed);
    stream->query = stream_query_new();
    if (stream->stop_fd < 0 || !stream->reader || !stream->tail || !stream->notes || !stream->table ||
        !stream->topics || !stream->query) {
        text_printf(message, "cannot serve %s as a stream: %s", options->log_dir,
                    stream->reader ? "out of memory, or of file descriptors" : strerror(-error));
        stream_free(&stream);
        return NULL;
    }
    for (size_t at = 0; topics_next(options->topics, &at, &topic, &seq);)
        topics_advance(stream->topics, topic, seq);
    return stream;
}

void stream_free(struct stream **self)
{
    struct stream *stream = *self;
    if (!stream)
        return;
    if (stream->stop_fd >= 0)
        close(stream->stop_fd);
    guard_fini(&stream->guard);
    stream_query_free(&stream->query);
    stream_table_free(&stream->table);
    stream_tail_free(&stream->tail);
    stream_tail_free(&stream->notes);
    topics_free(&stream->topics);
    log_reader_free(&stream->reader);
    text_fini(&stream->out);
    text_fini(&stream->records);
    text_fini(&stream->scratch);
    zmq_msg_close(&stream->route);
    zmq_msg_close(&stream->message);
    free(stream);
    *self = NULL;
}

static uint64_t limit_now(const struct stream *stream)
{
    const struct stats *stats = stream->options.stats;
    return stats_get(stream->options.must_not_wait ? &stats->head_seq : &stats->durable_seq);
}

/* All that the journal has put into the ring; what it has left out shows as a gap. */
static void take_feed(struct stream *stream)
{
    struct feed *feed = stream->options.feed;
    const struct settled *settled;
    size_t len;
    bool is_any = false;
    stream->limit_seq = limit_now(stream);
    stream->offered_upto = atomic_load_explicit(&feed->offered_upto, memory_order_acquire);
    while ((settled = ring_next(feed->ring, &len))) {
        struct span frame = span_of(settled + 1, len - sizeof *settled);
        if (settled->kind == SETTLED_NOTE) {
            stream_take_note(stream, frame, settled->last_seq, settled->event_count);
        } else {
            stream_tail_add(stream->tail, frame, settled->last_seq, settled->event_count);
            stream->unasked_len += frame.len;
        }
        is_any = true;
    }
    if (is_any)
        ring_release(feed->ring);
}

/* Goes on with sessions, each a slice at a time, from where the last turn stopped. True when some want more at once. */
static bool serve(struct stream *stream)
{
    size_t slots = stream_table_slots(stream->table);
    bool wants_more = false;
    for (size_t i = 0; i < slots; i++) {
        if (stream->next_slot >= slots)
            stream->next_slot = 0;
        struct stream_entry *entry = stream_table_at(stream->table, stream->next_slot++);
        if (!entry || !stream_serve(stream, entry))
            continue;
        wants_more = true;
        if (clock_monotonic_us() - stream->now_us > SERVE_US)
            break;
    }
    return wants_more;
}

/* Milliseconds until something is due: a tick, or the end of a pause. */
static long pause_ms(const struct stream *stream)
{
    uint64_t due_us = stream->next_tick_us, topics_us = stream_topics_due_us(stream);
    if (topics_us > 0 && topics_us < due_us)
        due_us = topics_us;
    if (stream->guard.next_kick_us > 0 && stream->guard.next_kick_us < due_us)
        due_us = stream->guard.next_kick_us;
    for (size_t slot = 0; slot < stream_table_slots(stream->table); slot++) {
        const struct stream_entry *entry = stream_table_at(stream->table, slot);
        if (entry && entry->session.retry_us > stream->now_us && entry->session.retry_us < due_us)
            due_us = entry->session.retry_us;
    }
    return due_us > stream->now_us ? (long)((due_us - stream->now_us) / 1000) + 1 : 0;
}

static void wait_for_work(struct stream *stream)
{
    struct ring *ring = stream->options.feed->ring;
    if (!ring_arm(ring))
        return;
    zmq_pollitem_t items[] = {
        {.fd = ring_fd(ring), .events = ZMQ_POLLIN},
        {.fd = stream->stop_fd, .events = ZMQ_POLLIN},
        {.socket = stream->options.door->socket, .events = ZMQ_POLLIN},
    };
    /* what became durable before the ring was armed wakes nobody */
    if (limit_now(stream) == stream->limit_seq)
        zmq_poll(items, 3, pause_ms(stream));
    uint64_t woken;
    ssize_t got = items[1].revents != 0 ? read(stream->stop_fd, &woken, sizeof woken) : 0;
    (void)got;
    ring_disarm(ring);
}

/* Frames are copied twice on their way into memory. When that has been filled and nobody has asked, notes will do until
 * someone does; whoever comes then reads the files first. */
static void want_frames(struct stream *stream)
{
    bool has_session = stream_table_count(stream->table) > 0;
    if (has_session)
        stream->unasked_len = 0;
    atomic_store(&stream->options.feed->is_awaited, has_session || stream_query_is_asked(stream));
    atomic_store_explicit(&stream->options.feed->wants_frames, stream->unasked_len <= stream->options.tail_bytes,
                          memory_order_relaxed);
}

/* True when there is more to do at once. */
static bool turn(struct stream *stream)
{
    stream->now_us = clock_monotonic_us();
    stream_guard_turn(stream);
    take_feed(stream);
    bool has_more = stream_take(stream) > 0;
    want_frames(stream);
    has_more |= stream_follow_topics(stream, stream_table_count(stream->table) > 0 || stream_query_is_asked(stream));
    has_more |= serve(stream);
    has_more |= stream_query_go_on(stream);
    stream_reload_go_on(stream);
    stream_tick(stream);
    return has_more;
}

/* True when a session could have more of what is in the log. */
static bool is_owing(const struct stream *stream)
{
    for (size_t slot = 0; slot < stream_table_slots(stream->table); slot++) {
        const struct stream_entry *entry = stream_table_at(stream->table, slot);
        if (entry && entry->session.credit > 0 && entry->session.cursor.next_seq <= stream->limit_seq)
            return true;
    }
    return false;
}

/* The last records, to those who have room for them, and that there will be no more. */
static void say_goodbye(struct stream *stream)
{
    uint64_t deadline_us = clock_monotonic_us() + LAST_US;
    do {
        if (!turn(stream))
            poll(NULL, 0, 1);
    } while (is_owing(stream) && stream->now_us < deadline_us);
    for (size_t slot = 0; slot < stream_table_slots(stream->table); slot++) {
        struct stream_entry *entry = stream_table_at(stream->table, slot);
        if (!entry)
            continue;
        stream_send_error(stream, stream_entry_route(entry), "unavailable", "the broker is stopping");
        stream_close(stream, entry);
    }
}

static void *run(void *arg)
{
    struct stream *stream = arg;
    while (!atomic_load(&stream->must_stop)) {
        if (!turn(stream))
            wait_for_work(stream);
    }
    say_goodbye(stream);
    return NULL;
}

int stream_start(struct stream *stream)
{
    return pthread_create(&stream->thread, NULL, run, stream) == 0 ? TOCSIN_OK : TOCSIN_E_NOMEM;
}

void stream_wake(struct stream *stream)
{
    uint64_t one = 1;
    ssize_t written = write(stream->stop_fd, &one, sizeof one);
    (void)written; /* a full counter is readable too */
}

void stream_stop(struct stream *stream)
{
    atomic_store(&stream->must_stop, true);
    stream_wake(stream);
    pthread_join(stream->thread, NULL);
}
