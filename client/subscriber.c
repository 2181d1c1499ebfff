/* The subscriber at work.
 *
 * The happy path: all filters are subscribed before connecting, and the heartbeat's topic, which sorts behind them; the
 * broker gets subscriptions in that order, so the first heartbeat proves that all of them are in force; where one is all,
 * the first record does, too. What came before is passed over, for counting begins there. From then on frames are read
 * record by record; a record is checked for a gap before it, then against the filters of this side.
 *
 * What can fail: a slow reader loses frames at the broker: the next record or heartbeat tells. The broker falls silent:
 * after five seconds the socket is closed and made anew, which also gets rid of a connection that only looks alive. */
#include "client/subscriber.h"

#include <errno.h>

#include "client/clock.h"
#include "client/live_socket.h"
#include "client/message.h"

/* Frames passed over between two looks at the clock. */
#define FRAMES_A_LOOK 256

/* A pause after a socket could not be made. */
#define RETRY_MS 100

static const struct span no_topic = {NULL, 0};

static void close_frame(struct tocsin_subscriber *subscriber)
{
    if (subscriber->has_frame)
        zmq_msg_close(&subscriber->message);
    subscriber->has_frame = false;
}

void subscriber_disconnect(struct tocsin_subscriber *subscriber)
{
    close_frame(subscriber);
    if (subscriber->socket)
        zmq_close(subscriber->socket);
    subscriber->socket = NULL;
}

int subscriber_connect(struct tocsin_subscriber *subscriber)
{
    subscriber_disconnect(subscriber);
    subscriber->heard_us = clock_now_us();
    return live_socket_open(&subscriber->socket, subscriber->context, subscriber->endpoint, &subscriber->curve,
                            subscriber->filters, subscriber->queue_frames, subscriber->max_event_bytes);
}

static void push_notice(struct tocsin_subscriber *subscriber, enum tocsin_message_kind kind)
{
    subscriber->notices[subscriber->notice_count++] = (struct notice){.kind = kind, .topic = no_topic};
}

static void note_verdict(struct tocsin_subscriber *subscriber, enum gap_verdict verdict, const struct gap *gap,
                         struct span topic)
{
    if (verdict == GAP_WENT_BACK)
        push_notice(subscriber, TOCSIN_MESSAGE_RESET);
    if (verdict == GAP_LOST)
        subscriber->notices[subscriber->notice_count++] =
            (struct notice){TOCSIN_MESSAGE_GAP, *gap, gap->is_exact ? no_topic : topic};
}

static enum gap_verdict check_head(struct tocsin_subscriber *subscriber, const struct heartbeat *heartbeat,
                                   struct gap *gap)
{
    bool is_first = subscriber->log_id_len == 0; /* a record may have confirmed the filter before it */
    bool is_same_log = span_equals(heartbeat->log_id, span_of(subscriber->log_id, subscriber->log_id_len));
    if (subscriber->is_confirmed && (is_first || is_same_log))
        return gap_on_head(subscriber->gaps, heartbeat->head, gap);
    gap_begin(subscriber->gaps, heartbeat->head);
    return subscriber->is_confirmed ? GAP_WENT_BACK : GAP_NONE;
}

static int on_heartbeat(struct tocsin_subscriber *subscriber)
{
    struct heartbeat heartbeat;
    int error = heartbeat_read(subscriber->frame.rest, &heartbeat);
    if (error)
        return error;
    struct gap gap;
    enum gap_verdict verdict = check_head(subscriber, &heartbeat, &gap);
    if (subscriber->is_lost)
        push_notice(subscriber, TOCSIN_MESSAGE_RESTORED);
    note_verdict(subscriber, verdict, &gap, no_topic);
    subscriber->is_lost = false;
    subscriber->is_confirmed = true;
    subscriber->head = heartbeat.head;
    subscriber->log_id_len = heartbeat.log_id.len;
    memcpy(subscriber->log_id, heartbeat.log_id.data, heartbeat.log_id.len);
    return TOCSIN_OK;
}

static bool is_wanted_type(const struct tocsin_subscriber *subscriber, struct span type)
{
    for (size_t i = 0; i < subscriber->type_count; i++) {
        if (span_is(type, subscriber->types[i]))
            return true;
    }
    return subscriber->type_count == 0;
}

