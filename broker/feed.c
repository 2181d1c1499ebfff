#include "broker/feed.h"

#include <string.h>

#include "broker/settled.h"

static size_t topic_len(struct span frame)
{
    return (size_t)((const uint8_t *)memchr(frame.data, '\0', frame.len) - frame.data);
}

void feed_offer(struct feed *feed, const struct batch *batch, uint64_t upto)
{
    bool is_whole = atomic_load_explicit(&feed->wants_frames, memory_order_relaxed);
    size_t at = 0;
    struct batch_frame frame;
    struct span bytes;
    while (batch_next_frame(batch, &at, &frame, &bytes)) {
        if (!is_whole)
            bytes.len = topic_len(bytes) + 1;
        struct settled *settled = ring_reserve(feed->ring, sizeof *settled + bytes.len);
        if (!settled)
            break; /* what follows a gap is of no use before it is closed: the next batch may find room */
        *settled = (struct settled){is_whole ? SETTLED_FRAME : SETTLED_NOTE, frame.event_count, frame.last_seq};
        memcpy(settled + 1, bytes.data, bytes.len);
        ring_commit(feed->ring, sizeof *settled + bytes.len);
    }
    atomic_store_explicit(&feed->offered_upto, upto, memory_order_release);
    ring_show(feed->ring);
    /* behind it: a stream thread that has somebody to serve from now on looks at the ring once more before it sleeps */
    if (atomic_load(&feed->is_awaited))
        ring_wake(feed->ring);
}

void feed_wake(struct feed *feed)
{
    if (atomic_load(&feed->is_awaited))
        ring_wake(feed->ring);
}
