/* The start of a life: where does the log end, and is what it holds to be believed?
 *
 * The file that holds the last line is events.log, or, when that is empty or missing (a crash inside a roll), the
 * newest of the earlier days. Its chain is followed from its start or, in a large file, from an anchor of the state.
 * Bytes behind the last sound line are judged (log_damage.c): the remains of a batch are set aside and cut off; damage
 * ends the start, or is set aside on demand. The last batch is written again and synced: then the log is believed.
 *
 * Each step leaves a directory from which the next start comes to the same end: aside before cut, sync before both. */
#include "broker/log_recover.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>

#include "broker/log_find.h"
#include "broker/log_repair.h"
#include "proto/tocsin_base.h"

/* Takes the file `name`, open as `fd`, in hand; reads its first line. */
static int take_file(struct log_recovery *recovery, const char *name, int fd)
{
    const struct log_file *log = recovery->log;
    struct disk_stat stat = {0};

    memmove(recovery->name, name, strlen(name) + 1);
    recovery->fd = recovery->scan.fd = fd;
    int error = log->disk->stat(log->disk, fd, &stat);
    recovery->len = stat.len;
    if (error == 0)
        error = log_scan_head(&recovery->head, log->disk, fd, log->options.line_bytes_max);
    return error < 0 ? log_recover_error(recovery, "read", name, error) : TOCSIN_OK;
}

/* A log that begins: with an id of its own, unless one began before and only its gap is known. */
static void begin_log(struct log_recovery *recovery)
{
    struct log_file *log = recovery->log;
    uint8_t id[LOG_ID_LEN / 2];

    log_mark_fini(&log->mark);
    if (recovery->has_state && recovery->state.mark.end.offset == 0 && recovery->state.next_seq > 1) {
        memcpy(log->tail.log_id, recovery->state.mark.origin.log_id, sizeof log->tail.log_id);
    } else {
        randombytes_buf(id, sizeof id);
        sodium_bin2hex(log->tail.log_id, sizeof log->tail.log_id, id, sizeof id);
    }
    memcpy(log->mark.origin.log_id, log->tail.log_id, sizeof log->tail.log_id);
    log->mark.end = log_mark_start(&log->mark.origin);
    memcpy(log->tail.hash, log->mark.end.hash, CHAIN_HASH_LEN);
    log->opening.is_new = log->opening.was_stopped_cleanly = true;
    log_lasts_clear(log_inner_lasts(log));
}

/* The earlier days, newest first, until one is found that holds a sound line. */
static int recover_earlier(struct log_recovery *recovery)
{
    const struct log_file *log = recovery->log;
    char name[LOG_NAME_MAX];

    recovery->is_current = false;
    for (;;) {
        int error = log_find_newest(name, log->disk, log->dir, log->options.line_bytes_max);
        if (error < 0)
            return log_recover_error(recovery, "read", name[0] == '\0' ? NULL : name, error);
        if (name[0] == '\0') {
            begin_log(recovery);
            return TOCSIN_OK;
        }
        int fd = log->disk->open(log->disk, log->dir, name, DISK_READ);
        if (fd < 0)
            return log_recover_error(recovery, "open", name, fd);
        int result = take_file(recovery, name, fd);
        bool is_sound = recovery->head.fault == NULL;
        if (result == TOCSIN_OK)
            result = is_sound ? log_recover_file(recovery)
                              : log_recover_mend(recovery, &(struct log_place){0}, recovery->head.fault);
        log->disk->close(log->disk, fd);
        if (result != TOCSIN_OK || is_sound)
            return result;
    }
}

/* The current file holds no sound line: the log ends in an earlier one, or begins. What stands in the current file
 * instead is judged by where the earlier one ends. */
