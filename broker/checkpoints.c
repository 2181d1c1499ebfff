#include "broker/checkpoints.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "broker/log.h"
#include "broker/log_key.h"
#include "proto/tocsin_base.h"

struct checkpoints {
    const struct disk *disk;
    const char *dir_path;
    const struct log_tail *tail;
    struct log_key key;
    int dir; /* -1: not open yet, as fd */
    int fd;
    uint64_t inode;
    uint64_t len;
    bool is_known;     /* signed_seq has been looked up in the file that was found */
    bool is_synced;    /* nothing was written since the last sync */
    bool is_torn;      /* a failed write may have left a part of a line behind len */
    uint64_t next_seq; /* the first seq that this life of the broker writes */
    uint64_t signed_seq;
    uint64_t tried_us; /* monotonic; 0: never */
    char trouble[256];
};

static void tell_key(const struct log_key *key, const char *path)
{
    char fingerprint[LOG_KEY_FINGERPRINT_LEN + 1];
    log_key_fingerprint(fingerprint, key);
    log_info("%s %s signs the log; its fingerprint is %s", key->is_new ? "a new key" : "the key", path, fingerprint);
}

int checkpoints_open(struct checkpoints **checkpoints, const struct disk *disk, const char *dir,
                     const struct log_tail *tail, const char *key_path, struct text *message)
{
    struct checkpoints *opened = malloc(sizeof *opened);
    if (opened == NULL)
        return TOCSIN_E_NOMEM;
    *opened = (struct checkpoints){.disk = disk == NULL ? &disk_real : disk,
                                   .dir_path = dir,
                                   .tail = tail,
                                   .dir = -1,
                                   .fd = -1,
                                   .next_seq = tail->next_seq};
    int result = log_key_open(&opened->key, key_path, message);
    if (result != TOCSIN_OK) {
        free(opened);
        return result;
    }
    if (message->len > 0)
        log_warning("%.*s", LOG_SPAN(text_span(message)));
    text_clear(message);
    tell_key(&opened->key, key_path);
    *checkpoints = opened;
    return TOCSIN_OK;
}

static void close_file(struct checkpoints *checkpoints)
{
    if (checkpoints->fd >= 0)
        checkpoints->disk->close(checkpoints->disk, checkpoints->fd);
    checkpoints->fd = -1;
}

void checkpoints_close(struct checkpoints **checkpoints)
{
    if (*checkpoints == NULL)
        return;
    close_file(*checkpoints);
    if ((*checkpoints)->dir >= 0)
        (*checkpoints)->disk->close((*checkpoints)->disk, (*checkpoints)->dir);
    log_key_fini(&(*checkpoints)->key);
    free(*checkpoints);
    *checkpoints = NULL;
}

bool checkpoints_is_due(const struct checkpoints *checkpoints, uint64_t now_us, bool is_synced)
{
    uint64_t unsigned_count = checkpoints->tail->seq - checkpoints->signed_seq;

    if (checkpoints->tail->seq <= checkpoints->signed_seq)
        return false;
    if (checkpoints->tried_us == 0 || now_us - checkpoints->tried_us >= CHECKPOINTS_INTERVAL_US)
        return true;
    return is_synced && checkpoints->trouble[0] == '\0' && unsigned_count >= CHECKPOINTS_LINES;
}

const char *checkpoints_trouble(const struct checkpoints *checkpoints)
{
    return checkpoints->trouble;
}

uint64_t checkpoints_signed_seq(const struct checkpoints *checkpoints)
{
    return checkpoints->signed_seq;
}

/* `error` is a negative errno. */
static int fail(struct checkpoints *checkpoints, const char *what, int error)
{
    snprintf(checkpoints->trouble, sizeof checkpoints->trouble, "cannot %s %s: %s", what, CHECKPOINTS_NAME,
             strerror(-error));
    return disk_is_full(error) ? TOCSIN_E_NOSPACE : TOCSIN_E_IO;
}

/* True when the last checkpoint of the file that was found is one that the next can go on from. */
static bool is_own(const struct checkpoints *checkpoints, const struct checkpoint *last)
{
    return memcmp(last->log_id, checkpoints->tail->log_id, sizeof last->log_id) == 0 &&
           memcmp(last->key, checkpoints->key.public_key, sizeof last->key) == 0 && last->seq < checkpoints->next_seq;
}

/* What a crash cut short is cut off; where the file goes on from is looked up, in the first file of this life. */
static int take_over(struct checkpoints *checkpoints)
{
    struct checkpoint last;
    uint64_t end;

    int result = checkpoints_read_last(&last, &end, checkpoints->disk, checkpoints->fd, checkpoints->len);
    if (result >= 0 && end < checkpoints->len) {
        int error = checkpoints->disk->cut(checkpoints->disk, checkpoints->fd, end);
        result = error < 0 ? error : result;
        checkpoints->len = end;
    }
    if (result < 0)
        return result;
    if (!checkpoints->is_known)
        checkpoints->signed_seq = result == 1 && is_own(checkpoints, &last) ? last.seq : checkpoints->next_seq - 1;
    checkpoints->is_known = true;
    return 0;
}

