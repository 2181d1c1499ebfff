#include "broker/log_inner.h"

#include <stdio.h>
#include <string.h>

#include "proto/tocsin_base.h"

int log_inner_fail_for_good(struct log_file *log, const char *what, int error)
{
    snprintf(log->trouble, sizeof log->trouble, "cannot %s %s: %s", what, LOG_NAME_CURRENT, strerror(-error));
    log->is_failed = true;
    return TOCSIN_E_IO;
}

int log_inner_fail(struct log_file *log, const char *what, int error)
{
    log_inner_fail_for_good(log, what, error);
    log->is_failed = !disk_is_full(error);
    return log->is_failed ? TOCSIN_E_IO : TOCSIN_E_NOSPACE;
}

int log_inner_adopt(struct log_file *log, int fd)
{
    struct disk_stat stat;

    int error = log->disk->stat(log->disk, fd, &stat);
    if (error < 0) {
        log->disk->close(log->disk, fd);
        return error;
    }
    log->fd = fd;
    log->len = stat.len;
    log->inode = stat.inode;
    return 0;
}

bool log_inner_save_state(struct log_file *log)
{
    bool has_gap = log->tail.next_seq > log->mark.end.seq + 1;
    struct log_state state = {.mark = log->mark,
                              .next_seq = has_gap ? log->tail.next_seq : log->mark.end.seq + 1,
                              .gap = has_gap ? log->opening.gap : LOG_GAP_NONE,
                              .is_relaxed = log->options.is_relaxed};

    log->unsaved_bytes = 0;
    if (log->mark.origin.log_id[0] == '\0')
        return false;
    memcpy(state.boot_id, log->boot_id, sizeof state.boot_id);
    int64_t len = log_state_save(&state, log_inner_lasts(log), log->disk, log->dir);
    if (len > 0)
        log->state_len = (uint64_t)len;
    return len > 0;
}
