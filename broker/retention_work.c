#include "broker/retention_work.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "broker/log.h"
#include "broker/retention_index.h"
#include "broker/retention_reserve.h"

#define RETRY_US    UINT64_C(60000000)  /* a file that could not be compressed */
#define PATIENCE_US UINT64_C(600000000) /* with those who read a file that is to go */
#define SETTLE_US   UINT64_C(30000000)  /* until what was removed is room, and not still open somewhere */
#define COMPLAIN_US UINT64_C(600000000) /* between two messages about failures */

#define INDEX_PLACES_MAX 8192u /* a second or so, where they are not in memory */

static bool never_stops(void *arg)
{
    (void)arg;
    return false;
}

void retention_work_init(struct retention_work *work, const struct disk *disk, int dir, const char *log_id,
                         struct stats *stats)
{
    *work = (struct retention_work){.index_places_max = INDEX_PLACES_MAX,
                                    .disk = disk,
                                    .dir = dir,
                                    .stats = stats,
                                    .index_stride = LOG_INDEX_STRIDE,
                                    .reserve_max = RETENTION_RESERVE_MAX};
    work->pack = (struct retention_pack){.disk = disk, .dir = dir, .level = 3, .must_stop = never_stops};
    retention_files_init(&work->files, disk, dir, log_id);
}

void retention_work_fini(struct retention_work *work)
{
    retention_files_fini(&work->files);
}

static void count_files(const struct retention_work *work)
{
    const struct retention_files *files = &work->files;
    uint64_t bytes = files->current_bytes, packed = 0, packed_bytes = 0;
    for (size_t i = 0; i < files->count; i++) {
        bytes += files->items[i].plain_bytes + files->items[i].packed_bytes;
        packed += files->items[i].packed_bytes > 0;
        packed_bytes += files->items[i].packed_bytes;
    }
    const struct log_head *first = files->count > 0 ? &files->items[0].head : &files->current;
    stats_set(&work->stats->log_files, files->count + 1);
    stats_set(&work->stats->log_files_bytes, bytes);
    stats_set(&work->stats->log_packed_files, packed);
    stats_set(&work->stats->log_packed_bytes, packed_bytes);
    stats_set(&work->stats->log_first_seq, first->fault == NULL ? first->seq : 0);
    stats_set(&work->stats->log_first_us, first->fault == NULL ? first->received_us : 0);
}

/* --- what can be done --- */

static enum retention_outcome fail(struct retention_work *work, uint64_t now_us, const char *what, const char *name,
                                   int error)
{
    stats_add(&work->stats->retention_failures, 1);
    stats_set(&work->stats->retention_failing, 1);
    if (work->complained_us == 0 || now_us - work->complained_us >= COMPLAIN_US) {
        work->complained_us = now_us;
        log_warning("retention cannot %s %s: %s; that is tried again", what, name,
                    error == -EEXIST    ? "there is a " ZST_SUFFIX " of it that does not hold the same"
                    : error == -EBADMSG ? "it did not unpack to the same"
                                        : strerror(-error));
    }
    return RETENTION_FAILED;
}

static void note_success(struct retention_work *work)
{
    work->complained_us = 0;
    stats_set(&work->stats->retention_failing, 0);
}

static enum retention_outcome pack(struct retention_work *work, struct retention_file *file, uint64_t now_us)
{
    int error = retention_pack(&work->pack, file->name);
    if (error == -ECANCELED)
        return RETENTION_IDLE;
    if (error < 0) {
        file->retry_us = now_us + RETRY_US;
        return fail(work, now_us, "compress", file->name, error);
    }
    note_success(work);
    stats_add(&work->stats->retention_packed, 1);
    stats_add(&work->stats->retention_packed_in, work->pack.content_len);
    stats_add(&work->stats->retention_packed_out, work->pack.packed_len);
    log_info("%s is compressed: %llu of %llu bytes", file->name, (unsigned long long)work->pack.packed_len,
             (unsigned long long)work->pack.content_len);
    return RETENTION_DONE;
}

/* The file's index, both forms of it, and then the directory. -ENOENT: someone was faster. */
static int remove_forms(const struct retention_work *work, const struct retention_file *file)
{
    char packed[LOG_NAME_MAX];
    const struct disk *disk = work->disk;
    log_name_packed(packed, file->name);
    retention_index_remove(work, file);
    int error = file->plain_bytes > 0 ? disk->unlink(disk, work->dir, file->name) : 0;
    if ((error == 0 || error == -ENOENT) && file->packed_bytes > 0)
        error = disk->unlink(disk, work->dir, packed);
    if (error == -ENOENT)
        error = 0;
    return error < 0 ? error : disk->sync_dir(disk, work->dir);
}

