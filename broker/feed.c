#include "broker/feed.h"

#include <string.h>

#include "broker/settled.h"

void feed_offer(struct feed *feed, const struct batch *batch, uint64_t upto)
{
    size_t at = 0;
    struct batch_frame frame;
    struct span bytes;
    while (batch_next_frame(batch, &at, &frame, &bytes)) {
        struct settled *settled = ring_reserve(feed->ring, sizeof *settled + bytes.len);
        if (!settled)
            break; /* what follows a gap is of no use before it is closed: the next batch may find room */
        *settled = (struct settled){SETTLED_FRAME, frame.event_count, frame.last_seq};
        memcpy(settled + 1, bytes.data, bytes.len);
        ring_commit(feed->ring, sizeof *settled + bytes.len);
    }
    atomic_store_explicit(&feed->offered_upto, upto, memory_order_release);
    ring_flush(feed->ring);
}

void feed_wake(struct feed *feed)
{
    ring_flush(feed->ring);
}
