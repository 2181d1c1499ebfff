/* CRC-32C (Castagnoli), as iSCSI and ext4 have it: finds every error of up to 32 bits in a row. Pure. */
#ifndef CLIENT_CRC32C_H
#define CLIENT_CRC32C_H

#include <stdint.h>

#include "proto/span.h"

/* Of all bytes so far: `crc` is that of those before, 0 at the start. */
uint32_t crc32c(uint32_t crc, struct span bytes);

#endif
