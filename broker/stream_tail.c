/* A ring of bytes. Places count bytes since the start and never wrap; their low bits are the place in the ring. A frame
 * is never split: what does not fit before the end leaves a pad there. A mark is kept every so many bytes, so that a
 * seq is found by halving the marks and walking a little. */
#include "broker/stream_tail.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define ALIGNMENT  8u
#define PAGE_LEN   4096u
#define MARK_COUNT 1024u
#define FIRST_AT   1u /* times the capacity: where places begin, so that 0 is none */

struct head {
    uint64_t first_seq;
    uint32_t len; /* of the frame; of a pad, what lies behind this head */
    uint32_t count;
    uint32_t topic_len; /* PAD: nothing is here, go on at the start of the ring */
    uint32_t unused;
};

#define PAD UINT32_MAX

struct mark {
    uint64_t seq; /* first of the frame at `at` */
    uint64_t at;
};

struct stream_tail {
    uint8_t *bytes;
    size_t capacity;
    uint64_t begin_at;
    uint64_t end_at;
    uint64_t first_seq;
    uint64_t last_seq;
    struct mark marks[MARK_COUNT]; /* by their number, wrapped */
    uint64_t mark_begin;
    uint64_t mark_end;
};

struct stream_tail *stream_tail_new(size_t capacity)
{
    size_t rounded = 65536;
    while (rounded < capacity)
        rounded *= 2;
    struct stream_tail *tail = calloc(1, sizeof *tail);
    if (!tail)
        return NULL;
    void *bytes = mmap(NULL, rounded, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (bytes == MAP_FAILED) {
        free(tail);
        return NULL;
    }
    tail->bytes = bytes;
    tail->capacity = rounded;
    tail->begin_at = tail->end_at = FIRST_AT * (uint64_t)rounded;
    tail->first_seq = 1;
    return tail;
}

void stream_tail_free(struct stream_tail **tail)
{
    if (!*tail)
        return;
    munmap((*tail)->bytes, (*tail)->capacity);
    free(*tail);
    *tail = NULL;
}

uint64_t stream_tail_first(const struct stream_tail *tail)
{
    return tail->first_seq;
}

uint64_t stream_tail_last(const struct stream_tail *tail)
{
    return tail->last_seq;
}

static struct head *head_at(const struct stream_tail *tail, uint64_t at)
{
    return (struct head *)(void *)(tail->bytes + (at & (tail->capacity - 1)));
}

static uint64_t room_of(uint64_t len)
{
    return sizeof(struct head) + ((len + ALIGNMENT - 1) & ~(uint64_t)(ALIGNMENT - 1));
}

/* Places are of full heads: a rest too short for one was given to the frame before it or is part of a pad. */
static uint64_t skip_pad(const struct stream_tail *tail, uint64_t at)
{
    uint64_t to_end = tail->capacity - (at & (tail->capacity - 1));
    if (to_end < sizeof(struct head))
        return at + to_end;
    const struct head *head = head_at(tail, at);
    return at < tail->end_at && head->topic_len == PAD ? at + to_end : at;
}

static void forget(struct stream_tail *tail, uint64_t last_seq)
{
    tail->begin_at = tail->end_at;
    tail->mark_begin = tail->mark_end;
    tail->first_seq = last_seq + 1;
    tail->last_seq = last_seq;
}

static void drop_oldest(struct stream_tail *tail)
{
    const struct head *head = head_at(tail, tail->begin_at);
    tail->first_seq = head->first_seq + head->count;
    tail->begin_at = skip_pad(tail, tail->begin_at + room_of(head->len));
    while (tail->mark_begin < tail->mark_end && tail->marks[tail->mark_begin % MARK_COUNT].at < tail->begin_at)
        tail->mark_begin++;
}

static void add_mark(struct stream_tail *tail, uint64_t seq, uint64_t at)
{
    const struct mark *last =
        tail->mark_end > tail->mark_begin ? &tail->marks[(tail->mark_end - 1) % MARK_COUNT] : NULL;
    if (last && at - last->at < tail->capacity / MARK_COUNT)
        return;
    if (tail->mark_end - tail->mark_begin == MARK_COUNT)
        tail->mark_begin++;
    tail->marks[tail->mark_end++ % MARK_COUNT] = (struct mark){seq, at};
}

/* Room for `needed` bytes in one piece; returns its place. */
static uint64_t make_room(struct stream_tail *tail, uint64_t needed)
{
    uint64_t to_end = tail->capacity - (tail->end_at & (tail->capacity - 1));
    uint64_t pad = needed > to_end ? to_end : 0;
    while (tail->first_seq <= tail->last_seq && tail->end_at + pad + needed - tail->begin_at > tail->capacity)
        drop_oldest(tail);
    if (tail->first_seq > tail->last_seq)
        forget(tail, tail->last_seq);
    if (pad >= sizeof(struct head))
        *head_at(tail, tail->end_at) = (struct head){.topic_len = PAD};
    if (tail->begin_at == tail->end_at)
        tail->begin_at += pad;
    return tail->end_at + pad;
}

void stream_tail_add(struct stream_tail *tail, struct span frame, uint64_t last_seq, uint32_t count)
{
    uint64_t first_seq = last_seq - count + 1;
    const uint8_t *nul = memchr(frame.data, '\0', frame.len);
    uint64_t needed = room_of(frame.len);
    if (!nul || needed > tail->capacity / 2) {
        forget(tail, last_seq);
        return;
    }
    if (tail->last_seq + 1 != first_seq) {
        forget(tail, first_seq - 1);
    }
    uint64_t at = make_room(tail, needed);
    *head_at(tail, at) = (struct head){
        .first_seq = first_seq, .len = (uint32_t)frame.len, .count = count, .topic_len = (uint32_t)(nul - frame.data)};
    memcpy(head_at(tail, at) + 1, frame.data, frame.len);
    tail->end_at = at + needed;
    tail->last_seq = last_seq;
    add_mark(tail, first_seq, at);
}

/* Places from `from` to `to`, as far as they are whole pages in one piece of the ring. */
static void give_back(struct stream_tail *tail, size_t from, size_t to)
{
    from = (from + PAGE_LEN - 1) & ~(size_t)(PAGE_LEN - 1);
    to &= ~(size_t)(PAGE_LEN - 1);
    if (from < to)
        madvise(tail->bytes + from, to - from, MADV_DONTNEED);
}

void stream_tail_drop(struct stream_tail *tail, uint64_t seq)
{
    if (tail->first_seq > seq || tail->first_seq > tail->last_seq)
        return;
    if (seq >= tail->last_seq) {
        forget(tail, tail->last_seq);
        give_back(tail, 0, tail->capacity);
        return;
    }
    while (head_at(tail, tail->begin_at)->first_seq + head_at(tail, tail->begin_at)->count - 1 <= seq)
        drop_oldest(tail);
    if (tail->end_at - tail->begin_at == tail->capacity)
        return; /* there was nothing to drop, and all of it is full */
    size_t begin = tail->begin_at & (tail->capacity - 1);
    size_t end = tail->end_at & (tail->capacity - 1);
    give_back(tail, end, end < begin ? begin : tail->capacity);
    if (end >= begin)
        give_back(tail, 0, begin);
}

static void view(const struct stream_tail *tail, uint64_t at, struct stream_frame *frame)
{
    const struct head *head = head_at(tail, at);
    const uint8_t *bytes = (const uint8_t *)(head + 1);
    *frame = (struct stream_frame){
        .first_seq = head->first_seq,
        .last_seq = head->first_seq + head->count - 1,
        .topic = span_of(bytes, head->topic_len),
        .records = span_of(bytes + head->topic_len + 1, head->len - head->topic_len - 1),
        .next_at = at + room_of(head->len),
    };
}

/* The place of a frame at or before the one that holds `seq`. */
static uint64_t mark_before(const struct stream_tail *tail, uint64_t seq)
{
    uint64_t low = tail->mark_begin, high = tail->mark_end; /* marks before low are not behind seq */
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (tail->marks[middle % MARK_COUNT].seq <= seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low > tail->mark_begin ? tail->marks[(low - 1) % MARK_COUNT].at : tail->begin_at;
}

void stream_tail_find(const struct stream_tail *tail, uint64_t seq, uint64_t *at, struct stream_frame *frame)
{
    if (*at >= tail->begin_at && *at < tail->end_at) {
        *at = skip_pad(tail, *at);
        view(tail, *at, frame);
        if (frame->first_seq <= seq && seq <= frame->last_seq)
            return;
    }
    *at = mark_before(tail, seq);
    for (view(tail, *at, frame); frame->last_seq < seq; view(tail, *at, frame))
        *at = skip_pad(tail, frame->next_at);
}
