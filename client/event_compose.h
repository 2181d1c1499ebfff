/* An event under composition: what tocsin.h keeps closed. Within the library only. */
#ifndef CLIENT_EVENT_COMPOSE_H
#define CLIENT_EVENT_COMPOSE_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/event.h"
#include "proto/text.h"
#include "proto/tocsin_base.h"

/* The members that are text, in the order of PROTOCOL.md. */
enum event_field {
    FIELD_TIME,
    FIELD_LEVEL,
    FIELD_CATEGORY,
    FIELD_TYPE,
    FIELD_SOURCE_ID,
    FIELD_SUMMARY,
    FIELD_CAUSE,
    FIELD_COUNT
};

/* A container of the snapshot that is not complete yet. */
struct open_container {
    uint64_t left; /* values to come; of a map its keys too */
    bool is_map;
};

struct tocsin_event {
    int error;     /* the first one, which sticks */
    bool is_whole; /* from JSON or MessagePack: `bytes` is all there is */
    bool is_encoded;
    struct text fields[FIELD_COUNT];
    bool has_field[FIELD_COUNT];
    struct text snapshot;
    bool has_snapshot;
    unsigned depth; /* containers of the snapshot that are open */
    struct open_container open[TOCSIN_DEPTH_MAX];
    struct text bytes; /* the encoded event */
    struct event_judge *judge;
    size_t max_event_bytes; /* that the judge was made for */
    enum tocsin_refusal code;
    char field[TOCSIN_FIELD_MAX + 1];
};

/* Begins anew, with nothing. */
void event_compose_clear(struct tocsin_event *event);

/* Notes the first error; returns the one that sticks. */
int event_compose_fail(struct tocsin_event *event, int error);

/* Judges by another limit than TOCSIN_EVENT_BYTES_MAX. */
int event_compose_limit(struct tocsin_event *event, size_t max_event_bytes);

#endif
