#include "client/collector.h"

void collector_init(struct collector *collector)
{
    *collector = (struct collector){.sent_us = INT64_MIN / 2};
    text_init(&collector->frame);
}

void collector_fini(struct collector *collector)
{
    text_fini(&collector->frame);
}

bool collector_fits(const struct collector *collector, size_t len)
{
    size_t used = collector->frame.len;
    return used == 0 || (used <= COLLECTOR_FRAME_MAX && len <= COLLECTOR_FRAME_MAX - used);
}

bool collector_add(struct collector *collector, struct span event)
{
    size_t before = collector->frame.len;
    text_put(&collector->frame, event.data, event.len);
    if (collector->frame.failed) {
        collector->frame.failed = false;
        collector->frame.len = before;
        return false;
    }
    collector->events++;
    return true;
}

int64_t collector_due_us(const struct collector *collector)
{
    return collector->sent_us + COLLECTOR_WAIT_US;
}

void collector_sent(struct collector *collector, int64_t now_us)
{
    text_clear(&collector->frame);
    collector->events = 0;
    collector->sent_us = now_us;
}
