/* An alert of OvenMediaEngine becomes events, one for each of its messages. Pure. */
#ifndef CLIENT_GATEWAY_OME_ALERT_H
#define CLIENT_GATEWAY_OME_ALERT_H

#include <stdint.h>

#include "proto/span.h"
#include "proto/text.h"

struct ome_alert {
    struct text value; /* the body as MessagePack */
    struct span messages;
    uint32_t count; /* of messages */
    struct span source_id;
    struct span kind; /* its type: INGRESS, EGRESS … */
};

void ome_alert_init(struct ome_alert *alert);
void ome_alert_fini(struct ome_alert *alert);

/* Takes a body apart. NULL, or why it is no alert (static). */
const char *ome_alert_read(struct ome_alert *alert, struct span body);

/* Appends the event of message `index` as MessagePack, not judged and nothing redacted; `time` is that of its receipt, for
 * the alert has none. */
void ome_alert_put(const struct ome_alert *alert, uint32_t index, struct span time, struct text *out);

#endif
