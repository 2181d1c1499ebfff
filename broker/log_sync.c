/* Syncing the current file, at once or in steps. What can fail is told in log_file.h. */
#include <errno.h>

#include "broker/clock.h"
#include "broker/log_inner.h"
#include "proto/tocsin_base.h"

#define FORGET_BYTES (UINT64_C(1) << 20)
#define STATE_SHARE  16 /* the state is saved when that many times its size has been written */

/* What was written long ago leaves the system's file cache, a piece at a time: it would push out what others need, and
 * on a virtual machine each page that is new to the host costs more than all that is done to the events in it. */
static uint64_t forgettable(const struct log_file *log)
{
    uint64_t kept = log->options.cache_bytes;
    return kept == 0 || log->len < log->forgotten + kept + FORGET_BYTES ? 0 : log->len - kept - log->forgotten;
}

void log_file_sync_begin(const struct log_file *log, struct log_sync *sync)
{
    *sync = (struct log_sync){.disk = log->disk,
                              .fd = log->fd,
                              .seq = log->tail.seq,
                              .len = log->len,
                              .forget_from = log->forgotten,
                              .forget_len = forgettable(log),
                              .error = log->is_failed ? -EIO : 0};
}

void log_sync_run(struct log_sync *sync)
{
    if (sync->error < 0)
        return;
    uint64_t began_us = clock_monotonic_us();
    sync->error = sync->disk->sync(sync->disk, sync->fd);
    sync->took_us = clock_monotonic_us() - began_us;
    if (sync->error == 0 && sync->forget_len > 0)
        sync->disk->forget(sync->disk, sync->fd, sync->forget_from, sync->forget_len);
}

int log_file_sync_end(struct log_file *log, const struct log_sync *sync)
{
    if (log->is_failed)
        return TOCSIN_E_IO;
    if (sync->error < 0)
        return log_inner_fail_for_good(log, "sync", sync->error);
    log->is_synced = log->len == sync->len;
    log->forgotten = sync->forget_from + sync->forget_len;
    return TOCSIN_OK;
}

int log_file_sync(struct log_file *log)
{
    struct log_sync sync;
    if (log->is_failed)
        return TOCSIN_E_IO;
    if (log->is_synced)
        return TOCSIN_OK;
    log_file_sync_begin(log, &sync);
    log_sync_run(&sync);
    int result = log_file_sync_end(log, &sync);
    if (result == TOCSIN_OK && log->unsaved_bytes >= log->mark.anchor_bytes &&
        log->unsaved_bytes >= STATE_SHARE * log->state_len)
        log_inner_save_state(log);
    return result;
}
