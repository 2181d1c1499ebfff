/* Where the broker is: HOST[:BASEPORT], from which its four endpoints follow (PROTOCOL.md section 4). Pure. */
#ifndef CLIENT_ENDPOINT_H
#define CLIENT_ENDPOINT_H

#include <stddef.h>

#define ENDPOINT_SERVER_DEFAULT "127.0.0.1:5560"

/* Most bytes of an endpoint with its NUL. */
#define ENDPOINT_MAX 288

/* Offsets from the base port. */
enum endpoint_kind { ENDPOINT_INGEST, ENDPOINT_APPEND, ENDPOINT_LIVE, ENDPOINT_STREAM, ENDPOINT_KIND_COUNT };

/* Writes tcp://HOST:PORT for `kind` to `out` (ENDPOINT_MAX bytes). `server` is HOST, HOST:BASEPORT, [IPV6]:BASEPORT,
 * with or without tcp:// before it; NULL: the default. TOCSIN_E_INVALID for anything else, and for a port beyond 65532.
 */
int endpoint_of_server(const char *server, enum endpoint_kind kind, char *out);

/* The endpoint to connect to: `own` where given, else that of the server. Errors as above; `own` must be tcp, ipc or
 * inproc and fit. */
int endpoint_choose(const char *own, const char *server, enum endpoint_kind kind, char *out);

#endif
