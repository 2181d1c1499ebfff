/* {{Count}}, {{Time}} and {{ID}} in the texts of an event that is sent many times. Pure. */
#ifndef CLIENT_PUB_TEMPLATE_H
#define CLIENT_PUB_TEMPLATE_H

#include <stdint.h>

#include "proto/text.h"

struct pub_template {
    uint64_t count;   /* of this event, from 1 */
    uint64_t time_us; /* this moment */
    uint64_t id;      /* a number that no other event has, as 16 hexadecimal digits */
};

/* Replaces `out` by the text with what stands for the three filled in, and ends it with NUL. */
void pub_template_fill(struct text *out, const char *text, const struct pub_template *values);

#endif
