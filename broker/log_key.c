/* A key is written to FILE.new, synced and given its name only then, and no name is ever taken from another file: a
 * crash leaves either no key or a whole one. The secret comes first, so what a crash in between leaves is a key without
 * its public half, which is made again. */
#include "broker/log_key.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/log_message.h"
#include "proto/tocsin_base.h"

#define SECRET_HEAD "tocsin-secret-key-1 "
#define PUBLIC_HEAD "tocsin-public-key-1 "
#define HEX_LEN     64u /* of the seed, or of the public half */
#define FILE_LEN    (sizeof SECRET_HEAD - 1 + HEX_LEN + 1)

struct key_file {
    const char *path;
    const char *head;
    mode_t mode;
};

/* `error` is a negative errno. */
static int complain(struct text *message, const char *what, const char *path, int error)
{
    switch (error) {
    case -ELOOP:
        text_printf(message, "%s is a symbolic link: name the key file itself with --log-key.", path);
        return TOCSIN_E_INVALID;
    case -EACCES:
    case -EPERM:
    case -EROFS:
    case -ENOENT:
    case -ENOTDIR:
    case -ENAMETOOLONG:
        text_printf(message,
                    "cannot %s %s: %s. The log's signing key must be where tocsind can make and read it; --log-key "
                    "names the place.",
                    what, path, strerror(-error));
        return TOCSIN_E_INVALID;
    default:
        return log_message_error(message, what, path, NULL, error);
    }
}

/* 1: `bytes` are those of the file; 0: there is none; or an error. */
static int read_file(const struct key_file *file, uint8_t bytes[HEX_LEN / 2], struct stat *stat, struct text *message)
{
    char text[FILE_LEN + 1];
    int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT ? 0 : complain(message, "open", file->path, -errno);
    ssize_t len = fstat(fd, stat) == 0 && S_ISREG(stat->st_mode) ? read(fd, text, sizeof text) : 0;
    int error = errno;
    close(fd);
    if (len < 0)
        return complain(message, "read", file->path, -error);
    size_t head_len = strlen(file->head);
    bool is_key = (size_t)len == FILE_LEN && memcmp(text, file->head, head_len) == 0 &&
                  sodium_hex2bin(bytes, HEX_LEN / 2, text + head_len, HEX_LEN, NULL, NULL, NULL) == 0 &&
                  text[FILE_LEN - 1] == '\n';
    sodium_memzero(text, sizeof text);
    if (is_key)
        return 1;
    text_printf(message, "%s does not hold a key: bring the right file back, or move it away to start with a new key.",
                file->path);
    return TOCSIN_E_INVALID;
}

