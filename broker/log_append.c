/* Writing to the current file. What can fail is told in log_file.h. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "broker/log_inner.h"
#include "proto/json_read.h"
#include "proto/tocsin_base.h"

/* The part of a batch that was written goes again, so that the file ends with a whole line. Not synced: another thread may
 * be about that, and its failure must not be covered up. What a power cut brings back of it is a torn tail. */
static int take_back(struct log_file *log)
{
    int error = log->disk->cut(log->disk, log->fd, log->len);
    return error < 0 ? log_inner_fail_for_good(log, "cut back", error) : TOCSIN_OK;
}

static uint64_t first_received(struct span lines, uint64_t otherwise)
{
    struct line line;
    const uint8_t *lf = memchr(lines.data, '\n', lines.len);
    return lf != NULL && line_read(span_of(lines.data, (size_t)(lf - lines.data)), &line) == TOCSIN_OK
               ? line.received_us
               : otherwise;
}

/* The first lines are in the current file: the log ends there from now on. */
static void begin_file(struct log_file *log, uint64_t received_us)
{
    log_mark_fini(&log->mark);
    log->mark.origin = log->origin;
    log->is_fresh = false;
    log->first_received_us = received_us;
    log->day = log_day_of(received_us, log->options.zone);
    log->checked_second = UINT64_MAX;
}

int log_file_write(struct log_file *log, struct span lines, uint64_t last_seq, const uint8_t hash[CHAIN_HASH_LEN],
                   uint64_t received_us, uint64_t batch)
{
    size_t done;

    if (log->is_failed)
        return TOCSIN_E_IO;
    assert(lines.len > 0 && lines.data[lines.len - 1] == '\n' && last_seq >= log->tail.next_seq);
    if (log->fd < 0)
        return log_inner_fail(log, "write to", -ENOSPC); /* inside a roll that has no room to finish */
    int error = log_direct_append(log, lines, &done);
    if (error < 0) {
        if (done > 0 && disk_is_full(error) && take_back(log) != TOCSIN_OK)
            return TOCSIN_E_IO;
        return log_inner_fail(log, "write to", error);
    }
    if (log->is_fresh)
        begin_file(log, first_received(lines, received_us));
    struct log_place end = {.offset = log->len + lines.len,
                            .line = log->mark.end.line + (last_seq - log->tail.next_seq + 1),
                            .seq = last_seq};
    memcpy(end.hash, hash, CHAIN_HASH_LEN);
    log_mark_move(&log->mark, &end);
    log->len = end.offset;
    log->unsaved_bytes += lines.len;
    log->is_synced = false;
    log->tail.seq = last_seq;
    log->tail.next_seq = last_seq + 1;
    log->tail.received_us = received_us;
    log->tail.batch = batch;
    memcpy(log->tail.hash, hash, CHAIN_HASH_LEN);
    return TOCSIN_OK;
}

int log_file_check(struct log_file *log)
{
    struct disk_stat own, named;

    if (log->is_failed)
        return TOCSIN_E_IO;
    if (log->fd < 0)
        return TOCSIN_OK;
    int error = log->disk->stat(log->disk, log->fd, &own);
    if (error < 0)
        return log_inner_fail_for_good(log, "look at", error);
    error = log->disk->stat_name(log->disk, log->dir, LOG_NAME_CURRENT, &named);
    const char *trouble = NULL;
    if (own.len != log->len)
        trouble = own.len < log->len ? "someone has cut " LOG_NAME_CURRENT " short"
                                     : "someone else has written to " LOG_NAME_CURRENT;
    else if (error < 0 || named.inode != log->inode)
        trouble = "someone has removed or renamed " LOG_NAME_CURRENT ": put it back before starting again";
    if (trouble == NULL)
        return TOCSIN_OK;
    snprintf(log->trouble, sizeof log->trouble, "%s", trouble);
    log->is_failed = true;
    return TOCSIN_E_IO;
}
