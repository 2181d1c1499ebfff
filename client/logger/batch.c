#include "client/logger/batch.h"

#include <stdlib.h>

#define ENOUGH_BYTES ((size_t)256 << 10)
#define ENOUGH_COUNT 1000

void batch_fini(struct batch *batch)
{
    text_fini(&batch->text);
    free(batch->entries);
    *batch = (struct batch){0};
}

void batch_clear(struct batch *batch)
{
    text_clear(&batch->text);
    batch->count = batch->done = batch->end = 0;
}

bool batch_add(struct batch *batch, uint64_t seq, uint64_t received_us)
{
    if (batch->count == batch->room || !batch->entries) {
        size_t room = batch->room ? 2 * batch->room : 64;
        struct batch_entry *entries = realloc(batch->entries, room * sizeof *entries);
        if (!entries)
            return false;
        batch->entries = entries;
        batch->room = room;
    }
    if (batch->text.failed)
        return false;
    batch->entries[batch->count++] = (struct batch_entry){batch->end, batch->text.len - batch->end, seq, received_us};
    batch->end = batch->text.len;
    return true;
}

bool batch_is_full(const struct batch *batch)
{
    return batch->count >= ENOUGH_COUNT || batch->text.len >= ENOUGH_BYTES;
}
