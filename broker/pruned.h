/* What the retention thread asks of the journal: a file is to be removed, and the log must say so before it is. */
#ifndef BROKER_PRUNED_H
#define BROKER_PRUNED_H

#include <stdatomic.h>

#include "broker/chain.h"
#include "broker/log_name.h"
#include "broker/producers.h"
#include "broker/ring.h"
#include "proto/event.h"
#include "proto/text.h"

struct pruned {
    char file[LOG_NAME_MAX]; /* as it is on the disk */
    uint64_t bytes;
    uint64_t first_seq;
    uint64_t last_seq;
    uint8_t last_hash[CHAIN_HASH_LEN]; /* H(last_seq): what the log goes on from, from then on */
    const char *reason;                /* static */
};

/* Appends the snapshot of LogPruned as MessagePack: {file, bytes, firstSeq, lastSeq, lastChain, reason, producers}. The
 * last one has the last events of producers that are in that file or before it, [n, seq, hash] by name: from then on
 * the log knows them from here. At most PRUNED_PRODUCERS_MAX; of more, the state alone knows. */
#define PRUNED_PRODUCERS_MAX 10000u
void pruned_write(struct text *out, const struct pruned *pruned, const struct producers *producers);

/* Reads the producers of a LogPruned back into `producers`, but those of which something later is known. Nothing from
 * other events. */
void pruned_take_producers(const struct event *event, struct producers *producers);

/* Between the two threads. One question at a time. */
struct pruned_feed {
    struct ring *ring; /* to the journal: struct pruned */
    _Atomic uint64_t
        told_seq; /* from it: the last_seq of the last one that is in the log, durable, and the state saved */
    _Atomic uint64_t
        answered; /* … and how many questions were answered, whether told or not; written behind told_seq */
};

#endif
