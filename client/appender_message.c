/* What the broker says at the append door (PROTOCOL.md section 4.2), taken apart and carried out. */
#include <stdio.h>

#include "client/appender.h"
#include "proto/wire.h"

/* A session that the broker ends for these begins anew by itself; for others there is no use. */
static bool is_final(struct span code)
{
    return span_is(code, "fenced") || span_is(code, "denied") || span_is(code, "version");
}

static void fail(struct tocsin_appender *appender, int error)
{
    pthread_mutex_lock(&appender->lock);
    appender->error = error;
    pthread_cond_broadcast(&appender->changed);
    pthread_mutex_unlock(&appender->lock);
}

/* Takes out what is settled through `n`; the lock is held. */
static void settle(struct tocsin_appender *appender, const struct tocsin_receipt *receipt)
{
    uint64_t before = appender->queue.first_n;
    append_queue_settle(&appender->queue, receipt->n);
    appender->counts.settled += appender->queue.first_n - before;
    if (receipt->n > appender->receipt.n)
        appender->receipt = *receipt;
    pthread_cond_broadcast(&appender->changed);
}

static void tell_settled(struct tocsin_appender *appender, const struct tocsin_receipt *receipt)
{
    appender->told_n = receipt->n;
    if (appender->options.on_settled)
        appender->options.on_settled(appender->options.context, receipt);
}

void appender_tell_settled(struct tocsin_appender *appender)
{
    pthread_mutex_lock(&appender->lock);
    struct tocsin_receipt receipt = {.n = appender->queue.first_n - 1};
    pthread_mutex_unlock(&appender->lock);
    if (receipt.n > appender->told_n)
        tell_settled(appender, &receipt);
}

/* The first welcome says where this handle begins; the lock is held. */
static void begin(struct tocsin_appender *appender, uint64_t last_n)
{
    uint64_t first_n = appender->options.first_n ? appender->options.first_n : last_n + 1;
    appender->queue.first_n = appender->queue.next_n = first_n;
    appender->told_n = first_n - 1;
    appender->last_n = last_n;
    appender->is_welcome = true;
}

/* The broker's log may hold what we never saw acknowledged, and it may be another log than last time. */
static bool take_welcome(struct tocsin_appender *appender, struct wire_reader *reader)
{
    uint64_t version;
    uint64_t last_n;
    struct span log_id;
    if (!wire_read_uint(reader, &version) || version != 1 || !wire_read_str(reader, &log_id) ||
        !wire_read_uint(reader, &last_n) || !wire_read_uint(reader, &appender->window) || appender->window == 0)
        return false;
    pthread_mutex_lock(&appender->lock);
    if (!appender->is_welcome)
        begin(appender, last_n);
    bool is_anothers = last_n > appender->last_n && last_n >= appender->queue.next_n;
    if (!is_anothers) {
        appender->counts.sessions++;
        settle(appender, &(struct tocsin_receipt){.n = last_n});
        bool is_behind = appender->queue.first_n <= appender->last_n; /* what comes first the broker has */
        appender->sent_n = is_behind ? appender->last_n : appender->queue.first_n - 1;
    }
    pthread_mutex_unlock(&appender->lock);
    if (is_anothers) /* numbers that were never given out here: another process bears this name */
        fail(appender, TOCSIN_E_CLOSED);
    return !is_anothers;
}

static bool take_ack(struct tocsin_appender *appender, struct wire_reader *reader)
{
    struct tocsin_receipt receipt = {0};
    struct span hash;
    if (!wire_read_uint(reader, &receipt.n) || !wire_read_uint(reader, &receipt.seq) || !wire_read_str(reader, &hash) ||
        hash.len >= sizeof receipt.hash || receipt.n > appender->sent_n)
        return false;
    memcpy(receipt.hash, hash.data, hash.len);
    pthread_mutex_lock(&appender->lock);
    settle(appender, &receipt);
    pthread_mutex_unlock(&appender->lock);
    tell_settled(appender, &receipt);
    return true;
}

static bool take_nack(struct tocsin_appender *appender, struct wire_reader *reader)
{
    struct tocsin_rejection rejection;
    struct span texts[3];
    char copies[3][512];
    if (!wire_read_uint(reader, &rejection.n))
        return false;
    for (size_t i = 0; i < 3; i++) {
        if (!wire_read_str(reader, &texts[i]))
            return false;
        snprintf(copies[i], sizeof copies[i], "%.*s", (int)(texts[i].len & 0xffff), (const char *)texts[i].data);
    }
    pthread_mutex_lock(&appender->lock);
    appender->counts.refused++;
    pthread_mutex_unlock(&appender->lock);
    rejection.code = copies[0];
    rejection.field = copies[1];
    rejection.text = copies[2];
    if (appender->options.on_refused)
        appender->options.on_refused(appender->options.context, &rejection);
    return true;
}

bool appender_take(struct tocsin_appender *appender, struct span message)
{
    struct wire_reader reader = wire_reader_of(message);
    uint32_t count;
    struct span verb;
    struct span code;
    if (!wire_read_array(&reader, &count) || !wire_read_str(&reader, &verb))
        return false;
    if (span_is(verb, "ack"))
        return take_ack(appender, &reader);
    if (span_is(verb, "nack"))
        return take_nack(appender, &reader);
    if (span_is(verb, "welcome"))
        return take_welcome(appender, &reader);
    if (span_is(verb, "error") && wire_read_str(&reader, &code) && is_final(code))
        fail(appender, TOCSIN_E_CLOSED);
    return span_is(verb, "ping") || span_is(verb, "pong");
}
