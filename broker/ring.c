/* Positions count bytes since the start and never wrap; the low bits of their distance from `base` are the place in the
 * ring. A message is never split: what does not fit before the end leaves a pad there and begins anew.
 *
 * A producer that finds the ring empty moves the base, so that what comes next stands at the ring's beginning: as long as
 * the consumer keeps up, all goes through the same few pages. The base needs no lock: it is moved only while nothing is
 * in the ring, and the consumer looks at it only behind a message, that is after `shown` has told it of one. */
#include "broker/ring.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#define ALIGNMENT  8
#define CACHE_LINE 64
#define PAGE_LEN   4096
#define KEPT_LEN   ((size_t)1 << 20) /* of each ring, whatever happens */

#define UNHURRIED_LEN ((size_t)256 << 10)

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
    size_t high_mark;        /* the ring was used up to here since the last trim */
    size_t high_mark_before; /* in the time before that */
    size_t touched;          /* pages before this may have memory */
    uint64_t base;           /* the position at the ring's beginning */

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
    void *bytes = mmap(NULL, rounded, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ring->bytes = bytes == MAP_FAILED ? NULL : bytes;
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
    if ((*ring)->bytes)
        munmap((*ring)->bytes, (*ring)->capacity);
    free(*ring);
    *ring = NULL;
}

size_t ring_message_max(const struct ring *ring)
{
    return ring->capacity / 2 - sizeof(struct head);
}

static size_t place_of(const struct ring *ring, uint64_t position)
{
    return (position - ring->base) & (ring->capacity - 1);
}

static struct head *head_at(struct ring *ring, uint64_t position)
{
    return (struct head *)(void *)(ring->bytes + place_of(ring, position));
}

/* The consumer's line is looked at once a flush, not once a message. */
static void go_back_when_empty(struct ring *ring)
{
    if (ring->base == ring->write_at || ring->write_at != atomic_load_explicit(&ring->shown, memory_order_relaxed))
        return;
    ring->released_seen = atomic_load_explicit(&ring->released, memory_order_acquire);
    if (ring->released_seen == ring->write_at)
        ring->base = ring->write_at;
}

void *ring_reserve(struct ring *ring, size_t len)
{
    if (len > ring_message_max(ring))
        return NULL;
    size_t needed = room_of(len);
    go_back_when_empty(ring);
    size_t to_end = ring->capacity - place_of(ring, ring->write_at);
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
    size_t end = place_of(ring, ring->write_at) + room_of(len);
    if (end > ring->high_mark)
        ring->high_mark = end;
    *head_at(ring, ring->write_at) = (struct head){(uint32_t)len, 0};
    ring->write_at += room_of(len);
}

bool ring_is_longer(struct ring *ring, size_t len)
{
    if (ring->write_at - ring->released_seen <= len)
        return false;
    ring->released_seen = atomic_load_explicit(&ring->released, memory_order_acquire);
    return ring->write_at - ring->released_seen > len;
}

void ring_trim(struct ring *ring)
{
    size_t kept = ring->high_mark > ring->high_mark_before ? ring->high_mark : ring->high_mark_before;
    if (ring->high_mark > ring->touched)
        ring->touched = ring->high_mark;
    ring->high_mark_before = ring->high_mark;
    ring->high_mark = 0;
    kept = kept > KEPT_LEN ? (kept + PAGE_LEN - 1) & ~(size_t)(PAGE_LEN - 1) : KEPT_LEN;
    bool is_empty = atomic_load_explicit(&ring->released, memory_order_acquire) == ring->write_at;
    if (!is_empty || ring->touched <= kept)
        return;
    madvise(ring->bytes + kept, ring->touched - kept, MADV_DONTNEED);
    ring->touched = kept;
}

void ring_wake(struct ring *ring)
{
    /* sequentially consistent, as `shown` and in ring_arm: this thread sees the sleeper or the sleeper sees the messages */
    if (atomic_load(&ring->is_asleep) && atomic_exchange(&ring->is_asleep, false)) {
        uint64_t one = 1;
        ssize_t written = write(ring->fd, &one, sizeof one);
        (void)written; /* a full counter is readable too */
    }
}

void ring_flush(struct ring *ring)
{
    if (ring->write_at == atomic_load_explicit(&ring->shown, memory_order_relaxed))
        return;
    atomic_store(&ring->shown, ring->write_at);
    ring_wake(ring);
}

/* Few pages, and little to do at once for who is woken. */
static size_t unhurried_len(const struct ring *ring)
{
    return ring->capacity / 4 < UNHURRIED_LEN ? ring->capacity / 4 : UNHURRIED_LEN;
}

void ring_show(struct ring *ring)
{
    atomic_store(&ring->shown, ring->write_at);
    if (ring->write_at - ring->released_seen > unhurried_len(ring)) {
        ring_wake(ring);
        ring->released_seen = atomic_load_explicit(&ring->released, memory_order_acquire);
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
    if (atomic_exchange(&ring->is_asleep, false))
        return; /* nobody has rung: the sleep ended for another reason */
    uint64_t count;
    ssize_t taken = read(ring->fd, &count, sizeof count);
    (void)taken; /* nothing there: who woke us is about to ring, and the next sleep will be short */
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
