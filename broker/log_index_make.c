#include "broker/log_index_make.h"

#include <errno.h>
#include <string.h>

#include "broker/log_index.h"
#include "broker/log_name.h"
#include "broker/log_scan.h"

#define READ_ROOM   8192u /* for a look at one line, as in a search */
#define ENTRIES_MAX 128u  /* that are written at once */

struct making {
    const struct log_index_make *make;
    char name[LOG_NAME_MAX]; /* of the index */
    struct log_index_form form;
    int source;
    struct log_lines lines;
    struct log_seek_place last; /* the last entry; offset 0: none yet */
    uint64_t count;             /* entries before those that wait here */
    int target;                 /* -1: not opened yet */
    unsigned waiting;
    uint8_t bytes[LOG_INDEX_HEAD_LEN + ENTRIES_MAX * LOG_INDEX_ENTRY_LEN]; /* the first ones are the head's */
};

/* --- what there is of it --- */

/* The last entry, where the file still has that line there. */
static bool find_last(struct making *making, const struct log_index *index)
{
    struct log_seek_place found = {0};
    struct log_seek_place *last = &making->last;
    if (index->count == 0 || log_index_read(index, index->count - 1, last) < 0 || last->offset == 0)
        return false;
    return log_seek_line(&found, &making->lines, making->make->disk, making->source, last->offset) == 1 &&
           found.offset == last->offset && found.seq == last->seq && found.received_us == last->received_us;
}

/* What cannot be gone on with is removed: a link or a pipe that someone put there is not written to, and who looks
 * something up in the old one is not disturbed. */
static void find_end(struct making *making, const char *log_name, bool anew)
{
    const struct log_index_make *make = making->make;
    struct log_index index;
    int error = log_index_open(&index, make->disk, make->dir, log_name, &making->form);
    if (error == 0) {
        if (!anew && find_last(making, &index))
            making->count = index.count;
        log_index_close(&index);
    }
    if (making->count > 0 || error == -ENOENT)
        return;
    making->last = (struct log_seek_place){0};
    make->disk->unlink(make->disk, make->dir, making->name);
}

/* --- writing --- */

static int flush(struct making *making)
{
    const struct log_index_make *make = making->make;
    bool is_new = making->count == 0;
    if (making->waiting == 0)
        return 0;
    if (making->target < 0)
        making->target = make->disk->open(make->disk, make->dir, making->name, is_new ? DISK_REPLACEABLE : DISK_PATCH);
    if (making->target < 0)
        return making->target;
    size_t skipped = is_new ? 0 : LOG_INDEX_HEAD_LEN;
    size_t len = LOG_INDEX_HEAD_LEN - skipped + making->waiting * LOG_INDEX_ENTRY_LEN;
    uint64_t offset = is_new ? 0 : LOG_INDEX_HEAD_LEN + making->count * LOG_INDEX_ENTRY_LEN;
    int error = disk_write_all_at(make->disk, making->target, making->bytes + skipped, len, offset);
    making->count += making->waiting;
    making->waiting = 0;
    return error;
}

/* Only what rises: else the file is no sorted one, and halving the index would lead astray. */
static int add(struct making *making, const struct log_seek_place *place)
{
    if (place->seq <= making->last.seq || place->received_us < making->last.received_us)
        return 0;
    uint8_t *out = making->bytes + LOG_INDEX_HEAD_LEN + making->waiting * LOG_INDEX_ENTRY_LEN;
    log_index_form_put(&making->form, out, making->count + making->waiting, place);
    making->waiting++;
    making->last = *place;
    return making->waiting == ENTRIES_MAX ? flush(making) : 0;
}

/* --- all of it --- */

static int add_all(struct making *making, uint64_t limit_seq)
{
    const struct log_index_make *make = making->make;
    struct log_seek_place place = {.offset = making->last.offset};
    struct disk_stat stat;
    uint64_t left = make->places_max, began_at = place.offset;

    int result = make->disk->stat(make->disk, making->source, &stat);
    uint64_t at = (place.offset / make->stride + 1) * make->stride;
    for (; result == 0 && at < stat.len; at = (at / make->stride + 1) * make->stride) {
        int found = log_seek_line(&place, &making->lines, make->disk, making->source, at);
        if (found == 1 && place.seq > limit_seq)
            break;
        if (found == 1) {
            result = add(making, &place);
            at = place.offset;
        }
        if (found < 0)
            result = found;
        else if (result == 0 && make->must_stop(make->arg))
            result = -ECANCELED;
        else if (result == 0 && (left == 0 || --left == 0) && making->last.offset > began_at)
            result = 1; /* else nothing would come of the next call either */
    }
    if (result < 0 && result != -ECANCELED)
        return result;
    int flushed = flush(making);
    return flushed < 0 ? flushed : result;
}

/* Whose index it is to be. */
static int read_form(struct making *making)
{
    struct log_head head;
    int error = log_scan_head(&head, making->make->disk, making->source, making->make->line_max);
    if (error == 0 && head.fault != NULL)
        error = -EBADMSG;
    if (error == 0)
        log_index_form_init(&making->form, head.origin.log_id, head.seq);
    return error;
}

int log_index_make(const struct log_index_make *make, const char *name, uint64_t limit_seq, bool anew)
{
    struct making making = {.make = make, .target = -1};

    making.source = make->disk->open(make->disk, make->dir, name, DISK_READ);
    if (making.source < 0)
        return making.source;
    log_name_index(making.name, name);
    log_lines_init(&making.lines, make->disk, making.source, 0, make->line_max);
    making.lines.first_room = READ_ROOM;
    int error = read_form(&making);
    memcpy(making.bytes, making.form.head, sizeof making.form.head);
    if (error == 0) {
        find_end(&making, name, anew);
        error = add_all(&making, limit_seq);
    }
    log_lines_fini(&making.lines);
    make->disk->close(make->disk, making.source);
    if (making.target >= 0)
        make->disk->close(make->disk, making.target);
    if (error < 0 && error != -ECANCELED && making.target >= 0)
        make->disk->unlink(make->disk, make->dir, making.name);
    return error;
}
