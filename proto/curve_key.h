/* A key of CURVE, 32 bytes, as text: the 40 characters of Z85 (32/Z85 of ZeroMQ's RFCs). */
#ifndef PROTO_CURVE_KEY_H
#define PROTO_CURVE_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/span.h"

#define CURVE_KEY_LEN 32
#define CURVE_Z85_LEN 40

/* False when the text is no key. */
bool curve_key_read(uint8_t key[CURVE_KEY_LEN], struct span z85);

/* Writes the text, ended by NUL. */
void curve_key_write(char z85[CURVE_Z85_LEN + 1], const uint8_t key[CURVE_KEY_LEN]);

#endif
