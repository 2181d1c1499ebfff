/* What the journal hands back to the front: frames that may be published. */
#ifndef BROKER_SETTLED_H
#define BROKER_SETTLED_H

#include <stdint.h>

enum settled_kind {
    SETTLED_FRAME,
    SETTLED_END, /* the journal has ended; nothing follows */
};

/* The frame's bytes follow. */
struct settled {
    uint32_t kind; /* enum settled_kind */
    uint32_t event_count;
    uint64_t last_seq;
};

#endif
