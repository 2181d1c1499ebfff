#include "client/out.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "client/complain.h"
#include "client/options.h"
#include "client/tocsin.h"
#include "client/write_all.h"
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

int out_flush(struct out *out)
{
    if (out->text.failed)
        return TOCSIN_E_NOMEM;
    if (!write_all(out->fd, text_span(&out->text)))
        return errno == EPIPE ? TOCSIN_E_CLOSED : TOCSIN_E_IO;
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

int out_line(const char *format, ...)
{
    struct out out;
    va_list arguments;
    out_init(&out, STDOUT_FILENO);
    va_start(arguments, format);
    text_vprintf(&out.text, format, arguments);
    va_end(arguments);
    text_put_char(&out.text, '\n');
    int code = out_code(out_flush(&out));
    out_fini(&out);
    return code;
}

bool out_is_abandoned(const struct out *out)
{
    struct pollfd item = {.fd = out->fd, .events = 0};
    return poll(&item, 1, 0) > 0 && (item.revents & (POLLERR | POLLHUP)) != 0;
}
