/* Events for bench_alert, as the engine gets them. */
#ifndef TESTS_BENCH_BENCH_ALERT_EVENT_H
#define TESTS_BENCH_BENCH_ALERT_EVENT_H

#include "client/tocsin.h"

struct alert_event {
    struct tocsin_event *event;
    struct tocsin_message message;
};

/* Of a type out of 100 and a source out of 1000, by its number; number beyond that differ in their summary. */
void alert_event_make_plain(struct alert_event *event, unsigned number);

/* One of bench_alert_event.def, by its number. */
void alert_event_make_real(struct alert_event *event, unsigned number);

/* From a source of its own, of type Type0. */
void alert_event_make_unlike(struct alert_event *event, unsigned number);

void alert_event_fini(struct alert_event *event);

#endif
