#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "broker/log_damage.h"
#include "broker/log_recover.h"
#include "broker/log_repair.h"
#include "proto/tocsin_base.h"

/* Says what is wrong; with salvage that is accepted. */
static int refuse_damage(const struct log_recovery *recovery, const struct log_place *end, const char *fault,
                         const struct log_damage *damage)
{
    const struct log_file *log = recovery->log;
    if (log->options.salvage)
        return TOCSIN_OK;
    text_printf(recovery->message, "%s/%s is damaged: line %" PRIu64 " (seq %" PRIu64 ", at byte %" PRIu64 "): %s. ",
                log->options.dir, recovery->name, end->line + 1, end->seq + 1, end->offset, fault);
    if (damage->is_foreign)
        text_put_str(recovery->message, "It does not look like a file of tocsind at all: move it away, or choose "
                                        "another --log-dir.");
    else
        text_printf(recovery->message,
                    "%s. Restore the file from a copy, or start with --salvage: that moves everything from this line "
                    "on to events.log.damaged.%" PRIu64 " and goes on behind it.",
                    damage->is_proven ? "What follows was written later, so no crash explains it"
                                      : "The file was complete when its day ended, so no crash explains it",
                    end->seq + 1);
    return TOCSIN_E_CORRUPT;
}

/* Copies what is bad to a file of its own and notes that for those who ask. */
static int set_aside(struct log_recovery *recovery, const struct log_place *end, bool is_torn)
{
    struct log_file *log = recovery->log;
    struct log_opening *opening = &log->opening;
    char *name = is_torn ? opening->torn_file : opening->damaged_file;
    uint64_t *bytes = is_torn ? &opening->torn_bytes : &opening->damaged_bytes;

    int error = log_repair_set_aside(name, bytes, log->disk, log->dir, recovery->fd, end->offset,
                                     is_torn ? "torn" : "damaged", end->seq + 1);
    if (!is_torn)
        opening->damaged_line = end->line + 1;
    return error < 0 ? log_recover_error(recovery, "set a bad tail aside in", name, error) : TOCSIN_OK;
}

/* The seqs that go with the damage must not be given again, even if we are killed between cutting it off and going on.
 */
static void remember_lost(struct log_recovery *recovery, uint64_t seq)
{
    struct log_file *log = recovery->log;
    if (seq > recovery->lost_seq)
        recovery->lost_seq = seq;
    if (recovery->lost_seq <= log->mark.end.seq)
        return;
    log->opening.gap = LOG_GAP_DAMAGE;
    log->tail.next_seq = recovery->lost_seq + 1;
    log_inner_save_state(log);
}

static int cut_back(const struct log_recovery *recovery, uint64_t len)
{
    const struct log_file *log = recovery->log;
    int fd = log->disk->open(log->disk, log->dir, recovery->name, DISK_PATCH);
    if (fd < 0)
        return fd;
    int error = log->disk->cut(log->disk, fd, len);
    if (error == 0)
        error = log->disk->sync(log->disk, fd);
    log->disk->close(log->disk, fd);
    return error;
}

/* What a line behind `end` was to have: a gap that begins there is in the state before its first line is written. */
static uint64_t next_seq_behind(const struct log_recovery *recovery, const struct log_place *end)
{
    const struct log_state *state = &recovery->state;
    bool is_known = recovery->has_state && state->mark.end.seq == end->seq &&
                    strcmp(state->mark.origin.log_id, recovery->log->mark.origin.log_id) == 0;
    return is_known ? state->next_seq : end->seq + 1;
}

int log_recover_mend(struct log_recovery *recovery, const struct log_place *end, const char *fault)
{
    struct log_file *log = recovery->log;
    struct log_damage damage;

    int error = log_damage_look(&damage, log->disk, recovery->fd, end, next_seq_behind(recovery, end));
    if (error < 0)
        return log_recover_error(recovery, "read", recovery->name, error);
    bool is_torn = recovery->is_current && !damage.is_proven && !damage.is_foreign;
    int result = is_torn ? TOCSIN_OK : refuse_damage(recovery, end, fault, &damage);
    if (result == TOCSIN_OK)
        result = set_aside(recovery, end, is_torn);
    if (result != TOCSIN_OK)
        return result;
    if (!is_torn)
        remember_lost(recovery, damage.seq_max);
    error = cut_back(recovery, end->offset);
    return error < 0 ? log_recover_error(recovery, "cut back", recovery->name, error) : TOCSIN_OK;
}

