/* Key files: read with every doubt that a file deserves, and written so that none is ever overwritten and no secret is
 * ever readable for others, not even for a moment. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#include "client/curve.h"
#include "client/write_all.h"
#include "proto/curve_cert.h"

#define NAME_MAX_LEN 64

/* Where the caller wants the reason. */
struct complaint {
    char *error; /* NULL: nowhere */
    size_t size;
};

static int complain_of(const struct complaint *complaint, int code, const char *path, const char *what)
{
    if (complaint->error && complaint->size > 0)
        snprintf(complaint->error, complaint->size, "%s %s", path, what);
    return code;
}

static int complain_errno(const struct complaint *complaint, const char *path, int error)
{
    if (complaint->error && complaint->size > 0)
        snprintf(complaint->error, complaint->size, "%s: %s", path, strerror(error));
    return TOCSIN_E_IO;
}

/* Reads at most `size` bytes; the length, or a negative errno. */
static ssize_t read_all(int fd, char *bytes, size_t size)
{
    size_t len = 0;
    while (len < size) {
        ssize_t got = read(fd, bytes + len, size - len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            break;
        len += (size_t)got;
    }
    return (ssize_t)len;
}

static int read_text(int fd, const char *path, struct curve_cert *cert, const struct complaint *complaint)
{
    char text[CURVE_CERT_MAX + 1];
    size_t line;
    ssize_t len = read_all(fd, text, sizeof text);
    if (len < 0)
        return complain_errno(complaint, path, (int)-len);
    const char *wrong = curve_cert_read(cert, span_of(text, (size_t)len), &line);
    explicit_bzero(text, sizeof text);
    if (!wrong)
        return TOCSIN_OK;
    char place[PATH_MAX + 32];
    snprintf(place, sizeof place, line > 0 ? "%s:%zu:" : "%s", path, line);
    return complain_of(complaint, TOCSIN_E_SYNTAX, place, wrong);
}

static int read_file(const char *path, bool is_secret, struct curve_cert *cert, const struct complaint *complaint)
{
    struct stat stat;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return complain_errno(complaint, path, errno);
    int result = TOCSIN_OK;
    if (fstat(fd, &stat) != 0)
        result = complain_errno(complaint, path, errno);
    else if (!S_ISREG(stat.st_mode))
        result = complain_of(complaint, TOCSIN_E_INVALID, path, "is no plain file");
    else
        result = read_text(fd, path, cert, complaint);
    if (result == TOCSIN_OK && is_secret && !cert->has_secret)
        result = complain_of(complaint, TOCSIN_E_SYNTAX, path,
                             "has no secret key: the file with it is called NAME.key_secret");
    if (result == TOCSIN_OK && is_secret && (stat.st_mode & 077) != 0)
        result = complain_of(complaint, TOCSIN_E_INVALID, path,
                             "can be read by others, who may have taken the key: make a new one, or chmod 600 it if "
                             "that is out of the question");
    close(fd);
    return result;
}

int tocsin_key_read(struct tocsin_key *key, const char *path, char *error, size_t size)
{
    const struct complaint complaint = {error, size};
    struct curve_cert cert;
    uint8_t public_key[CURVE_KEY_LEN];
    if (!key || !path)
        return TOCSIN_E_INVALID;
    *key = (struct tocsin_key){.public_key = ""};
    int result = read_file(path, true, &cert, &complaint);
    if (result == TOCSIN_OK &&
        (!curve_public_of(public_key, cert.secret_key) || memcmp(public_key, cert.public_key, CURVE_KEY_LEN) != 0))
        result = complain_of(&complaint, TOCSIN_E_SYNTAX, path, "has two keys that do not belong together");
    if (result == TOCSIN_OK) {
        curve_key_write(key->public_key, cert.public_key);
        curve_key_write(key->secret_key, cert.secret_key);
    }
    explicit_bzero(&cert, sizeof cert);
    return result;
}

int tocsin_key_read_public(struct tocsin_key *key, const char *path_or_key, char *error, size_t size)
{
    const struct complaint complaint = {error, size};
    struct curve_cert cert;
    if (!key || !path_or_key)
        return TOCSIN_E_INVALID;
    *key = (struct tocsin_key){.public_key = ""};
    if (curve_key_read(cert.public_key, span_of_str(path_or_key))) {
        curve_key_write(key->public_key, cert.public_key);
        return TOCSIN_OK;
    }
    int result = read_file(path_or_key, false, &cert, &complaint);
    if (result == TOCSIN_OK && cert.has_secret)
        result = complain_of(&complaint, TOCSIN_E_INVALID, path_or_key,
                             "holds a secret key, which belongs to its owner alone; the file with the public one is "
                             "called NAME.key");
    if (result == TOCSIN_OK)
        curve_key_write(key->public_key, cert.public_key);
    explicit_bzero(&cert, sizeof cert);
    return result;
}

int tocsin_key_make(struct tocsin_key *key)
{
    if (!key)
        return TOCSIN_E_INVALID;
    *key = (struct tocsin_key){.public_key = ""};
    return zmq_curve_keypair(key->public_key, key->secret_key) == 0 ? TOCSIN_OK : TOCSIN_E_IO;
}

static bool is_name(const char *name)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
    size_t len = name ? strlen(name) : 0;
    return len > 0 && len <= NAME_MAX_LEN && strspn(name, allowed) == len;
}