static int recover_fresh(struct log_recovery *recovery)
{
    struct log_file *log = recovery->log;
    const char *fault = recovery->head.fault;

    int result = recover_earlier(recovery);
    if (result != TOCSIN_OK)
        return result;
    log->is_fresh = true;
    log->opening.current_was_missing = log->fd < 0 && !log->opening.is_new;
    log->origin = (struct log_origin){.has_previous = !log->opening.is_new, .previous_seq = log->tail.seq};
    memcpy(log->origin.log_id, log->tail.log_id, sizeof log->origin.log_id);
    if (log->origin.has_previous) {
        memcpy(log->origin.previous_file, recovery->name, sizeof log->origin.previous_file);
        memcpy(log->origin.previous_hash, log->tail.hash, CHAIN_HASH_LEN);
    }
    if (log->fd < 0 || log->len == 0)
        return TOCSIN_OK;
    log->len = 0;
    recovery->is_current = true;
    recovery->fd = log->fd;
    memcpy(recovery->name, LOG_NAME_CURRENT, sizeof LOG_NAME_CURRENT);
    return log_recover_mend(recovery, &(struct log_place){.seq = log->tail.seq}, fault);
}

/* The current file holds the end of the log. */
static int recover_current(struct log_recovery *recovery)
{
    struct log_file *log = recovery->log;

    recovery->is_current = true;
    int result = log_recover_file(recovery);
    if (result != TOCSIN_OK)
        return result;
    log->origin = recovery->head.origin;
    log->first_received_us = recovery->head.received_us;
    log->len = log->mark.end.offset;
    uint64_t from = recovery->scan.batch_offset;
    int error = log_repair_rewrite(log->disk, log->dir, LOG_NAME_CURRENT, from, log->len);
    log->opening.rewritten_bytes = log->len - from;
    return error < 0 ? log_recover_error(recovery, "write the last batch again in", LOG_NAME_CURRENT, error)
                     : TOCSIN_OK;
}

/* Opens the current file, when it is there. */
static int open_current(struct log_recovery *recovery)
{
    struct log_file *log = recovery->log;
    struct disk_stat stat;

    int fd = log->disk->open(log->disk, log->dir, LOG_NAME_CURRENT, DISK_APPEND);
    if (fd == -ENOENT)
        return TOCSIN_OK;
    int error = fd < 0 ? fd : log->disk->stat(log->disk, fd, &stat);
    if (error == 0 && !S_ISREG(stat.mode)) {
        log->disk->close(log->disk, fd);
        fd = error = -EISDIR;
    }
    if (fd < 0 && (error == -EISDIR || error == -ENXIO)) {
        text_printf(recovery->message, "%s/%s is no plain file. Move it away, or choose another --log-dir.",
                    log->options.dir, LOG_NAME_CURRENT);
        return TOCSIN_E_INVALID;
    }
    if (error == 0)
        error = log_inner_adopt(log, fd);
    return error < 0 ? log_recover_error(recovery, "open", LOG_NAME_CURRENT, error) : TOCSIN_OK;
}

/* Whatever was found: from here on there is a current file, and the directory is durable. */
static int finish(struct log_recovery *recovery)
{
    struct log_file *log = recovery->log;
    int error = 0;

    if (log->fd < 0) {
        int fd = log->disk->open(log->disk, log->dir, LOG_NAME_CURRENT, DISK_CREATE);
        error = fd < 0 ? fd : log_inner_adopt(log, fd);
    }
    if (error == 0)
        error = log->disk->sync_dir(log->disk, log->dir);
    if (error < 0)
        return log_recover_error(recovery, "create", LOG_NAME_CURRENT, error);
    log_recover_gap(recovery);
    log->is_synced = true;
    log_inner_save_state(log);
    return TOCSIN_OK;
}

static int recover(struct log_recovery *recovery)
{
    struct log_file *log = recovery->log;

    log->opening.state_note = log_state_load(&recovery->state, log->disk, log->dir);
    recovery->has_state = recovery->is_state_used = log->opening.state_note == NULL;
    int result = open_current(recovery);
    if (result != TOCSIN_OK)
        return result;
    recovery->head.fault = "it is empty";
    if (log->fd >= 0)
        result = take_file(recovery, LOG_NAME_CURRENT, log->fd);
    if (result == TOCSIN_OK)
        result = recovery->head.fault == NULL ? recover_current(recovery) : recover_fresh(recovery);
    return result == TOCSIN_OK ? finish(recovery) : result;
}

int log_recover(struct log_file *log, struct text *message)
{
    struct log_recovery recovery = {.log = log, .message = message};

    int result = recover(&recovery);
    log_state_fini(&recovery.state);
    return result;
}