/* Refuses a file that does not end where the one behind it begins; salvage gives it another name. */
static int reject_previous(struct log_recovery *recovery, uint64_t len)
{
    const struct log_origin *origin = &recovery->head.origin;
    struct log_file *log = recovery->log;

    if (!log->options.salvage) {
        text_printf(recovery->message,
                    "%s/%s is damaged: it does not end with seq %" PRIu64 ", which %s goes on from. Restore it from a "
                    "copy, or start with --salvage: that gives it the name events.log.damaged.%" PRIu64
                    " and goes on without it.",
                    log->options.dir, origin->previous_file, origin->previous_seq, recovery->name,
                    origin->previous_seq);
        return TOCSIN_E_CORRUPT;
    }
    int error = log_repair_rename(log->opening.damaged_file, log->disk, log->dir, origin->previous_file, "damaged",
                                  origin->previous_seq);
    log->opening.damaged_bytes = len;
    return error < 0 ? log_recover_error(recovery, "rename", origin->previous_file, error) : TOCSIN_OK;
}

/* The file before must end with the line that this one says it goes on from. */
static int check_previous(struct log_recovery *recovery)
{
    const struct log_origin *origin = &recovery->head.origin;
    const struct log_file *log = recovery->log;
    struct disk_stat stat = {0};

    int fd = origin->has_previous ? log->disk->open(log->disk, log->dir, origin->previous_file, DISK_READ) : -ENOENT;
    if (fd < 0)
        return TOCSIN_OK; /* retention has removed it, or someone keeps it elsewhere */
    struct log_place end = log_mark_start(origin);
    int result = log->disk->stat(log->disk, fd, &stat);
    end.offset = stat.len;
    if (result == 0)
        result = log_mark_check(&end, log->disk, fd);
    log->disk->close(log->disk, fd);
    if (result < 0)
        return log_recover_error(recovery, "read", origin->previous_file, result);
    return result == 1 ? TOCSIN_OK : reject_previous(recovery, stat.len);
}

static bool is_clean_stop(const struct log_recovery *recovery)
{
    const struct log_file *log = recovery->log;
    struct event event;
    struct text scratch;

    text_init(&scratch);
    bool is_stop = log_scan_event(&event, &scratch, log->disk, recovery->fd, recovery->scan.last_offset,
                                  log->options.line_bytes_max) &&
                   span_is(event.category, "BrokerEvent") && span_is(event.type, "BrokerStopped");
    text_fini(&scratch);
    return is_stop;
}

/* Where the log stands, from the file that was followed to its end. */
static void take_tail(struct log_recovery *recovery)
{
    struct log_file *log = recovery->log;
    log->tail.seq = log->mark.end.seq;
    log->tail.received_us = recovery->scan.received_us;
    log->tail.batch = recovery->scan.batch;
    memcpy(log->tail.hash, log->mark.end.hash, CHAIN_HASH_LEN);
    memcpy(log->tail.log_id, log->mark.origin.log_id, sizeof log->tail.log_id);
    log->opening.was_stopped_cleanly = log->opening.torn_file[0] == '\0' && is_clean_stop(recovery);
}

int log_recover_file(struct log_recovery *recovery)
{
    int result = check_previous(recovery);
    if (result == TOCSIN_OK)
        result = log_recover_scan(recovery);
    if (result == TOCSIN_OK && recovery->scan.fault != NULL)
        result = log_recover_mend(recovery, &recovery->log->mark.end, recovery->scan.fault);
    if (result == TOCSIN_OK)
        take_tail(recovery);
    return result;
}
