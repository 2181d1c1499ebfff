/* Events as the alert rules get them, from JSON. Asserts (cmocka) where something fails. */
#ifndef TESTS_ALERT_SUPPORT_H
#define TESTS_ALERT_SUPPORT_H

#include "client/alert/rule.h"
#include "client/tocsin.h"

struct alert_support {
    struct tocsin_event *event;
    struct tocsin_message message;
    uint64_t seq;
};

void alert_support_init(struct alert_support *support);
void alert_support_fini(struct alert_support *support);

/* The event, received at `received_us`, with the next seq; borrowed until the next call. */
const struct tocsin_message *alert_support_message(struct alert_support *support, const char *json,
                                                   uint64_t received_us);

/* Whether all conditions hold for the event: tried one by one, with nothing left out. */
bool alert_support_matches(const struct match *match, const struct tocsin_message *message);

#endif