static bool is_wanted_topic(const struct tocsin_subscriber *subscriber, struct span topic)
{
    return filter_set_contains(subscriber->filters, topic) && !filter_set_contains(subscriber->exclude, topic);
}

/* Before the first heartbeat: whether the record shows that all that is subscribed is in force. Counting begins with it. */
static bool is_confirmed_by(struct tocsin_subscriber *subscriber, const struct record *record)
{
    if (!filter_set_has_one_prefix(subscriber->filters))
        return false;
    gap_begin(subscriber->gaps, record->seq - 1);
    subscriber->is_confirmed = true;
    return true;
}

/* Reads the next record of the frame. TOCSIN_E_END: the frame is done with. */
static int read_record(struct tocsin_subscriber *subscriber)
{
    struct record *record = &subscriber->record;
    int error = live_frame_next(&subscriber->frame, subscriber->judge, record);
    if (error || (!subscriber->is_confirmed && !is_confirmed_by(subscriber, record)))
        return error;
    struct gap gap;
    enum gap_verdict verdict =
        gap_on_record(subscriber->gaps, subscriber->frame.topic, record->seq, record->prev, &gap);
    note_verdict(subscriber, verdict, &gap, subscriber->frame.topic);
    subscriber->head = record->seq;
    subscriber->has_record =
        record->event.level >= subscriber->min_level && is_wanted_type(subscriber, record->event.type);
    return TOCSIN_OK;
}

/* Begins the frame that is in `message`. TOCSIN_E_END: it is done with already. */
static int open_frame(struct tocsin_subscriber *subscriber)
{
    subscriber->has_frame = true;
    struct live_frame *frame = &subscriber->frame;
    int error = zmq_msg_more(&subscriber->message) ? TOCSIN_E_PROTOCOL : TOCSIN_OK;
    if (!error)
        error = live_frame_open(span_of(zmq_msg_data(&subscriber->message), zmq_msg_size(&subscriber->message)), frame);
    if (error)
        return error;
    if (frame->kind == LIVE_RECORDS && is_wanted_topic(subscriber, frame->topic))
        return TOCSIN_OK;
    error = frame->kind == LIVE_HEARTBEAT ? on_heartbeat(subscriber) : TOCSIN_OK;
    return error ? error : TOCSIN_E_END;
}

/* Takes the next frame if there is one. TOCSIN_E_TIMEOUT: there is none now. */
static int receive(struct tocsin_subscriber *subscriber)
{
    if (!subscriber->socket)
        return TOCSIN_E_TIMEOUT;
    zmq_msg_init(&subscriber->message);
    if (zmq_msg_recv(&subscriber->message, subscriber->socket, ZMQ_DONTWAIT) < 0) {
        int error = zmq_errno() == EINTR ? TOCSIN_E_INTERRUPTED : TOCSIN_E_TIMEOUT;
        zmq_msg_close(&subscriber->message);
        return error;
    }
    subscriber->heard_us = 0;
    return open_frame(subscriber);
}

/* One step: the next record of the frame, or the next frame. TOCSIN_E_TIMEOUT: nothing is there now. */
static int step(struct tocsin_subscriber *subscriber)
{
    int error = subscriber->has_frame ? read_record(subscriber) : receive(subscriber);
    if (error == TOCSIN_OK || error == TOCSIN_E_TIMEOUT || error == TOCSIN_E_INTERRUPTED)
        return error;
    close_frame(subscriber);
    return error == TOCSIN_E_END ? TOCSIN_OK : error;
}

/* The broker was silent for too long, or there is no socket. */
static int make_anew(struct tocsin_subscriber *subscriber, int64_t deadline_us)
{
    if (!subscriber->is_lost && subscriber->is_confirmed)
        push_notice(subscriber, TOCSIN_MESSAGE_LOST);
    subscriber->is_lost = subscriber->is_confirmed;
    int error = subscriber_connect(subscriber);
    if (!error)
        return TOCSIN_OK;
    int64_t now_us = clock_now_us();
    if (now_us >= deadline_us)
        return error;
    int left_ms = clock_left_ms(deadline_us, now_us);
    zmq_poll(NULL, 0, left_ms >= 0 && left_ms < RETRY_MS ? left_ms : RETRY_MS);
    return TOCSIN_OK;
}

