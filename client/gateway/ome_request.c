/* What becomes of an alert: signature, messages, events, acknowledgement. */
#include <string.h>
#include <time.h>

#include "client/clock.h"
#include "client/gateway/ome_signature.h"
#include "client/gateway/ome_webhook.h"
#include "proto/rfc3339.h"

#define ANSWER_US INT64_C(2000000) /* then it is 202 */

enum { DONE = 200, QUEUED = 202, NO_ALERT = 400, NOT_SIGNED = 401, NO_ROOM = 503 };

static const char where[] = "webhook";

static struct span write_now(char *room)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    rfc3339_write_us(room, (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
    return span_of(room, RFC3339_US_LEN);
}

/* Puts the event of a message. TOCSIN_E_FULL: not now. What is refused is done with: the sink has told. */
static int put_message(struct ome_request *request, uint32_t index)
{
    struct ome_webhook *webhook = request->webhook;
    char time[RFC3339_US_LEN];
    text_clear(&webhook->bytes);
    ome_alert_put(&webhook->alert, index, write_now(time), &webhook->bytes);
    if (webhook->bytes.failed)
        return TOCSIN_E_NOMEM;
    struct tocsin_event *event = webhook->gateway->event;
    uint64_t number = 0;
    int error = tocsin_event_from_msgpack(event, webhook->bytes.data, webhook->bytes.len);
    if (!error)
        error = sink_put(webhook->sink, event, where, &number);
    if (number > 0)
        request->last = number;
    return error;
}

static bool settle(struct ome_request *request, unsigned status)
{
    if (request->status == 0)
        request->status = status;
    return true;
}

static bool is_late(const struct ome_request *request)
{
    return clock_now_us() - request->begun_us >= ANSWER_US;
}

bool ome_request_go_on(struct ome_request *request)
{
    struct ome_webhook *webhook = request->webhook;
    unsigned refused = 0;
    if (ome_alert_read(&webhook->alert, text_span(&request->body)))
        return settle(request, NO_ALERT); /* it was one before: memory ran out */
    while (request->taken < webhook->alert.count) {
        int error = put_message(request, request->taken);
        if (error == TOCSIN_E_FULL && is_late(request)) {
            uint32_t left = webhook->alert.count - request->taken;
            counts_complain(&webhook->gateway->counts, COUNT_DROPPED_FULL, left, "%s: the queue is full (--queue)",
                            where);
            return settle(request, NO_ROOM);
        }
        if (error == TOCSIN_E_FULL)
            return false;
        if (error && error != TOCSIN_E_REFUSED)
            return settle(request, NO_ROOM);
        refused += error == TOCSIN_E_REFUSED;
        request->taken++;
    }
    if (refused > 0)
        return settle(request, NO_ALERT);
    if (sink_settled(webhook->sink) >= request->last)
        return settle(request, sink_was_refused(webhook->sink, request->last) ? NO_ALERT : DONE);
    return is_late(request) && settle(request, QUEUED);
}

/* One that waits for an answer and says the same: OvenMediaEngine lost patience, and tries again. */
static const struct ome_request *find_twin(const struct ome_request *request)
{
    for (const struct ome_request *other = request->webhook->pending; other; other = other->next) {
        if (other->taken > 0 && span_equals(text_span(&other->body), text_span(&request->body)))
            return other;
    }
    return NULL;
}

void ome_request_take(struct ome_request *request, const char *signature)
{
    struct ome_webhook *webhook = request->webhook;
    struct counts *counts = &webhook->gateway->counts;
    counts_add(counts, COUNT_RECEIVED, 1);
    request->begun_us = clock_now_us();
    if (!signature || !ome_signature_holds(signature, text_span(&request->body), text_span(&webhook->key))) {
        counts_complain(counts, COUNT_REFUSED_SIGNATURE, 1, "%s: an alert that is not signed with the key", where);
        settle(request, NOT_SIGNED);
        return;
    }
    const char *reason = ome_alert_read(&webhook->alert, text_span(&request->body));
    if (reason) {
        counts_complain(counts, COUNT_REFUSED_SYNTAX, 1, "%s: no alert: %s", where, reason);
        settle(request, NO_ALERT);
        return;
    }
    const struct ome_request *twin = find_twin(request);
    if (twin) {
        request->taken = twin->taken;
        request->last = twin->last;
    }
    ome_request_go_on(request);
}
