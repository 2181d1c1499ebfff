/* Positions count bytes since the start and never wrap; their low bits are the place in the ring. A message is never
 * split: what does not fit before the end leaves a pad there and begins anew. */
#include "broker/ring.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define ALIGNMENT  8
#define CACHE_LINE 64

struct head {
    uint32_t len;
    uint32_t is_pad;
};

struct ring {
    uint8_t *bytes;
    size_t capacity;
    int fd;

    /* the producer's line */
    _Alignas(CACHE_LINE) _Atomic uint64_t shown; /* messages before this may be taken */
    uint64_t write_at;
    uint64_t released_seen;

    /* the consumer's line */
    _Alignas(CACHE_LINE) _Atomic uint64_t released; /* bytes before this may be overwritten */
    uint64_t read_at;
    uint64_t shown_seen;

    _Alignas(CACHE_LINE) atomic_bool is_asleep;
};

static size_t room_of(size_t len)
{
    return sizeof(struct head) + ((len + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1));
}

struct ring *ring_new(size_t capacity)
{
    size_t rounded = 4096;
    while (rounded < capacity)
        rounded *= 2;
    struct ring *ring = aligned_alloc(CACHE_LINE, sizeof *ring);
    if (!ring)
        return NULL;
    *ring = (struct ring){.capacity = rounded};
    ring->bytes = malloc(rounded);
    ring->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (!ring->bytes || ring->fd < 0)
        ring_free(&ring);
    return ring;
}

void ring_free(struct ring **ring)
{
    if (!*ring)
        return;
    if ((*ring)->fd >= 0)
        close((*ring)->fd);
    free((*ring)->bytes);
    free(*ring);
    *ring = NULL;
}

size_t ring_message_max(const struct ring *ring)
{
    return ring->capacity / 2 - sizeof(struct head);
}

static struct head *head_at(struct ring *ring, uint64_t position)
{
    return (struct head *)(void *)(ring->bytes + (position & (ring->capacity - 1)));
}

void *ring_reserve(struct ring *ring, size_t len)
{
    if (len > ring_message_max(ring))
        return NULL;
    size_t needed = room_of(len);
    size_t to_end = ring->capacity - (ring->write_at & (ring->capacity - 1));
    size_t pad = needed > to_end ? to_end : 0;
    if (ring->write_at + pad + needed - ring->released_seen > ring->capacity) {
        ring->released_seen = atomic_load_explicit(&ring->released, memory_order_acquire);
        if (ring->write_at + pad + needed - ring->released_seen > ring->capacity)
            return NULL;
    }
    if (pad > 0) {
        *head_at(ring, ring->write_at) = (struct head){(uint32_t)(pad - sizeof(struct head)), 1};
        ring->write_at += pad;
    }
    return head_at(ring, ring->write_at) + 1;
}

void ring_commit(struct ring *ring, size_t len)
{
    *head_at(ring, ring->write_at) = (struct head){(uint32_t)len, 0};
    ring->write_at += room_of(len);
}

void ring_flush(struct ring *ring)
{
    /* sequentially consistent, as in ring_arm: either this thread sees the sleeper or the sleeper sees the messages */
    atomic_store(&ring->shown, ring->write_at);
    if (atomic_load(&ring->is_asleep) && atomic_exchange(&ring->is_asleep, false)) {
        uint64_t one = 1;
        ssize_t written = write(ring->fd, &one, sizeof one);
        (void)written; /* a full counter is readable too */
    }
}

const void *ring_next(struct ring *ring, size_t *len)
{
    for (;;) {
        if (ring->read_at == ring->shown_seen) {
            ring->shown_seen = atomic_load_explicit(&ring->shown, memory_order_acquire);
            if (ring->read_at == ring->shown_seen)
                return NULL;
        }
        const struct head *head = head_at(ring, ring->read_at);
        ring->read_at += room_of(head->len);
        if (!head->is_pad) {
            *len = head->len;
            return head + 1;
        }
    }
}

void ring_release(struct ring *ring)
{
    atomic_store_explicit(&ring->released, ring->read_at, memory_order_release);
}

bool ring_arm(struct ring *ring)
{
    atomic_store(&ring->is_asleep, true);
    if (atomic_load(&ring->shown) == ring->read_at)
        return true;
    atomic_store(&ring->is_asleep, false);
    return false;
}

void ring_disarm(struct ring *ring)
{
    atomic_store(&ring->is_asleep, false);
    uint64_t count;
    ssize_t taken = read(ring->fd, &count, sizeof count);
    (void)taken; /* nothing there: the sleep ended for another reason */
}

int ring_fd(const struct ring *ring)
{
    return ring->fd;
}

size_t ring_used(const struct ring *ring)
{
    uint64_t released = atomic_load_explicit(&ring->released, memory_order_relaxed);
    uint64_t shown = atomic_load_explicit(&ring->shown, memory_order_relaxed);
    return shown > released ? (size_t)(shown - released) : 0;
}

size_t ring_capacity(const struct ring *ring)
{
    return ring->capacity;
}