/* Nothing is there: waits for more, until the deadline or until the broker counts as lost. */
static int wait_for_more(struct tocsin_subscriber *subscriber, int64_t deadline_us)
{
    int64_t now_us = clock_now_us();
    if (subscriber->heard_us == 0)
        subscriber->heard_us = now_us;
    int64_t silent_us = clock_deadline_us(subscriber->heard_us, subscriber->heartbeat_timeout_ms);
    if (!subscriber->socket || now_us >= silent_us)
        return make_anew(subscriber, deadline_us);
    if (now_us >= deadline_us)
        return TOCSIN_E_TIMEOUT;
    zmq_pollitem_t item = {.socket = subscriber->socket, .events = ZMQ_POLLIN};
    int64_t until_us = silent_us < deadline_us ? silent_us : deadline_us;
    bool is_interrupted = zmq_poll(&item, 1, clock_left_ms(until_us, now_us)) < 0 && zmq_errno() == EINTR;
    return is_interrupted ? TOCSIN_E_INTERRUPTED : TOCSIN_OK;
}

int subscriber_wait_confirmed(struct tocsin_subscriber *subscriber, int64_t deadline_us)
{
    for (unsigned frames = 0;; frames++) {
        int error = step(subscriber);
        if (error == TOCSIN_E_TIMEOUT)
            error = wait_for_more(subscriber, deadline_us);
        if (subscriber->is_confirmed)
            return TOCSIN_OK;
        bool is_late = frames % FRAMES_A_LOOK == 0 && clock_now_us() >= deadline_us;
        if (error == TOCSIN_E_TIMEOUT || is_late)
            return TOCSIN_E_UNREACHABLE;
        if (error)
            return error;
    }
}

static void tell_notice(struct tocsin_subscriber *subscriber, struct tocsin_message *message)
{
    const struct notice *notice = &subscriber->notices[subscriber->notices_told++];
    *message = (struct tocsin_message){.kind = notice->kind, .topic = text_of_span(notice->topic)};
    message->first = notice->gap.first;
    message->last = notice->gap.last;
    message->at_least = notice->gap.at_least;
    message->head = subscriber->head;
    message->log_id = text_of_span(span_of(subscriber->log_id, subscriber->log_id_len));
}

static void tell_record(struct tocsin_subscriber *subscriber, struct tocsin_message *message)
{
    message_of_record(message, &subscriber->record, subscriber->frame.topic,
                      span_of(subscriber->log_id, subscriber->log_id_len));
    subscriber->has_record = false;
    subscriber->is_record_told = true;
}

/* Tells what is there to be told; false: nothing. */
static bool tell(struct tocsin_subscriber *subscriber, struct tocsin_message *message)
{
    if (subscriber->notices_told < subscriber->notice_count) {
        tell_notice(subscriber, message);
        return true;
    }
    subscriber->notices_told = subscriber->notice_count = 0;
    if (!subscriber->has_record)
        return false;
    tell_record(subscriber, message);
    return true;
}

int tocsin_subscriber_next(struct tocsin_subscriber *subscriber, struct tocsin_message *message, int timeout_ms)
{
    if (!subscriber || !message)
        return TOCSIN_E_INVALID;
    subscriber->is_record_told = false;
    bool is_timed = false; /* most events are there already: the clock is looked at for the others only */
    int64_t deadline_us = CLOCK_NEVER;
    for (unsigned steps = 0; !tell(subscriber, message); steps++) {
        int error = step(subscriber);
        if (!is_timed && (error == TOCSIN_E_TIMEOUT || steps > 0)) {
            deadline_us = clock_deadline_us(clock_now_us(), timeout_ms);
            is_timed = true;
        }
        if (error == TOCSIN_E_TIMEOUT)
            error = wait_for_more(subscriber, deadline_us);
        else if (!error && steps % FRAMES_A_LOOK == FRAMES_A_LOOK - 1 && clock_now_us() >= deadline_us)
            error = TOCSIN_E_TIMEOUT;
        if (error)
            return error;
    }
    return TOCSIN_OK;
}

int tocsin_subscriber_run(struct tocsin_subscriber *subscriber,
                          int (*on_message)(void *context, const struct tocsin_message *message), void *context)
{
    if (!on_message)
        return TOCSIN_E_INVALID;
    struct tocsin_message message;
    for (;;) {
        int result = tocsin_subscriber_next(subscriber, &message, -1);
        if (!result)
            result = on_message(context, &message);
        if (result)
            return result;
    }
}
