/* What a text must hold for a regular expression to match it: pieces that are looked for first, because looking for
 * them is cheap and they are hardly ever there. Pure. */
#ifndef CLIENT_ALERT_REGEX_NEEDS_H
#define CLIENT_ALERT_REGEX_NEEDS_H

#include <stdint.h>

#include "proto/span.h"

#define NEEDS_MAX        3  /* of one expression */
#define NEED_CHOICES_MAX 12 /* of (a|b|c) */
#define NEED_PIECE_MAX   24 /* bytes: of longer ones their beginning */

struct need_piece {
    uint8_t len;
    uint8_t bytes[NEED_PIECE_MAX];
};

/* One of the pieces must be in the text. */
struct need {
    size_t count;
    struct need_piece choices[NEED_CHOICES_MAX];
};

/* All of them must be met; none: any text may match. The longest come first. */
struct needs {
    size_t count;
    struct need items[NEEDS_MAX];
};

/* Of a POSIX extended regular expression that regcomp has taken. What is not understood for certain asks for nothing. */
void regex_needs_read(struct needs *needs, struct span regex);

/* Of a text, or of a pattern in which * stands for any bytes. */
void regex_needs_read_pattern(struct needs *needs, struct span pattern);

/* The length of the shortest choice. */
size_t need_weight(const struct need *need);

/* Takes up the need where it is among the longest so far. */
void needs_add(struct needs *needs, const struct need *need);

/* What is left where either of two must match: one need, or none. */
void needs_join(struct needs *needs, const struct needs *other);

#endif
