/* Files, and standard output. A batch is taken when it is forced to the disk. A file that was left with half a line, by
 * a process that was killed, is cut back to its last whole line: what was cut was not taken, and comes again. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/complain.h"
#include "client/logger/file_dir.h"
#include "client/logger/file_names.h"
#include "client/logger/target.h"
#include "client/write_all.h"

struct file_target {
    struct target target;
    struct file_dir dir; /* not for standard output */
    bool is_stdout;
    bool is_daily;
    bool is_numbered;
    bool compresses;
    uint64_t rotate_bytes;
    int fd; /* -1: none is open */
    off_t len;
    uint64_t number; /* of the file that is open, or was last */
    char suffix[FILE_NAMES_SUFFIX_MAX];
};

static void encode(struct target *target, struct text *out, const struct log_event *event)
{
    log_form_write(out, target->form, event);
    text_put_char(out, '\n');
}

/* --- opening and closing --- */

static void close_file(struct file_target *file)
{
    if (file->fd >= 0 && !file->is_stdout)
        close(file->fd);
    file->fd = -1;
}

/* The file is complete; it is compressed where that is wanted. */
static void end_file(struct file_target *file)
{
    close_file(file);
    if (!file->compresses)
        return;
    if (file_dir_compress(&file->dir, file->suffix) != TOCSIN_OK)
        complain("%s%s: cannot be compressed: %s", file->dir.path, file->suffix, strerror(errno));
}

/* Cuts half a line off the end. */
static bool cut_half_line(struct file_target *file)
{
    char piece[4096];
    off_t end = file->len;
    while (end > 0) {
        off_t begin = end > (off_t)sizeof piece ? end - (off_t)sizeof piece : 0;
        ssize_t len = pread(file->fd, piece, (size_t)(end - begin), begin);
        if (len <= 0)
            return false;
        const char *newline = memrchr(piece, '\n', (size_t)len);
        if (newline) {
            end = begin + (newline - piece) + 1;
            break;
        }
        end = begin;
    }
    if (end == file->len)
        return true;
    file->len = end;
    return ftruncate(file->fd, end) == 0;
}