/* The directory's entries reach the disk with it; where a file system cannot do that, the key is there all the same. */
static void sync_dir_of(const char *path)
{
    char copy[PATH_MAX];
    snprintf(copy, sizeof copy, "%s", path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

static int fill(int fd, const struct key_file *file, const uint8_t bytes[HEX_LEN / 2])
{
    char text[FILE_LEN + 1];
    size_t head_len = strlen(file->head);

    memcpy(text, file->head, head_len);
    sodium_bin2hex(text + head_len, HEX_LEN + 1, bytes, HEX_LEN / 2);
    text[FILE_LEN - 1] = '\n';
    ssize_t written = write(fd, text, FILE_LEN);
    sodium_memzero(text, sizeof text);
    if (written < 0)
        return errno;
    if (written != (ssize_t)FILE_LEN)
        return ENOSPC;
    return fchmod(fd, file->mode) == 0 && fsync(fd) == 0 ? 0 : errno;
}

/* Creates the file; never in place of another. */
static int write_file(const struct key_file *file, const uint8_t bytes[HEX_LEN / 2], struct text *message)
{
    char temporary[PATH_MAX];
    if (snprintf(temporary, sizeof temporary, "%s.new", file->path) >= (int)sizeof temporary)
        return complain(message, "create", file->path, -ENAMETOOLONG);
    unlink(temporary); /* what a crash left */
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return complain(message, "create", temporary, -errno);
    int error = fill(fd, file, bytes);
    close(fd);
    if (error == 0 && link(temporary, file->path) != 0)
        error = errno;
    unlink(temporary);
    if (error != 0)
        return complain(message, "create", file->path, -error);
    sync_dir_of(file->path);
    return TOCSIN_OK;
}

static int check_rights(const struct key_file *file, const struct stat *stat, struct text *message)
{
    if ((stat->st_mode & 077) != 0)
        text_printf(message,
                    "%s can be read by others (mode %04o), so anyone may have taken the key and sign in this broker's "
                    "name. If that is out of the question, chmod 600 it; else move both its halves away and start with "
                    "a new key.",
                    file->path, (unsigned)(stat->st_mode & 07777));
    else if (stat->st_uid != geteuid() && stat->st_uid != 0)
        text_printf(message, "%s belongs to user %lu, who can change it: give it to the user that tocsind runs as.",
                    file->path, (unsigned long)stat->st_uid);
    else
        return TOCSIN_OK;
    return TOCSIN_E_INVALID;
}

/* The secret half's file is there and was read into `seed`. */
static int open_both(struct log_key *key, const struct key_file *secret, const struct key_file *public,
                     const uint8_t seed[HEX_LEN / 2], struct text *message)
{
    uint8_t beside[LOG_KEY_PUBLIC_LEN];
    struct stat stat = {0};

    crypto_sign_seed_keypair(key->public_key, key->secret_key, seed);
    int is_there = read_file(public, beside, &stat, message);
    if (is_there < 0)
        return is_there;
    if (is_there == 0) {
        /* the key may lie where nothing else can be written; then the caller tells */
        write_file(public, key->public_key, message);
        return TOCSIN_OK;
    }
    if (memcmp(beside, key->public_key, sizeof beside) == 0)
        return TOCSIN_OK;
    text_printf(message, "%s does not belong to %s: bring the right file back, or move it away and it is made anew.",
                public->path, secret->path);
    return TOCSIN_E_INVALID;
}

static int make_both(struct log_key *key, const struct key_file *secret, const struct key_file *public,
                     uint8_t seed[HEX_LEN / 2], struct text *message)
{
    if (access(public->path, F_OK) == 0) {
        text_printf(message,
                    "%s is missing, but its public half %s is there: bring the key back, or move that away too and a "
                    "new key is made.",
                    secret->path, public->path);
        return TOCSIN_E_INVALID;
    }
    randombytes_buf(seed, HEX_LEN / 2);
    int result = write_file(secret, seed, message);
    if (result != TOCSIN_OK)
        return result;
    key->is_new = true;
    return open_both(key, secret, public, seed, message);
}

int log_key_open(struct log_key *key, const char *path, struct text *message)
{
    char public_path[PATH_MAX];
    uint8_t seed[HEX_LEN / 2];
    struct stat stat = {0};
    const struct key_file secret = {path, SECRET_HEAD, 0600};
    const struct key_file public = {public_path, PUBLIC_HEAD, 0644};

    *key = (struct log_key){.is_new = false};
    if (snprintf(public_path, sizeof public_path, "%s.pub", path) >= (int)sizeof public_path)
        return complain(message, "open", path, -ENAMETOOLONG);
    sodium_mlock(key->secret_key, sizeof key->secret_key);
    int result = read_file(&secret, seed, &stat, message);
    if (result == 1) {
        result = check_rights(&secret, &stat, message);
        if (result == TOCSIN_OK)
            result = open_both(key, &secret, &public, seed, message);
    } else if (result == 0) {
        result = make_both(key, &secret, &public, seed, message);
    }
    sodium_memzero(seed, sizeof seed);
    if (result != TOCSIN_OK)
        log_key_fini(key);
    return result;
}

void log_key_fini(struct log_key *key)
{
    sodium_munlock(key->secret_key, sizeof key->secret_key); /* clears it as well */
    *key = (struct log_key){.is_new = false};
}

void log_key_fingerprint(char out[LOG_KEY_FINGERPRINT_LEN + 1], const struct log_key *key)
{
    uint8_t hash[32];
    crypto_generichash(hash, sizeof hash, key->public_key, sizeof key->public_key, NULL, 0);
    sodium_bin2hex(out, LOG_KEY_FINGERPRINT_LEN + 1, hash, LOG_KEY_FINGERPRINT_LEN / 2);
}
