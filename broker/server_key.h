/* The broker's own key of CURVE, from a secret file as `tocsin keygen` and czmq write it. */
#ifndef BROKER_SERVER_KEY_H
#define BROKER_SERVER_KEY_H

#include "broker/doors.h"

/* Reads the file. Errors, with a sentence in `message`: TOCSIN_E_INVALID others may read it, or it belongs to somebody
 * else; TOCSIN_E_SYNTAX it is no secret key file; TOCSIN_E_IO it cannot be read. */
int server_key_read(struct door_key *key, const char *path, struct text *message);

#endif