static enum target_answer open_file(struct file_target *file)
{
    struct stat status;
    file->fd = openat(file->dir.fd, file_dir_name(&file->dir, file->suffix),
                      O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (file->fd < 0 || fstat(file->fd, &status) != 0)
        return target_away(&file->target, "%s%s: %s", file->dir.path, file->suffix, strerror(errno));
    file->len = status.st_size;
    if (S_ISREG(status.st_mode) && cut_half_line(file) && fsync(file->dir.fd) == 0)
        return TARGET_TAKEN;
    close_file(file);
    return target_away(&file->target, "%s%s: no file that one can write lines to", file->dir.path, file->suffix);
}

/* Whether the file that is open still bears its name: others may rename it or take it away (logrotate). */
static bool is_in_place(struct file_target *file)
{
    struct stat own, named;
    return fstat(file->fd, &own) == 0 &&
           fstatat(file->dir.fd, file_dir_name(&file->dir, file->suffix), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           own.st_ino == named.st_ino && own.st_dev == named.st_dev;
}

/* The suffix of the file that the entry belongs into. */
static void find_suffix(struct file_target *file, const struct batch_entry *entry, char *suffix)
{
    *suffix = '\0';
    if (file->is_daily)
        file_names_day(suffix, entry->received_us);
    if (!file->is_numbered)
        return;
    if (file->fd >= 0 && file->len > 0 && (uint64_t)file->len + entry->len > file->rotate_bytes)
        file->number++;
    file_names_number(suffix, file->number);
}

/* Opens the file that the entry belongs into, and ends the one before; one that is full already is passed over. */
static enum target_answer turn_to(struct file_target *file, const struct batch_entry *entry)
{
    char suffix[FILE_NAMES_SUFFIX_MAX];
    if (file->is_stdout)
        return TARGET_TAKEN;
    for (;;) {
        find_suffix(file, entry, suffix);
        if (file->fd >= 0 && strcmp(suffix, file->suffix) == 0)
            return TARGET_TAKEN;
        if (file->fd >= 0)
            end_file(file);
        memcpy(file->suffix, suffix, sizeof suffix);
        if (open_file(file) != TARGET_TAKEN)
            return TARGET_AWAY;
    }
}

/* --- writing --- */

/* Takes back what was written of a line that did not go all in. */
static enum target_answer fail(struct file_target *file, struct batch *batch)
{
    int reason = errno;
    if (file->is_stdout && reason == EPIPE)
        return TARGET_GONE;
    if (!file->is_stdout) {
        if (ftruncate(file->fd, file->len) != 0)
            complain("%s%s: half a line may be there: %s", file->dir.path, file->suffix, strerror(errno));
        close_file(file);
        batch->done = 0; /* what is not synced may be gone */
    }
    return target_away(&file->target, "%s: %s", file->is_stdout ? "standard output" : file->dir.path, strerror(reason));
}

/* The entries from batch->done on that go into the file that is open, in one write. */
static struct span take_run(const struct file_target *file, const struct batch *batch, size_t *count)
{
    size_t begin = batch->entries[batch->done].at, len = 0;
    char suffix[FILE_NAMES_SUFFIX_MAX];
    for (*count = 0; batch->done + *count < batch->count; ++*count) {
        const struct batch_entry *entry = &batch->entries[batch->done + *count];
        if (*count > 0 && file->is_numbered && (uint64_t)file->len + len + entry->len > file->rotate_bytes)
            break;
        if (*count > 0 && file->is_daily) {
            file_names_day(suffix, entry->received_us);
            if (strcmp(suffix, file->suffix) != 0)
                break;
        }
        len += entry->len;
    }
    return span_of(batch->text.data + begin, len);
}

static enum target_answer deliver(struct target *target, struct batch *batch)
{
    struct file_target *file = (struct file_target *)target;
    if (!file->is_stdout && file->fd >= 0 && !is_in_place(file))
        close_file(file);
    while (batch->done < batch->count) {
        size_t count;
        if (turn_to(file, &batch->entries[batch->done]) != TARGET_TAKEN)
            return TARGET_AWAY;
        struct span run = take_run(file, batch, &count);
        if (!write_all(file->fd, run))
            return fail(file, batch);
        file->len += (off_t)run.len;
        batch->done += count;
        if (!file->is_stdout && fdatasync(file->fd) != 0)
            return fail(file, batch);
    }
    return TARGET_TAKEN;
}

/* --- the target --- */

static void free_target(struct target *target)
{
    struct file_target *file = (struct file_target *)target;
    close_file(file);
    file_dir_fini(&file->dir);
    free(file);
}

static const struct target_kind kind = {encode, deliver, free_target};

/* What a former process left uncompressed, but for the file that goes on. */
static void compress_rest(struct file_target *file)
{
    if (file_dir_compress_all(&file->dir, file->is_numbered ? file->number : UINT64_MAX) != TOCSIN_OK)
        complain("%s: older files cannot be compressed: %s", file->dir.path, strerror(errno));
}

struct target *target_file_new(const struct target_options *options, const char *path)
{
    struct file_target *file = calloc(1, sizeof *file);
    if (!file)
        return NULL;
    file->target = (struct target){.kind = &kind, .form = options->has_form ? options->form : LOG_FORM_JSON};
    file->is_stdout = !path;
    file->fd = path ? -1 : STDOUT_FILENO;
    file->dir.fd = -1;
    if (!path)
        return &file->target;
    file->is_daily = options->is_daily;
    file->rotate_bytes = options->rotate_bytes;
    file->is_numbered = options->rotate_bytes > 0;
    file->compresses = options->compresses;
    if (file_dir_init(&file->dir, path) != TOCSIN_OK) {
        complain("--to: file:%s: %s", path, strerror(errno));
        free_target(&file->target);
        return NULL;
    }
    if (file->is_numbered)
        file->number = file_dir_next_number(&file->dir);
    if (file->compresses)
        compress_rest(file);
    return &file->target;
}
