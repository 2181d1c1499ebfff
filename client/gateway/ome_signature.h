/* The signature of OvenMediaEngine's alerts, X-OME-Signature: the body's HMAC under the SecretKey, as base64url without
 * padding. */
#ifndef CLIENT_GATEWAY_OME_SIGNATURE_H
#define CLIENT_GATEWAY_OME_SIGNATURE_H

#include <stdbool.h>

#include "proto/span.h"

/* Whether `signature` is that of `body`; takes the same time wherever they differ. SHA-1 is the open-source edition's
 * hash; of the Enterprise edition's others (SHA-224, -256, -384 and -512) the length of the signature tells which. */
bool ome_signature_holds(const char *signature, struct span body, struct span key);

#endif
