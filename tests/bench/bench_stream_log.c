#include "tests/bench/bench_stream_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/clock.h"
#include "proto/wire.h"

void bench_must(bool is_true, const char *what)
{
    if (is_true)
        return;
    fprintf(stderr, "bench_stream: %s\n", what);
    exit(1);
}

static void put_member(struct text *out, const char *key, const char *value)
{
    wire_write_str(out, span_of_str(key));
    wire_write_str(out, span_of_str(value));
}

static void compose(struct text *out, const char *source_id, size_t summary_len)
{
    char summary[BENCH_LOG_EVENT_LEN] = "";
    memset(summary, 'x', summary_len);
    text_clear(out);
    wire_write_map(out, 7);
    put_member(out, "time", "2026-11-21T09:30:00.125+09:00");
    put_member(out, "level", "Info");
    put_member(out, "category", "StreamEvent");
    put_member(out, "type", "StreamCreated");
    put_member(out, "sourceId", source_id);
    put_member(out, "summary", summary);
    wire_write_str(out, span_of_str("snapshot"));
    wire_write_map(out, 4);
    put_member(out, "codec", "H264");
    wire_write_str(out, span_of_str("bitrate"));
    wire_write_uint(out, 2500000);
    wire_write_str(out, span_of_str("framerate"));
    wire_write_double(out, 29.97);
    wire_write_str(out, span_of_str("bypass"));
    wire_write_bool(out, true);
}

static void compose_all(struct bench_log *log)
{
    for (unsigned i = 0; i < BENCH_LOG_SOURCES; i++) {
        char source_id[40];
        snprintf(source_id, sizeof source_id, "#default#app/camera-%02u", i);
        text_init(&log->events[i]);
        compose(&log->events[i], source_id, 40);
        compose(&log->events[i], source_id, 40 + BENCH_LOG_EVENT_LEN - log->events[i].len);
        bench_must(log->events[i].len == BENCH_LOG_EVENT_LEN, "an event of another length");
    }
}

void bench_log_make_batch(struct bench_log *log)
{
    struct event event;
    batch_begin(&log->batch, true);
    for (unsigned i = 0; i < BENCH_LOG_BATCH; i++) {
        bench_must(event_view(text_span(&log->events[log->number++ % BENCH_LOG_SOURCES]), &event), "an event");
        bench_must(batch_add(&log->batch, &event, clock_wall_us(), (struct span){NULL, 0}, 0), "out of memory");
    }
}

static void write_batch(struct bench_log *log)
{
    struct batch *batch = &log->batch;
    int result = log_file_write(log->file, text_span(&batch->lines), batch->next_seq - 1, batch->hash,
                                batch->received_us, batch->first_seq);
    bench_must(result == TOCSIN_OK, log_file_trouble(log->file));
}

void bench_log_make(struct bench_log *log, uint64_t bytes)
{
    struct text message;
    text_init(&message);
    compose_all(log);
    strcpy(log->dir, "/tmp/tocsin-bench-XXXXXX");
    bench_must(mkdtemp(log->dir) != NULL, "no directory");
    log->topics = topics_new(1000, 1);
    struct log_options options = {.dir = log->dir, .topics = log->topics};
    bench_must(log_file_open(&log->file, &options, &message) == TOCSIN_OK, "no log");
    const struct log_tail *tail = log_file_tail(log->file);
    batch_init(&log->batch, log->topics, tail->next_seq, tail->received_us, tail->hash);
    /* the first line is that of every file */
    struct text opened;
    text_init(&opened);
    wire_write_map(&opened, 6);
    put_member(&opened, "level", "Info");
    put_member(&opened, "category", "BrokerEvent");
    put_member(&opened, "type", "LogOpened");
    put_member(&opened, "sourceId", "bench");
    put_member(&opened, "summary", "A new file of the log begins");
    wire_write_str(&opened, span_of_str("snapshot"));
    log_origin_write(&opened, log_file_origin(log->file));
    struct event event;
    batch_begin(&log->batch, true);
    bench_must(event_view(text_span(&opened), &event) &&
                   batch_add(&log->batch, &event, clock_wall_us(), (struct span){NULL, 0}, 0),
               "the first line");
    write_batch(log);
    while (log_file_len(log->file) < bytes) {
        bench_log_make_batch(log);
        write_batch(log);
    }
    bench_must(log_file_sync(log->file) == TOCSIN_OK, log_file_trouble(log->file));
    text_fini(&opened);
    text_fini(&message);
}

void bench_log_close(struct bench_log *log)
{
    log_file_close(&log->file);
    batch_fini(&log->batch);
    topics_free(&log->topics);
    for (unsigned i = 0; i < BENCH_LOG_SOURCES; i++)
        text_fini(&log->events[i]);
}

void bench_log_remove(struct bench_log *log)
{
    char command[100];
    bench_log_close(log);
    snprintf(command, sizeof command, "rm -r '%s'", log->dir);
    bench_must(system(command) == 0, "rm");
}
