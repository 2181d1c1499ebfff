/* The path of an event, first half: frame, judgement, ring. Nothing here allocates, waits or formats text; what is
 * refused or dropped is counted, and said on stderr at a bounded rate. */
#include <errno.h>

#include "broker/admitted.h"
#include "broker/front_internal.h"
#include "proto/bytes16.h"
#include "proto/catalog.h"
#include "proto/error.h"

/* Frames of a turn, and how many of them the journal waits for at most. */
#define TURN_FRAMES  512
#define FLUSH_FRAMES 32

/* Bytes of a turn: some milliseconds' worth, for which what is settled waits. */
#define TURN_BYTES (1u << 17)

static void refuse_malformed(struct front *front)
{
    struct refusal refusal = {TOCSIN_REFUSAL_MALFORMED, span_of("", 0)};
    stats_add(&front->options.stats->events_received, 1);
    front_refuse(front, &refusal);
}

static void drop(struct front *front)
{
    front->dropped++;
    stats_add(&front->options.stats->events_dropped, 1);
    uint64_t suppressed;
    if (log_limit_passes(&front->drop_limit, front->monotonic_us, &suppressed))
        log_warning("the disk is slower than the producers and the ring is full: events of fire-and-forget producers "
                    "are lost (%llu so far)",
                    (unsigned long long)front->dropped);
}

/* How many values of one byte that can be no event stand here: numbers, nil, false, true, the empty string and array. Each
 * is refused as any other, but counted together: to judge a flood of them takes a hundred times as long as to send it. */
static size_t count_bare(struct span frame)
{
    size_t count = 0;
    /* the small numbers are all from -32 on, taken as signed bytes */
    while (frame.len - count >= 16 && !bytes16_any((bytes16)(bytes16_load(frame.data + count) < -32)))
        count += 16;
    while (count < frame.len) {
        uint8_t byte = frame.data[count];
        if (byte >= 0x80 && byte < 0xe0 && byte != 0x90 && byte != 0xa0 && byte != 0xc0 && byte != 0xc2 && byte != 0xc3)
            break;
        count++;
    }
    return count;
}

static void refuse_bare(struct front *front, size_t count)
{
    stats_add(&front->options.stats->events_received, count);
    stats_add(&front->options.stats->events_refused[TOCSIN_REFUSAL_TYPE], count);
}

/* One frame: events back to back. */
static void take_frame(struct front *front, struct span frame)
{
    struct stats *stats = front->options.stats;
    stats_add(&stats->frames_received, 1);
    stats_add(&stats->bytes_received, frame.len);
    do {
        struct event event;
        struct refusal refusal;
        size_t used = event_judge(front->judge, frame, &event, &refusal);
        if (refusal.code) {
            stats_add(&stats->events_received, 1);
            front_refuse(front, &refusal);
        } else {
            front_count_event(front, &event);
            if (front_forbids(front, front->options.ingest, &event))
                ; /* it is counted */
            else if (front_admit(front, &event, NULL))
                stats_add(&stats->events_accepted, 1);
            else
                drop(front);
        }
        if (used == 0)
            return;
        frame = span_of(frame.data + used, frame.len - used);
        if (refusal.code == TOCSIN_REFUSAL_TYPE) {
            size_t bare = count_bare(frame);
            refuse_bare(front, bare);
            frame = span_of(frame.data + bare, frame.len - bare);
        }
    } while (frame.len > 0);
}

/* A message of several parts is none of ours: refused once, whatever it holds. */
static bool is_single(struct front *front)
{
    bool has_more = zmq_msg_more(&front->message);
    bool is_part = has_more || front->is_in_multipart;
    if (has_more && !front->is_in_multipart)
        refuse_malformed(front);
    front->is_in_multipart = has_more;
    return !is_part;
}

unsigned front_take(struct front *front)
{
    void *ingest = front->options.ingest->socket;
    unsigned count = 0;
    size_t len = 0;
    while (ingest && count < TURN_FRAMES && len < TURN_BYTES) {
        if (zmq_msg_recv(&front->message, ingest, ZMQ_DONTWAIT) < 0) {
            if (errno == EINTR)
                continue;
            break;
        }
        if (count++ == 0)
            front_look_at_clock(front); /* since the turn began it may have waited */
        taken_note_asked(front->options.taken, front->options.ingest, &front->message);
        len += zmq_msg_size(&front->message);
        if (is_single(front) && front_identify(front, front->options.ingest) &&
            front_has_share(front, front->options.ingest, false) && front_may_send(front, front->options.ingest)) {
            uint64_t events = stats_get(&front->options.stats->events_received);
            take_frame(front, span_of(zmq_msg_data(&front->message), zmq_msg_size(&front->message)));
            front_charge(front, front->options.ingest, stats_get(&front->options.stats->events_received) - events);
        }
        if (count % FLUSH_FRAMES == 0 || waiting_has_queue(&front->waiting))
            front_move_waiting(front);
    }
    if (count > 0)
        front_move_waiting(front);
    if (count == TURN_FRAMES || len >= TURN_BYTES)
        front_look_around(ingest);
    return count;
}
