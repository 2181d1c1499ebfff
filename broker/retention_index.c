#include "broker/retention_index.h"

#include <errno.h>
#include <string.h>

#include "broker/log.h"
#include "broker/log_index.h"

#define RETRY_US    UINT64_C(3600000000)
#define ORPHANS_MAX 16u /* that are looked for at once */

void retention_index_remove(const struct retention_work *work, const struct retention_file *file)
{
    char name[LOG_NAME_MAX];
    log_name_index(name, file->name);
    work->disk->unlink(work->disk, work->dir, name);
}

/* --- those whose file has gone --- */

struct orphans {
    const struct retention_work *work;
    unsigned count;
    char names[ORPHANS_MAX][LOG_NAME_MAX];
};

static bool see_name(void *arg, const char *name)
{
    struct orphans *orphans = arg;
    const struct disk *disk = &orphans->work->files.zst.disk;
    struct disk_stat stat;
    char log_name[LOG_NAME_MAX];
    if (log_name_unindexed(log_name, name) &&
        disk->stat_name(disk, orphans->work->dir, log_name, &stat) == -ENOENT) /* in neither form */
        memcpy(orphans->names[orphans->count++], name, strlen(name) + 1);
    return orphans->count < ORPHANS_MAX;
}

void retention_index_tidy(const struct retention_work *work)
{
    struct orphans orphans;
    bool goes_on = true;
    while (goes_on) {
        orphans = (struct orphans){.work = work};
        goes_on = work->disk->list(work->disk, work->dir, see_name, &orphans) == 0 && orphans.count == ORPHANS_MAX;
        for (unsigned i = 0; i < orphans.count; i++)
            if (work->disk->unlink(work->disk, work->dir, orphans.names[i]) < 0)
                goes_on = false;
    }
}

/* --- making them --- */

/* Today's file was rolled: its index goes with it. */
static void hand_on(const struct retention_work *work, const struct retention_file *newest)
{
    const struct disk *disk = work->disk;
    struct log_index_form form;
    struct log_index index;
    char name[LOG_NAME_MAX];
    struct disk_stat stat;

    log_name_index(name, newest->name);
    log_index_form_init(&form, work->files.log_id, newest->head.seq);
    if (log_index_open(&index, disk, work->dir, LOG_NAME_CURRENT, &form) < 0)
        return;
    log_index_close(&index);
    if (disk->stat_name(disk, work->dir, name, &stat) == -ENOENT)
        disk->replace(disk, work->dir, LOG_NAME_INDEX, name);
}

/* As log_index_make; what fails is counted. */
static int make(struct retention_work *work, const char *name, uint64_t limit_seq, bool anew)
{
    const struct log_index_make making = {.disk = &work->files.zst.disk,
                                          .dir = work->dir,
                                          .stride = work->index_stride,
                                          .places_max = work->index_places_max,
                                          .line_max = work->files.line_max,
                                          .must_stop = work->pack.must_stop,
                                          .arg = work->pack.arg};
    int result = log_index_make(&making, name, limit_seq, anew);
    if (result >= 0 || result == -ECANCELED)
        return result;
    stats_add(&work->stats->index_failures, 1);
    if (!work->has_told_index)
        log_info("no index of %s can be made: %s. It is only a cache, and tried again later", name, strerror(-result));
    work->has_told_index = true;
    return result;
}

/* Whoever used one has found that it is wrong. */
static uint64_t take_bad_index(struct retention_work *work)
{
    uint64_t count = stats_get(&work->stats->stream_bad_indexes);
    if (count == work->bad_indexes)
        return 0;
    work->bad_indexes = count;
    return stats_get(&work->stats->stream_bad_index_seq);
}

/* Only what is durable: lines that may still be taken back have no place in it. True when there is more. */
static bool make_current(struct retention_work *work, uint64_t bad_seq, uint64_t now_us)
{
    uint64_t durable_seq = stats_get(&work->stats->durable_seq);
    if (now_us < work->index_retry_us)
        return false;
    int result = make(work, LOG_NAME_CURRENT, durable_seq, bad_seq == work->files.current.seq);
    if (result < 0)
        work->index_retry_us = now_us + RETRY_US;
    return result == 1;
}

/* The newest of an earlier day that is in need of it; NULL: none is, now. */
static struct retention_file *find_due(const struct retention_files *files, uint64_t now_us)
{
    for (size_t i = files->count; i-- > 0;)
        if (files->items[i].index != RETENTION_INDEX_DONE && now_us >= files->items[i].index_retry_us)
            return &files->items[i];
    return NULL;
}

static void make_dated(struct retention_work *work, struct retention_file *file, uint64_t now_us)
{
    int result = make(work, file->name, UINT64_MAX, file->index == RETENTION_INDEX_BAD);
    if (result >= 0)
        file->index = result == 1 ? RETENTION_INDEX_UNSEEN : RETENTION_INDEX_DONE;
    else
        file->index_retry_us = now_us + RETRY_US;
}

bool retention_index_step(struct retention_work *work, uint64_t now_us)
{
    struct retention_files *files = &work->files;
    uint64_t bad_seq = take_bad_index(work);

    if (files->count > 0 && files->items[files->count - 1].index == RETENTION_INDEX_UNSEEN)
        hand_on(work, &files->items[files->count - 1]);
    for (size_t i = 0; i < files->count; i++)
        if (files->items[i].head.seq == bad_seq)
            files->items[i].index = RETENTION_INDEX_BAD;
    bool has_more = make_current(work, bad_seq, now_us);
    struct retention_file *due = find_due(files, now_us);
    if (due != NULL)
        make_dated(work, due, now_us);
    return has_more || find_due(files, now_us) != NULL;
}
