/* The events of one line: of a file, or of the forwarder's connection.
 *
 * A line is one event; a blank one none. What cannot be one becomes an event of the gateway, GatewayEvent LineRefused,
 * which holds the reason and the beginning of the line, so that nothing is lost in silence and the numbers of what
 * follows depend on the bytes alone. A line in which a second event begins, because the write of the first was cut
 * short by a crash, is two: the torn beginning and the event. */
#ifndef CLIENT_GATEWAY_OME_EVENTS_H
#define CLIENT_GATEWAY_OME_EVENTS_H

#include "client/gateway/ome_line.h"
#include "client/gateway/refusal.h"

struct ome_events {
    struct gateway *gateway;
    struct sink *sink;
    struct refusal refusal;
    struct ome_line line;
    struct text bytes; /* scratch */
    unsigned put;      /* events of the line under way that the sink has taken */
};

void ome_events_init(struct ome_events *events, struct gateway *gateway, struct sink *sink, const char *source);
void ome_events_fini(struct ome_events *events);

/* Puts the events of a line without its LF into the sink. TOCSIN_E_FULL: call again with the same line when there is
 * room; it goes on where it stopped. Any other error: the sink is dead, or memory ran out. */
int ome_events_put(struct ome_events *events, struct span line, const struct refusal_origin *origin);

#endif