/* Creates the file; what was begun and failed is gone again. */
static int write_file(const char *path, mode_t mode, const struct text *text, const struct complaint *complaint)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 && errno == EEXIST)
        return complain_of(complaint, TOCSIN_E_LOCKED, path, "is there already, and no key is ever overwritten");
    if (fd < 0)
        return complain_errno(complaint, path, errno);
    bool is_written = write_all(fd, text_span(text)) && fchmod(fd, mode) == 0 && fsync(fd) == 0;
    int error = errno;
    close(fd);
    if (is_written)
        return TOCSIN_OK;
    unlink(path);
    return complain_errno(complaint, path, error);
}

static void write_when(char out[32])
{
    time_t now = time(NULL);
    struct tm broken;
    if (!localtime_r(&now, &broken) || strftime(out, 32, "%Y-%m-%d %H:%M:%S", &broken) == 0)
        out[0] = '\0';
}

/* The text of one of the two files, written. */
static int write_half(const struct curve_cert *cert, bool is_secret, const char *path, const char *name,
                      const struct complaint *complaint)
{
    char when[32];
    struct text text;
    write_when(when);
    text_init(&text);
    text_reserve(&text, CURVE_CERT_MAX); /* so that it does not move, and leave a secret behind */
    curve_cert_write(&text, cert, is_secret, name, when);
    int result = text.failed ? TOCSIN_E_NOMEM : write_file(path, is_secret ? 0600 : 0644, &text, complaint);
    if (text.data)
        explicit_bzero(text.data, text.len);
    text_fini(&text);
    return result;
}

int tocsin_key_write(const struct tocsin_key *key, const char *path, const char *name, char *error, size_t size)
{
    const struct complaint complaint = {error, size};
    struct curve_cert cert = {.has_secret = true};
    char secret_path[PATH_MAX];
    if (!key || !path || !is_name(name) || !curve_key_read(cert.public_key, span_of_str(key->public_key)) ||
        !curve_key_read(cert.secret_key, span_of_str(key->secret_key)))
        return TOCSIN_E_INVALID;
    if (snprintf(secret_path, sizeof secret_path, "%s_secret", path) >= (int)sizeof secret_path)
        return complain_errno(&complaint, path, ENAMETOOLONG);
    int result = write_half(&cert, true, secret_path, name, &complaint);
    if (result == TOCSIN_OK) {
        result = write_half(&cert, false, path, name, &complaint);
        if (result != TOCSIN_OK)
            unlink(secret_path);
    }
    explicit_bzero(&cert, sizeof cert);
    return result;
}
