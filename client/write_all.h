/* Writing to a descriptor until all is written. */
#ifndef CLIENT_WRITE_ALL_H
#define CLIENT_WRITE_ALL_H

#include <stdbool.h>

#include "proto/span.h"

/* Writes all of `bytes`, however short the single writes are; over signals, and where others have made the descriptor
 * non-blocking it is waited for. False: errno tells why; a part may be written. */
bool write_all(int fd, struct span bytes);

#endif
