/* What the files of the notifier share; nobody else includes it. */
#ifndef CLIENT_ALERT_NOTIFIER_INNER_H
#define CLIENT_ALERT_NOTIFIER_INNER_H

#include "client/alert/attempt.h"
#include "client/alert/notifier.h"

struct notifier {
    struct lane *lanes;
    size_t lane_count;
    CURLM *multi;
    struct attempt **attempts; /* under way; room for all that may be */
    size_t attempt_count;
    uint64_t changes;
    uint64_t queued;  /* number of the delivery that was queued last */
    uint64_t settled; /* and of the last that may be sent */
    struct notifier_calls calls;
};

/* Queues a copy. NULL: out of memory. */
struct delivery *notifier_queue(struct notifier *notifier, struct lane *lane, const struct letter *letter,
                                const char *id, uint64_t wall_us);

#endif
