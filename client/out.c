#include "client/out.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "client/complain.h"
#include "client/options.h"
#include "client/tocsin.h"
#include "proto/tocsin_base.h"

#define ENOUGH_BYTES 65536

void out_init(struct out *out, int fd)
{
    *out = (struct out){.fd = fd, .is_terminal = isatty(fd) == 1};
    text_init(&out->text);
}

void out_fini(struct out *out)
{
    text_fini(&out->text);
}

/* A descriptor that others have made non-blocking is waited for. */
static bool wait_writable(int fd)
{
    struct pollfd item = {.fd = fd, .events = POLLOUT};
    return poll(&item, 1, -1) > 0 || errno == EINTR;
}

int out_flush(struct out *out)
{
    if (out->text.failed)
        return TOCSIN_E_NOMEM;
    size_t written = 0;
    while (written < out->text.len) {
        ssize_t len = write(out->fd, out->text.data + written, out->text.len - written);
        if (len >= 0)
            written += (size_t)len;
        else if (errno == EPIPE)
            return TOCSIN_E_CLOSED;
        else if (errno != EINTR && !(errno == EAGAIN && wait_writable(out->fd)))
            return TOCSIN_E_IO;
    }
    text_clear(&out->text);
    return TOCSIN_OK;
}

int out_done(struct out *out)
{
    bool is_due = out->is_terminal || out->text.failed || out->text.len >= ENOUGH_BYTES;
    return is_due ? out_flush(out) : TOCSIN_OK;
}

int out_code(int error)
{
    if (error == TOCSIN_OK || error == TOCSIN_E_CLOSED)
        return EXIT_CODE_OK;
    if (error == TOCSIN_E_IO)
        complain("standard output: %s", strerror(errno));
    else
        complain("%s", tocsin_error_text(error));
    return EXIT_CODE_FAILED;
}

bool out_is_abandoned(const struct out *out)
{
    struct pollfd item = {.fd = out->fd, .events = 0};
    return poll(&item, 1, 0) > 0 && (item.revents & (POLLERR | POLLHUP)) != 0;
}
