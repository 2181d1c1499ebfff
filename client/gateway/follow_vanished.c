#include "client/gateway/follow_vanished.h"

#include <sys/stat.h>
#include <unistd.h>

#define VANISHED_MAX 64 /* files that may come back, and would else be read again */

static void close_fd(struct follow_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}

void follow_vanished_note(struct follow_scan *scan, struct follow_state *state)
{
    for (size_t i = 0; i < state->file_count; i++) {
        struct follow_file *file = &state->files[i];
        struct stat status;
        if (file->is_present || i == state->current)
            continue;
        if (file->fd >= 0 && fstat(file->fd, &status) == 0)
            file->size = (uint64_t)status.st_size;
        if (file->fd < 0 && file->size > file->mark.offset)
            scan->unread += file->size - file->mark.offset;
        if (file->fd < 0 || file->size <= file->mark.offset) {
            close_fd(file);
            file->size = file->mark.offset;
        }
    }
}

void follow_vanished_tidy(struct follow_state *state)
{
    size_t vanished = 0;
    for (size_t i = state->file_count; i > 0; i--) {
        struct follow_file *file = &state->files[i - 1];
        if (i - 1 == state->current)
            continue;
        if (file->is_present && file->size <= file->mark.offset)
            close_fd(file);
        if (!file->is_present && file->fd < 0 && (file->mark.offset == 0 || ++vanished > VANISHED_MAX))
            follow_state_remove(state, i - 1);
    }
}
