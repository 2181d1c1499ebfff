/* The record: an event with its place in the log, as MessagePack on the wire and as a line of the log
 * (PROTOCOL.md sections 3 and 5). */
#ifndef PROTO_RECORD_H
#define PROTO_RECORD_H

#include "proto/event.h"

struct record {
    uint64_t seq;
    uint64_t prev; /* 0: none */
    uint64_t received_us;
    struct event event;
};

/* Where a line of the log came from; not on the wire. */
struct provenance {
    struct span producer; /* data NULL: none, and then no n either */
    uint64_t n;
    uint64_t batch; /* first seq of the commit batch */
};

/* Most bytes that the array's head and the three numbers of a record take. */
#define RECORD_HEAD_MAX 28

/* Writes the head of a record, [seq, prev, received — the event's bytes follow. `out` holds RECORD_HEAD_MAX bytes;
 * returns the length. */
size_t record_write_head(uint8_t *out, uint64_t seq, uint64_t prev, uint64_t received_us);

/* Reads the first record in `bytes`; the event is viewed, not judged again. `*used` is what it took.
 * Errors: TOCSIN_E_END at the end of bytes, TOCSIN_E_PROTOCOL for anything that is no record. */
int record_read(struct span bytes, struct record *out, size_t *used);

/* As record_read, for bytes of others: the event is judged, and prev must be below seq. */
int record_judge(struct event_judge *judge, struct span bytes, struct record *out, size_t *used);

/* Appends the record's line of the log from `{` up to and including the batch, without hash, brace and newline: what
 * the chain hashes. The event's time must be there; `received` is received_us as text (rfc3339_write_us), which the
 * caller has at hand once a batch. */
void record_write_line(struct text *out, const struct record *record, struct span received,
                       const struct provenance *provenance);

#endif
