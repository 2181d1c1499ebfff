#include "client/live_frame.h"

#include "client/heartbeat.h"

int live_frame_open(struct span bytes, struct live_frame *frame)
{
    size_t reach = bytes.len < TOCSIN_TOPIC_MAX ? bytes.len : TOCSIN_TOPIC_MAX;
    const uint8_t *end = reach > 0 ? memchr(bytes.data, '\0', reach) : NULL;
    if (!end || end == bytes.data)
        return TOCSIN_E_PROTOCOL;
    size_t topic_len = (size_t)(end - bytes.data);
    frame->topic = span_of(bytes.data, topic_len);
    frame->rest = span_of(end + 1, bytes.len - topic_len - 1);
    frame->kind = LIVE_RECORDS;
    if (*bytes.data == '~')
        frame->kind = topic_len + 1 == HEARTBEAT_TOPIC_LEN ? LIVE_HEARTBEAT : LIVE_UNKNOWN;
    return TOCSIN_OK;
}

static bool has_topic(const struct event *event, struct span topic)
{
    char own[TOCSIN_TOPIC_MAX];
    return span_equals(span_of(own, event_topic(event, own)), topic);
}

int live_frame_next(struct live_frame *frame, struct event_judge *judge, struct record *record)
{
    size_t used;
    int error = record_judge(judge, frame->rest, record, &used);
    if (error)
        return error;
    if (!has_topic(&record->event, frame->topic))
        return TOCSIN_E_PROTOCOL;
    frame->rest = span_of(frame->rest.data + used, frame->rest.len - used);
    return TOCSIN_OK;
}
