#include "broker/log_file.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "broker/log_inner.h"
#include "broker/log_message.h"
#include "proto/tocsin_base.h"

#define LINE_BYTES_MAX (UINT64_C(512) << 20) /* six times the largest event that can be set, and more */
#define VERIFY_BYTES   (UINT64_C(64) << 20)  /* more than is ever unsynced; read at each start, some 3 ns a byte */
#define ANCHOR_BYTES   (UINT64_C(64) << 20)
#define PID_TEXT_MAX   24

static int open_dir(struct log_file *log, struct text *message)
{
    const char *path = log->options.dir;
    struct disk_stat stat;

    int error = log->disk->make_dir(log->disk, path);
    if (error < 0)
        return log_message_error(message, "create", path, NULL, error);
    log->dir = log->disk->open_dir(log->disk, path);
    error = log->dir < 0 ? log->dir : log->disk->stat(log->disk, log->dir, &stat);
    if (error < 0)
        return log_message_error(message, "open", path, NULL, error);
    if ((stat.mode & S_IWOTH) == 0)
        return TOCSIN_OK;
    text_printf(message,
                "everyone may write into %s, and so forge the log. Take that right away (chmod o-w), or "
                "choose another --log-dir.",
                path);
    return TOCSIN_E_INVALID;
}

/* The pid that the holder of the directory left in it; 0 when it cannot be told. */
static uint64_t read_pid(const struct log_file *log)
{
    char text[PID_TEXT_MAX] = "";

    int fd = log->disk->open(log->disk, log->dir, LOG_NAME_PID, DISK_READ);
    if (fd < 0)
        return 0;
    if (disk_read_all(log->disk, fd, text, sizeof text - 1, 0) < 0)
        text[0] = '\0';
    log->disk->close(log->disk, fd);
    return strtoull(text, NULL, 10);
}

/* Only for the message above: that it cannot be written does no harm. */
static void write_pid(const struct log_file *log)
{
    char text[PID_TEXT_MAX];

    int fd = log->disk->open(log->disk, log->dir, LOG_NAME_PID, DISK_REPLACEABLE);
    if (fd < 0)
        return;
    int len = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    disk_write_all_at(log->disk, fd, text, (size_t)len, 0);
    log->disk->close(log->disk, fd);
}

static void explain_lock(const struct log_file *log, struct text *message)
{
    uint64_t pid = read_pid(log);
    text_printf(message, "%s is in use by another tocsind", log->options.dir);
    if (pid > 0)
        text_printf(message, " (pid %" PRIu64 ")", pid);
    text_put_str(message, ". Stop that one, or give this one a directory of its own with --log-dir.");
}

static int lock(struct log_file *log, struct text *message)
{
    int error = log->disk->lock(log->disk, log->dir);
    if (error == 0) {
        write_pid(log);
        return TOCSIN_OK;
    }
    if (error != -EWOULDBLOCK)
        return log_message_error(message, "lock", log->options.dir, NULL, error);
    explain_lock(log, message);
    return TOCSIN_E_LOCKED;
}

static void release(struct log_file *log)
{
    if (log->fd >= 0)
        log->disk->close(log->disk, log->fd);
    if (log->dir >= 0)
        log->disk->close(log->disk, log->dir);
    free(log->direct_buffer);
    log_mark_fini(&log->mark);
    disk_zst_fini(&log->zst);
    free((char *)(uintptr_t)log->options.dir);
    free(log);
}

static struct log_file *new_log(const struct log_options *options)
{
    struct log_file *log = calloc(1, sizeof *log);
    if (log == NULL)
        return NULL;
    log->options = *options;
    log->options.dir = strdup(options->dir);
    if (options->line_bytes_max == 0)
        log->options.line_bytes_max = LINE_BYTES_MAX;
    if (options->verify_bytes == 0)
        log->options.verify_bytes = VERIFY_BYTES;
    log->mark.anchor_bytes = options->anchor_bytes == 0 ? ANCHOR_BYTES : options->anchor_bytes;
    disk_zst_init(&log->zst, options->disk == NULL ? &disk_real : options->disk);
    log->disk = &log->zst.disk;
    log->dir = log->fd = -1;
    log->checked_second = UINT64_MAX;
    log->disk->boot_id(log->disk, log->boot_id);
    if (log->options.dir != NULL)
        return log;
    free(log);
    return NULL;
}

bool log_file_is_taken(const char *dir, struct text *message)
{
    struct log_options options = {.dir = dir};
    struct log_file *log = new_log(&options);
    if (log == NULL)
        return false;
    log->dir = log->disk->open_dir(log->disk, dir);
    bool is_taken = log->dir >= 0 && log->disk->lock(log->disk, log->dir) == -EWOULDBLOCK;
    if (is_taken)
        explain_lock(log, message);
    release(log);
    return is_taken;
}

int log_file_open(struct log_file **log, const struct log_options *options, struct text *message)
{
    bool is_locked = false;

    *log = NULL;
    struct log_file *opened = sodium_init() < 0 ? NULL : new_log(options);
    if (opened == NULL)
        return TOCSIN_E_NOMEM;
    tzset();
    int result = open_dir(opened, message);
    if (result == TOCSIN_OK) {
        result = lock(opened, message);
        is_locked = result == TOCSIN_OK;
    }
    if (result == TOCSIN_OK)
        result = log_recover(opened, message);
    if (result == TOCSIN_OK) {
        opened->day = log_day_of(opened->first_received_us, opened->options.zone);
        *log = opened;
        return TOCSIN_OK;
    }
    if (is_locked)
        opened->disk->unlink(opened->disk, opened->dir, LOG_NAME_PID);
    release(opened);
    return result;
}

void log_file_close(struct log_file **log)
{
    struct log_file *closed = *log;

    if (closed == NULL)
        return;
    if (!closed->is_failed && closed->is_synced)
        log_inner_save_state(closed);
    closed->disk->unlink(closed->disk, closed->dir, LOG_NAME_PID);
    release(closed);
    *log = NULL;
}

bool log_file_keep_state(struct log_file *log)
{
    return !log->is_failed && log->is_synced && log_inner_save_state(log);
}

const struct log_tail *log_file_tail(const struct log_file *log)
{
    return &log->tail;
}

const struct log_opening *log_file_opening(const struct log_file *log)
{
    return &log->opening;
}

bool log_file_is_fresh(const struct log_file *log)
{
    return log->is_fresh;
}

const struct log_origin *log_file_origin(const struct log_file *log)
{
    return &log->origin;
}

uint64_t log_file_len(const struct log_file *log)
{
    return log->len;
}

struct disk_space log_file_space(const struct log_file *log)
{
    struct disk_space space = {0, 0};
    if (log->disk->space(log->disk, log->dir, &space) < 0)
        space = (struct disk_space){0, 0};
    return space;
}

const char *log_file_trouble(const struct log_file *log)
{
    return log->trouble;
}
