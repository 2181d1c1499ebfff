/* The keys of a handle, taken over from the caller's options. */
#ifndef CLIENT_CURVE_H
#define CLIENT_CURVE_H

#include <stdbool.h>
#include <stdint.h>

#include "client/tocsin_curve.h"
#include "proto/curve_key.h"

struct curve {
    bool is_on;
    uint8_t server_key[CURVE_KEY_LEN];
    uint8_t public_key[CURVE_KEY_LEN];
    uint8_t secret_key[CURVE_KEY_LEN];
};

/* Copies the keys; `given` NULL: none. TOCSIN_E_INVALID: one is missing or none, or the two of the pair do not belong
 * together. */
int curve_take(struct curve *curve, const struct tocsin_curve *given);

/* Overwrites them. */
void curve_forget(struct curve *curve);

/* Sets them for a socket that will connect to `endpoint`, where that is TCP. False when libzmq refuses. */
bool curve_set(void *socket, const char *endpoint, const struct curve *curve);

/* Works out the public half. */
bool curve_public_of(uint8_t public_key[CURVE_KEY_LEN], const uint8_t secret_key[CURVE_KEY_LEN]);

#endif
