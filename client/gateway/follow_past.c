/* The first start where only what comes from then on is wanted. Nothing is read before the first state is kept, so a crash
 * does not make it two starts. */
#include <errno.h>
#include <string.h>

#include "client/gateway/follow.h"

void follow_pass_over(struct follow *follow)
{
    struct follow_state *state = &follow->store->state;
    bool is_displaced;
    int error = follow_scan(&follow->scan, state, &follow->read, &is_displaced);
    if (error)
        follow_tell(follow, follow->scan.dir, "cannot be looked through", follow_scan_reason(error));
    for (size_t i = 0; i < state->file_count; i++) {
        struct follow_file *file = &state->files[i];
        if (follow_scan_open(&follow->scan, file))
            follow_mark_make(&file->mark, file->fd, file->size);
    }
    state->current = state->file_count;
    if (!follow_store_keep(follow->store))
        follow_tell(follow, follow->store->file.path, "cannot be written", strerror(errno));
}
