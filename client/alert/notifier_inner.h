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
};

/* Queues a copy. False: out of memory. */
bool notifier_queue(struct notifier *notifier, struct lane *lane, const struct notice *notice, const char *id,
                    uint64_t wall_us);

#endif
