/* What the journal hands back to the front: frames that may be published. */
#ifndef BROKER_SETTLED_H
#define BROKER_SETTLED_H

#include <stdint.h>

#include "broker/producers.h"

enum settled_kind {
    SETTLED_FRAME, /* the frame's bytes follow */
    SETTLED_NOTE,  /* its topic and a NUL follow; only in the feed */
    SETTLED_ACKS,  /* struct settled_ack follow, one a producer: durable */
    SETTLED_END,   /* the journal has ended; nothing follows */
};

struct settled {
    uint32_t kind; /* enum settled_kind */
    uint32_t event_count;
    uint64_t last_seq;
};

/* All that this producer appended up to last.n is in the log, and on the disk as far as the sync mode promises. */
struct settled_ack {
    uint32_t slot; /* append's */
    struct producer_last last;
};

#endif
