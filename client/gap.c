#include "client/gap.h"

#include <stdlib.h>

#include "client/topic_table.h"

struct gap_tracker {
    uint64_t seen;              /* the highest seq that came, or was told as head */
    uint64_t begun;             /* head when counting began */
    struct topic_table *topics; /* NULL: everything is subscribed */
};

struct gap_tracker *gap_tracker_new(bool is_everything, size_t max_topics)
{
    struct gap_tracker *tracker = calloc(1, sizeof *tracker);
    if (!tracker || is_everything)
        return tracker;
    tracker->topics = topic_table_new(max_topics);
    if (!tracker->topics)
        gap_tracker_free(&tracker);
    return tracker;
}

void gap_tracker_free(struct gap_tracker **tracker)
{
    if (!*tracker)
        return;
    if ((*tracker)->topics)
        topic_table_free(&(*tracker)->topics);
    free(*tracker);
    *tracker = NULL;
}

void gap_begin(struct gap_tracker *tracker, uint64_t head)
{
    tracker->seen = head;
    tracker->begun = head;
    if (tracker->topics)
        topic_table_clear(tracker->topics);
}

/* The last seq known of a topic that is not in the table. */
static uint64_t floor_of(const struct gap_tracker *tracker)
{
    uint64_t forgotten = topic_table_forgotten(tracker->topics);
    return forgotten > tracker->begun ? forgotten : tracker->begun;
}

static enum gap_verdict check_chain(struct gap_tracker *tracker, struct span topic, uint64_t seq, uint64_t prev,
                                    struct gap *gap)
{
    uint64_t known = floor_of(tracker), last;
    if (topic_table_exchange(tracker->topics, topic, seq, &last))
        known = last;
    if (prev <= known)
        return GAP_NONE;
    *gap = (struct gap){known + 1, prev, 1, false};
    return GAP_LOST;
}

enum gap_verdict gap_on_record(struct gap_tracker *tracker, struct span topic, uint64_t seq, uint64_t prev,
                               struct gap *gap)
{
    uint64_t seen = tracker->seen;
    if (seq <= seen) {
        gap_begin(tracker, seq);
        return GAP_WENT_BACK;
    }
    tracker->seen = seq;
    if (tracker->topics)
        return check_chain(tracker, topic, seq, prev, gap);
    if (seq == seen + 1)
        return GAP_NONE;
    *gap = (struct gap){seen + 1, seq - 1, seq - 1 - seen, true};
    return GAP_LOST;
}

enum gap_verdict gap_on_head(struct gap_tracker *tracker, uint64_t head, struct gap *gap)
{
    uint64_t seen = tracker->seen;
    if (head < seen) {
        gap_begin(tracker, head);
        return GAP_WENT_BACK;
    }
    tracker->seen = head;
    if (tracker->topics || head == seen)
        return GAP_NONE;
    *gap = (struct gap){seen + 1, head, head - seen, true};
    return GAP_LOST;
}
