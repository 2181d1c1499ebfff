/* One message of live, taken apart: topic NUL, and a heartbeat or records back to back (PROTOCOL.md section 4.1). Pure.
 * The broker is believed as little as anyone. */
#ifndef CLIENT_LIVE_FRAME_H
#define CLIENT_LIVE_FRAME_H

#include "proto/event.h"
#include "proto/record.h"
#include "proto/span.h"

enum live_kind { LIVE_RECORDS, LIVE_HEARTBEAT, LIVE_UNKNOWN };

struct live_frame {
    enum live_kind kind; /* LIVE_UNKNOWN: the protocol's own, and newer than we: to be passed over */
    struct span topic;   /* without its NUL */
    struct span rest;    /* not read yet */
};

/* 0, or TOCSIN_E_PROTOCOL for what has no topic. */
int live_frame_open(struct span bytes, struct live_frame *frame);

/* Reads the next record and judges its event. 0, TOCSIN_E_END at the end, TOCSIN_E_PROTOCOL for what is no record of
 * this topic: then nothing behind it can be trusted. */
int live_frame_next(struct live_frame *frame, struct event_judge *judge, struct record *record);

#endif
