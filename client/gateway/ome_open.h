/* The open-source schema of OvenMediaEngine's event log ("eventVersion": 1), mapped onto an event. Pure. */
#ifndef CLIENT_GATEWAY_OME_OPEN_H
#define CLIENT_GATEWAY_OME_OPEN_H

#include "proto/span.h"
#include "proto/text.h"

/* Appends the event of a line, which is given as MessagePack, to `out` as MessagePack. Returns NULL, or why it is no such
 * line (static; nothing was appended then). */
const char *ome_open_put(struct text *out, struct span line);

#endif