static int open_dir(struct checkpoints *checkpoints)
{
    if (checkpoints->dir < 0)
        checkpoints->dir = checkpoints->disk->open_dir(checkpoints->disk, checkpoints->dir_path);
    return checkpoints->dir;
}

/* The file that has the name now, or a new one. 0 or a negative errno. */
static int open_file(struct checkpoints *checkpoints)
{
    const struct disk *disk = checkpoints->disk;
    struct disk_stat stat;
    bool is_new = false;

    int fd = disk->open(disk, checkpoints->dir, CHECKPOINTS_NAME, DISK_APPEND);
    if (fd == -ENOENT) {
        is_new = true;
        fd = disk->open(disk, checkpoints->dir, CHECKPOINTS_NAME, DISK_CREATE);
    }
    if (fd < 0)
        return fd;
    checkpoints->fd = fd;
    int error = disk->stat(disk, fd, &stat);
    if (error == 0 && !S_ISREG(stat.mode))
        error = -EISDIR;
    if (error == 0 && is_new)
        error = disk->sync_dir(disk, checkpoints->dir);
    if (error == 0) {
        checkpoints->inode = stat.inode;
        checkpoints->len = stat.len;
        checkpoints->is_torn = checkpoints->is_synced = false;
        error = take_over(checkpoints);
    }
    if (error < 0)
        close_file(checkpoints);
    return error;
}

/* Opens the file when it is not, or not any more, the one that has the name. */
static int be_open(struct checkpoints *checkpoints)
{
    const struct disk *disk = checkpoints->disk;
    struct disk_stat named;

    int error = open_dir(checkpoints);
    if (error < 0)
        return error;
    if (checkpoints->fd >= 0 &&
        (disk->stat_name(disk, checkpoints->dir, CHECKPOINTS_NAME, &named) < 0 || named.inode != checkpoints->inode))
        close_file(checkpoints);
    return checkpoints->fd >= 0 ? 0 : open_file(checkpoints);
}

static size_t compose(const struct checkpoints *checkpoints, char line[CHECKPOINT_LINE_MAX])
{
    const struct log_tail *tail = checkpoints->tail;
    uint8_t bytes[CHECKPOINT_SIGNED_LEN];
    struct checkpoint checkpoint = {
        .first_seq = checkpoints->signed_seq + 1, .seq = tail->seq, .received_us = tail->received_us};

    memcpy(checkpoint.log_id, tail->log_id, sizeof checkpoint.log_id);
    memcpy(checkpoint.hash, tail->hash, sizeof checkpoint.hash);
    memcpy(checkpoint.key, checkpoints->key.public_key, sizeof checkpoint.key);
    checkpoint_signed_bytes(bytes, &checkpoint);
    crypto_sign_detached(checkpoint.signature, NULL, bytes, sizeof bytes, checkpoints->key.secret_key);
    return checkpoint_write_line(line, &checkpoint);
}

/* One line, whole or not at all: what a full disk left of it goes again. */
static int append(struct checkpoints *checkpoints, const char *line, size_t len)
{
    const struct disk *disk = checkpoints->disk;
    size_t done;

    int error = checkpoints->is_torn ? disk->cut(disk, checkpoints->fd, checkpoints->len) : 0;
    if (error < 0)
        return error;
    checkpoints->is_torn = false;
    error = disk_append_all(disk, checkpoints->fd, line, len, &done);
    checkpoints->is_synced = false;
    if (error < 0)
        checkpoints->is_torn = done > 0 && disk->cut(disk, checkpoints->fd, checkpoints->len) < 0;
    else
        checkpoints->len += len;
    return error;
}

int checkpoints_write(struct checkpoints *checkpoints, uint64_t now_us, bool must_last)
{
    char line[CHECKPOINT_LINE_MAX];

    checkpoints->tried_us = now_us;
    int error = checkpoints->tail->seq == 0 ? 0 : be_open(checkpoints);
    if (error < 0)
        return fail(checkpoints, "open", error);
    if (checkpoints->tail->seq > checkpoints->signed_seq) {
        error = append(checkpoints, line, compose(checkpoints, line));
        if (error < 0)
            return fail(checkpoints, "write to", error);
        checkpoints->signed_seq = checkpoints->tail->seq;
    }
    if (must_last && checkpoints->fd >= 0 && !checkpoints->is_synced) {
        error = checkpoints->disk->sync(checkpoints->disk, checkpoints->fd);
        if (error < 0)
            return fail(checkpoints, "sync", error);
        checkpoints->is_synced = true;
    }
    checkpoints->trouble[0] = '\0';
    return TOCSIN_OK;
}
