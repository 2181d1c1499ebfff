/* Secrets in OvenMediaEngine's summaries, which are text: they are known by the words before them. Pure. */
#ifndef CLIENT_GATEWAY_OME_SECRET_H
#define CLIENT_GATEWAY_OME_SECRET_H

#include <stddef.h>

#include "proto/span.h"
#include "proto/text.h"

/* Appends the summary with the stream key of a push ("StreamKey: …") and the signatures of a policy that failed, the
 * right one among them ("(expected : … | input : …)"), as [redacted]. Returns how many there were. */
size_t ome_secret_hide(struct text *out, struct span summary);

#endif
