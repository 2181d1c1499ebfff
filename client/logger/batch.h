/* Events on their way to a target, encoded for it. Pure. */
#ifndef CLIENT_LOGGER_BATCH_H
#define CLIENT_LOGGER_BATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/text.h"

struct batch_entry {
    size_t at; /* in the batch's text */
    size_t len;
    uint64_t seq;
    uint64_t received_us;
};

struct batch {
    struct text text;
    struct batch_entry *entries;
    size_t count;
    size_t room;
    size_t end;  /* of the last one in the text */
    size_t done; /* so many entries the target has taken */
};

void batch_fini(struct batch *batch);
void batch_clear(struct batch *batch);

/* What was appended to batch->text since the entry before is the next one. False when out of memory. */
bool batch_add(struct batch *batch, uint64_t seq, uint64_t received_us);

/* Whether it is large enough to be delivered. */
bool batch_is_full(const struct batch *batch);

static inline struct span batch_span(const struct batch *batch, size_t index)
{
    return span_of(batch->text.data + batch->entries[index].at, batch->entries[index].len);
}

#endif
