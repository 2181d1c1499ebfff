/* The end of a day: what was written is synced, events.log gets the name of its day (never one that is taken), a new
 * events.log is created, the directory is synced. Killed in between, the next start finds events.log missing or empty
 * and goes on from the file that has the day's name. With no room for the new file the roll stays half done, and a
 * later call goes on where it stopped. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "broker/log_inner.h"
#include "proto/tocsin_base.h"

bool log_file_is_due(struct log_file *log, uint64_t now_us)
{
    if (log->fd < 0)
        return true;
    if (log->is_fresh)
        return false;
    if (now_us / 1000000 != log->checked_second) {
        log->checked_second = now_us / 1000000;
        log->checked_day = log_day_of(now_us, log->options.zone);
    }
    return log->checked_day > log->day;
}

static int rename_current(struct log_file *log, char name[LOG_NAME_MAX])
{
    int error = -EEXIST;
    for (unsigned number = 0; error == -EEXIST && number < LOG_NAME_TRIES; number++) {
        log_name_dated(name, log->day, number);
        error = log->disk->rename(log->disk, log->dir, LOG_NAME_CURRENT, name);
    }
    return error;
}

/* Up to where the old file has its new name. */
static int leave_old_file(struct log_file *log)
{
    struct log_origin next = {.has_previous = true, .previous_seq = log->tail.seq};

    int result = log_file_sync(log);
    if (result != TOCSIN_OK)
        return result;
    log_inner_save_state(log); /* with the old file's anchors: for a start that finds the new one empty */
    int error = rename_current(log, next.previous_file);
    if (error < 0)
        return log_inner_fail(log, "rename", error);
    memcpy(next.log_id, log->tail.log_id, sizeof next.log_id);
    memcpy(next.previous_hash, log->tail.hash, CHAIN_HASH_LEN);
    log->origin = next;
    log->disk->close(log->disk, log->fd);
    log->fd = -1;
    log->len = 0;
    log->forgotten = 0;
    return TOCSIN_OK;
}

static int begin_new_file(struct log_file *log)
{
    int fd = log->disk->open(log->disk, log->dir, LOG_NAME_CURRENT, DISK_CREATE);
    if (fd < 0)
        return log_inner_fail(log, "create", fd);
    int error = log_inner_adopt(log, fd);
    if (error == 0)
        error = log->disk->sync_dir(log->disk, log->dir);
    if (error < 0)
        return log_inner_fail_for_good(log, "create", error);
    log->is_fresh = true;
    return TOCSIN_OK;
}

int log_file_roll(struct log_file *log, char *rolled_name)
{
    if (log->is_failed)
        return TOCSIN_E_IO;
    assert(!log->is_fresh || log->fd < 0);
    int result = log->fd < 0 ? TOCSIN_OK : leave_old_file(log);
    if (result == TOCSIN_OK)
        result = begin_new_file(log);
    if (result == TOCSIN_OK && rolled_name != NULL)
        memcpy(rolled_name, log->origin.previous_file, LOG_NAME_MAX);
    return result;
}
