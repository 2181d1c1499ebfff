#include "broker/server_key.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/printable.h"
#include "proto/curve_cert.h"
#include "proto/tocsin_base.h"

static int complain(struct text *message, const char *path, size_t line, const char *what, int code)
{
    text_put_str(message, "curve-key: ");
    printable_put(message, span_of_str(path));
    if (line > 0)
        text_printf(message, ":%zu:", line);
    text_printf(message, " %s", what);
    return code;
}

/* Who else may have the secret, or change it. NULL: nobody. */
static const char *who_else(const struct stat *stat)
{
    if ((stat->st_mode & 077) != 0)
        return "can be read by others, who may have taken the key: make a new one, or chmod 600 it if that is out of "
               "the question";
    if (stat->st_uid != geteuid() && stat->st_uid != 0)
        return "belongs to another user, who can change it: give it to the user that tocsind runs as";
    return NULL;
}

static int read_cert(struct door_key *key, int fd, const char *path, struct text *message)
{
    char text[CURVE_CERT_MAX + 1];
    struct curve_cert cert;
    size_t line = 0;
    ssize_t len = read(fd, text, sizeof text);
    if (len < 0)
        return complain(message, path, 0, strerror(errno), TOCSIN_E_IO);
    const char *wrong = curve_cert_read(&cert, span_of(text, (size_t)len), &line);
    sodium_memzero(text, sizeof text);
    if (!wrong && !cert.has_secret)
        wrong = "has no secret key: the file with it is called NAME.key_secret";
    if (!wrong) {
        memcpy(key->secret_key, cert.secret_key, CURVE_KEY_LEN);
        if (crypto_scalarmult_base(key->public_key, key->secret_key) != 0 ||
            sodium_memcmp(key->public_key, cert.public_key, CURVE_KEY_LEN) != 0)
            wrong = "has two keys that do not belong together";
    }
    sodium_memzero(&cert, sizeof cert);
    return wrong ? complain(message, path, line, wrong, TOCSIN_E_SYNTAX) : TOCSIN_OK;
}

int server_key_read(struct door_key *key, const char *path, struct text *message)
{
    struct stat stat;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return complain(message, path, 0, strerror(errno), TOCSIN_E_IO);
    const char *wrong = fstat(fd, &stat) != 0 ? strerror(errno) : S_ISREG(stat.st_mode) ? NULL : "is no plain file";
    int result = wrong ? complain(message, path, 0, wrong, TOCSIN_E_INVALID) : read_cert(key, fd, path, message);
    close(fd);
    wrong = result == TOCSIN_OK ? who_else(&stat) : NULL;
    if (!wrong)
        return result;
    sodium_memzero(key, sizeof *key);
    return complain(message, path, 0, wrong, TOCSIN_E_INVALID);
}
