/* What the broker says at the append door (PROTOCOL.md section 4.2), taken apart and carried out. */
#include <stdio.h>

#include "client/appender.h"
#include "proto/wire.h"

/* A session that the broker ends for these begins anew by itself; for others there is no use. */
static bool is_final(struct span code)
{
    return span_is(code, "fenced") || span_is(code, "denied") || span_is(code, "version");
}

void appender_fail(struct tocsin_appender *appender, int error)
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
    if (appender->has_spool)
        appender_spool_settle(appender, receipt->n);
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

/* The first welcome says where this handle begins, unless its spool does; the lock is held. */
static void begin(struct tocsin_appender *appender, uint64_t last_n)
{
    uint64_t first_n = appender->options.first_n ? appender->options.first_n : last_n + 1;
    appender->last_n = last_n;
    if (appender->has_spool)
        return;
    append_queue_jump(&appender->queue, first_n);
    appender->told_n = first_n - 1;
}

/* The broker has numbers that were never given out here. That is how it may be at the start, with first_n and with a new
 * spool; else another process bears this name, or another spool. The lock is held. */
static int judge_last_n(struct tocsin_appender *appender, uint64_t last_n)
{
    if (last_n < appender_next_n(appender))
        return TOCSIN_OK;
    if (!appender->has_spool)
        return last_n > appender->last_n ? TOCSIN_E_CLOSED : TOCSIN_OK;
    if (appender->is_welcome || appender->queue.first_n < appender->spool.next_n)
        return TOCSIN_E_OTHER_PRODUCER;
    int error = spool_jump(&appender->spool, last_n + 1);
    append_queue_jump(&appender->queue, appender->spool.next_n);
    return error;
}

/* The broker's log may hold what we never saw acknowledged, and it may be another log than last time. */
static bool take_welcome(struct tocsin_appender *appender, struct wire_reader *reader)
{
    uint64_t version;
    uint64_t last_n;
    struct span log_id;
    if (!wire_read_uint(reader, &version) || version != 1 || !wire_read_str(reader, &log_id) ||
        !wire_read_uint(reader, &last_n) || last_n > INT64_MAX || !wire_read_uint(reader, &appender->window) ||
        appender->window == 0)
        return false;
    pthread_mutex_lock(&appender->lock);
    if (!appender->is_welcome)
        begin(appender, last_n);
    int error = judge_last_n(appender, last_n);
    if (!error) {
        appender->is_welcome = true;
        appender->counts.sessions++;
        settle(appender, &(struct tocsin_receipt){.n = last_n});
        bool is_behind = appender->queue.first_n <= appender->last_n; /* what comes first the broker has */
        appender->sent_n = is_behind ? appender->last_n : appender->queue.first_n - 1;
    }
    pthread_mutex_unlock(&appender->lock);
    if (error)
        appender_fail(appender, error);
    return !error;
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
        appender_fail(appender, span_is(code, "denied") ? TOCSIN_E_DENIED : TOCSIN_E_CLOSED);
    return span_is(verb, "ping") || span_is(verb, "pong");
}
