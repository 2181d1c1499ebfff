/* The summary of an event of OpenSIPS, by its template (opensips_event.def) or from its parameters. Pure. */
#ifndef CLIENT_GATEWAY_OPENSIPS_SUMMARY_H
#define CLIENT_GATEWAY_OPENSIPS_SUMMARY_H

#include "client/gateway/opensips_message.h"

/* Appends it, not yet as one line and of any length. `form` NULL, or parameters without names: all of them, those with
 * names as name=value. */
void opensips_summary_put(struct text *out, const char *form, const struct opensips_message *message);

#endif
