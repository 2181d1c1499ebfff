#include "client/append_queue.h"

#include <stdlib.h>

#define FIRST_ITEMS 256

struct append_item {
    size_t at; /* in the queue's bytes */
    size_t len;
};

void append_queue_init(struct append_queue *queue, uint64_t next_n, size_t limit_bytes)
{
    *queue = (struct append_queue){.first_n = next_n, .next_n = next_n, .limit_bytes = limit_bytes};
    text_init(&queue->bytes);
}

void append_queue_fini(struct append_queue *queue)
{
    text_fini(&queue->bytes);
    free(queue->items);
}

static size_t held_bytes(const struct append_queue *queue)
{
    return queue->bytes.len - queue->gone;
}

bool append_queue_fits(const struct append_queue *queue, size_t len)
{
    return held_bytes(queue) == 0 || held_bytes(queue) + len <= queue->limit_bytes;
}

static struct append_item *item_of(const struct append_queue *queue, uint64_t n)
{
    return &queue->items[n & (queue->item_room - 1)];
}

static bool grow_items(struct append_queue *queue)
{
    struct append_queue grown = *queue;
    grown.item_room = queue->item_room ? 2 * queue->item_room : FIRST_ITEMS;
    grown.items = malloc(grown.item_room * sizeof *grown.items);
    if (!grown.items)
        return false;
    for (uint64_t n = queue->first_n; n < queue->next_n; n++)
        *item_of(&grown, n) = *item_of(queue, n);
    free(queue->items);
    *queue = grown;
    return true;
}

/* Moves what is held to the front, once as much is gone: each byte is moved once on average. */
static void close_up(struct append_queue *queue)
{
    if (queue->gone < held_bytes(queue))
        return;
    size_t held = held_bytes(queue);
    if (held > 0)
        memmove(queue->bytes.data, queue->bytes.data + queue->gone, held);
    for (uint64_t n = queue->first_n; n < queue->next_n; n++)
        item_of(queue, n)->at -= queue->gone;
    queue->bytes.len = held;
    queue->gone = 0;
}

bool append_queue_add(struct append_queue *queue, struct span event)
{
    bool is_full = queue->next_n - queue->first_n == queue->item_room;
    if (is_full && !grow_items(queue))
        return false;
    if (!text_reserve(&queue->bytes, event.len)) {
        queue->bytes.failed = false;
        return false;
    }
    *item_of(queue, queue->next_n++) = (struct append_item){queue->bytes.len, event.len};
    text_put(&queue->bytes, event.data, event.len);
    return true;
}

void append_queue_jump(struct append_queue *queue, uint64_t n)
{
    queue->first_n = queue->next_n = n;
}

struct span append_queue_at(const struct append_queue *queue, uint64_t n)
{
    const struct append_item *item = item_of(queue, n);
    return span_of(queue->bytes.data + item->at, item->len);
}

void append_queue_settle(struct append_queue *queue, uint64_t n)
{
    while (queue->first_n <= n && queue->first_n < queue->next_n) {
        queue->gone += item_of(queue, queue->first_n)->len;
        queue->first_n++;
    }
    close_up(queue);
}
