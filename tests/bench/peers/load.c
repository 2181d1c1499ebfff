#include "tests/bench/peers/load.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "proto/wire.h"

#define DRAIN_NS  10000000000u
#define SETTLE_NS 200000000u

uint64_t clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void rest_us(long us)
{
    struct timespec pause = {.tv_nsec = us * 1000};
    nanosleep(&pause, NULL);
}

static void put(struct text *out, const char *key, const char *value)
{
    wire_write_str(out, span_of_str(key));
    wire_write_str(out, span_of_str(value));
}

/* The summary is last, and fills up what is missing; twice, since its own head depends on its length. */
static void put_event(struct text *out, unsigned topic, size_t event_len)
{
    char source[32];
    size_t start = out->len;
    size_t summary_len = 0;
    char *filler = peer_new(event_len);
    memset(filler, '0', event_len);
    snprintf(source, sizeof source, PEER_SOURCE, topic);
    for (int turn = 0; turn < 3; turn++) {
        out->len = start;
        wire_write_map(out, 6);
        put(out, "time", "2026-11-21T09:30:00.125+09:00");
        put(out, "level", "Info");
        put(out, "category", PEER_CATEGORY);
        put(out, "type", "Passed");
        put(out, "sourceId", source);
        wire_write_str(out, span_of_str("summary"));
        wire_write_str(out, span_of(filler, summary_len));
        summary_len += event_len - (out->len - start);
    }
    peer_check(!out->failed && out->len - start == event_len, "bench", "no event of that size");
    free(filler);
}

struct peer_event *events_new(const struct load *load)
{
    struct peer_event *events = peer_new(load->topics * sizeof *events);
    for (unsigned i = 0; i < load->topics; i++) {
        struct peer_event *event = &events[i];
        struct text text;
        text_init(&text);
        event->topic = i;
        snprintf(event->name, sizeof event->name, PEER_TOPIC, i);
        text_put(&text, event->name, strlen(event->name) + 1);
        put_event(&text, i, load->event_len);
        event->frame_len = text.len;
        event->len = load->event_len;
        event->frame = peer_new(text.len);
        memcpy(event->frame, text.data, text.len);
        event->data = event->frame + event->frame_len - event->len;
        text_fini(&text);
    }
    return events;
}

void events_free(struct peer_event *events, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        free(events[i].frame);
    free(events);
}

void event_stamp(struct peer_event *event, uint64_t due_ns)
{
    char stamp[STAMP_LEN + 1];
    snprintf(stamp, sizeof stamp, "%016" PRIx64, due_ns);
    memcpy(event->data + event->len - STAMP_LEN, stamp, STAMP_LEN);
}

uint64_t stamp_ns(const char *stamp)
{
    char text[STAMP_LEN + 1] = "";
    memcpy(text, stamp, STAMP_LEN);
    return strtoull(text, NULL, 16);
}

/* Until what is sent arrives everywhere, and nothing more of it is on its way. */
static void probe(struct load_line *line)
{
    uint64_t end_ns = clock_ns() + DRAIN_NS;
    do {
        for (unsigned i = 0; i < line->load->producers; i++) {
            line->peer->way->publish(line->producers[i], &line->events[0]);
            line->peer->way->flush(line->producers[i]);
        }
        rest_us(10000);
        peer_check(clock_ns() < end_ns, line->peer->name, "nothing arrives");
    } while (line_received(line) == 0);
    for (uint64_t seen = 0, since_ns = clock_ns(); clock_ns() < since_ns + SETTLE_NS; rest_us(10000)) {
        if (line_received(line) != seen)
            since_ns = clock_ns();
        seen = line_received(line);
    }
    for (unsigned i = 0; i < line->load->consumers; i++)
        atomic_store(&line->sinks[i].received, 0);
}

void line_open(struct load_line *line, const struct peer *peer, const struct load *load, struct sink sink)
{
    *line =
        (struct load_line){.peer = peer, .load = load, .events = events_new(load), .started = peer->way->start(peer)};
    line->producers = peer_new(load->producers * sizeof *line->producers);
    line->consumers = peer_new(load->consumers * sizeof *line->consumers);
    line->sinks = peer_new(load->consumers * sizeof *line->sinks);
    struct topic_range topics = {0, load->filters};
    for (unsigned i = 0; i < load->consumers; i++) {
        line->sinks[i].on_event = sink.on_event;
        line->sinks[i].context = sink.context;
        line->consumers[i] = peer->way->open_consumer(line->started, topics, &line->sinks[i]);
    }
    for (unsigned i = 0; i < load->producers; i++)
        line->producers[i] = peer->way->open_producer(line->started);
    probe(line);
}

void line_send(struct load_line *line)
{
    line->peer->way->publish(line->producers[line->next % line->load->producers],
                             &line->events[line->next % line->load->topics]);
    line->next++;
    line->sent++;
}

uint64_t line_received(const struct load_line *line)
{
    uint64_t least = UINT64_MAX;
    for (unsigned i = 0; i < line->load->consumers; i++) {
        uint64_t received = atomic_load_explicit(&line->sinks[i].received, memory_order_acquire);
        if (received < least)
            least = received;
    }
    return least;
}

bool line_drain(struct load_line *line)
{
    uint64_t end_ns = clock_ns() + DRAIN_NS;
    for (unsigned i = 0; i < line->load->producers; i++)
        line->peer->way->flush(line->producers[i]);
    while (line_received(line) < line->sent) {
        if (clock_ns() > end_ns)
            return false;
        rest_us(1000);
    }
    return true;
}

void line_close(struct load_line *line)
{
    for (unsigned i = 0; i < line->load->producers; i++)
        line->peer->way->close_producer(line->producers[i]);
    for (unsigned i = 0; i < line->load->consumers; i++)
        line->peer->way->close_consumer(line->consumers[i]);
    line->peer->way->stop(line->started);
    events_free(line->events, line->load->topics);
    free(line->producers);
    free(line->consumers);
    free(line->sinks);
}