static struct pruned describe(const struct retention_work *work, const struct retention_file *file,
                              enum retention_reason reason)
{
    const struct log_origin *next = &retention_files_next(&work->files, (size_t)(file - work->files.items))->origin;
    struct pruned pruned = {.bytes = file->plain_bytes + file->packed_bytes,
                            .first_seq = file->head.seq,
                            .last_seq = next->previous_seq,
                            .reason = retention_reason_word(reason)};
    memcpy(pruned.last_hash, next->previous_hash, sizeof pruned.last_hash);
    if (file->plain_bytes > 0)
        memcpy(pruned.file, file->name, sizeof pruned.file);
    else
        log_name_packed(pruned.file, file->name);
    return pruned;
}

static enum retention_outcome prune(struct retention_work *work, const struct retention_file *file,
                                    enum retention_reason reason, uint64_t now_us)
{
    struct pruned pruned = describe(work, file, reason);
    retention_reserve_give_up(work);
    if (!work->tell(work->arg, &pruned))
        return RETENTION_IDLE;
    int error = remove_forms(work, file);
    if (error < 0)
        return fail(work, now_us, "remove", pruned.file, error);
    if (reason == RETENTION_BY_ROOM)
        work->freed_at_us = now_us;
    note_success(work);
    stats_add(&work->stats->retention_pruned, 1);
    stats_add(&work->stats->retention_pruned_bytes, pruned.bytes);
    log_info("%s is removed (%s): the log begins behind seq %llu now", pruned.file, pruned.reason,
             (unsigned long long)pruned.last_seq);
    return RETENTION_DONE;
}

/* --- what is to be done --- */

/* The oldest file is left alone while a session reads it, but not for ever: no client shall fill the disk. */
static bool is_used(struct retention_work *work, uint64_t now_us)
{
    const struct retention_files *files = &work->files;
    uint64_t reading_seq = stats_get(&work->stats->stream_reading_seq);
    const struct log_head *next = retention_files_next(files, 0);
    if (files->count == 0 || reading_seq < files->items[0].head.seq || reading_seq > next->origin.previous_seq) {
        work->used_seq = 0;
        return false;
    }
    if (work->used_seq != files->items[0].head.seq) {
        work->used_seq = files->items[0].head.seq;
        work->used_since_us = now_us;
    }
    return now_us - work->used_since_us < PATIENCE_US;
}

static bool make_items(struct retention_work *work, struct retention_item **items, uint64_t now_us)
{
    const struct retention_files *files = &work->files;
    *items = calloc(files->count + 1, sizeof **items);
    for (size_t i = 0; *items != NULL && i < files->count; i++) {
        const struct retention_file *file = &files->items[i];
        const struct log_head *next = retention_files_next(files, i);
        (*items)[i] = (struct retention_item){.ended_us = next->fault == NULL ? next->received_us : UINT64_MAX,
                                              .bytes = file->plain_bytes + file->packed_bytes,
                                              .is_plain = file->plain_bytes > 0,
                                              .is_tied = retention_files_is_tied(files, i),
                                              .is_barred = now_us < file->retry_us};
    }
    if (*items != NULL)
        (*items)[0].is_used = is_used(work, now_us);
    return *items != NULL;
}

static struct retention_step plan(const struct retention_work *work, const struct retention_item *items,
                                  uint64_t wall_us, uint64_t now_us)
{
    struct disk_space space = {0, 0};
    if (work->disk->space(work->disk, work->dir, &space) < 0)
        space = (struct disk_space){0, 0};
    struct retention_view view = {.items = items,
                                  .count = work->files.count,
                                  .current_bytes = work->files.current_bytes,
                                  .disk_bytes = space.total_bytes,
                                  .disk_free_bytes = space.free_bytes,
                                  .now_us = wall_us,
                                  .may_free = work->freed_at_us == 0 || now_us - work->freed_at_us >= SETTLE_US};
    return retention_plan(&work->limits, &view);
}

/* True while a file waits for another try. */
static bool is_any_barred(const struct retention_work *work, uint64_t now_us)
{
    for (size_t i = 0; i < work->files.count; i++)
        if (now_us < work->files.items[i].retry_us)
            return true;
    return false;
}

enum retention_outcome retention_work_step(struct retention_work *work, uint64_t wall_us, uint64_t now_us)
{
    struct retention_item *items;

    int error = retention_files_look(&work->files, !work->has_tidied);
    if (error < 0)
        return fail(work, now_us, "read", "the log's directory", error);
    if (!work->has_tidied)
        retention_index_tidy(work);
    work->has_tidied = true;
    count_files(work);
    if (work->files.current.fault != NULL || !make_items(work, &items, now_us))
        return RETENTION_IDLE; /* a new file begins: soon it says what it goes on from */
    struct retention_step step = plan(work, items, wall_us, now_us);
    free(items);
    struct retention_file *file = &work->files.items[step.index];
    switch (step.action) {
    case RETENTION_PACK:
        return pack(work, file, now_us);
    case RETENTION_PRUNE:
        return prune(work, file, step.reason, now_us);
    case RETENTION_NOTHING:
        if (!is_any_barred(work, now_us))
            note_success(work);
        break;
    }
    retention_reserve_keep(work);
    return retention_index_step(work, now_us) ? RETENTION_DONE : RETENTION_IDLE;
}
