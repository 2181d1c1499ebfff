/* The broker's own events (category BrokerEvent, catalog.def), composed as any client would. */
#ifndef BROKER_BROKER_EVENT_H
#define BROKER_BROKER_EVENT_H

#include <stdint.h>

#include "proto/event.h"
#include "proto/text.h"

/* Starts an event in `out` (cleared before), up to the key of its snapshot; the caller then writes that value, usually
 * a map's head and its members. `name` is the broker's; the other texts are ours. `time_us` 0: the time of receipt. */
void broker_event_begin(struct text *out, const char *name, enum tocsin_level level, const char *type,
                        const char *summary, uint64_t time_us);

/* Members of the snapshot. */
void broker_event_put_str(struct text *out, const char *key, const char *value);
void broker_event_put_uint(struct text *out, const char *key, uint64_t value);
void broker_event_put_int(struct text *out, const char *key, int64_t value);

#endif
