#include "client/logger/compress.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zstd.h>

#include "client/write_all.h"
#include "proto/tocsin_base.h"

#define LEVEL     6
#define NAME_ROOM 512
#define TRIES_MAX 10000

struct compressing {
    ZSTD_CCtx *context;
    int from;
    int to;
    char in[65536];
    char out[65536];
};

/* One piece of input; the last one ends the frame. */
static int compress_piece(struct compressing *work, size_t len)
{
    ZSTD_inBuffer in = {work->in, len, 0};
    ZSTD_EndDirective directive = len > 0 ? ZSTD_e_continue : ZSTD_e_end;
    size_t left;
    do {
        ZSTD_outBuffer out = {work->out, sizeof work->out, 0};
        left = ZSTD_compressStream2(work->context, &out, &in, directive);
        if (ZSTD_isError(left))
            return TOCSIN_E_NOMEM;
        if (!write_all(work->to, span_of(work->out, out.pos)))
            return TOCSIN_E_IO;
    } while (directive == ZSTD_e_end ? left > 0 : in.pos < in.size);
    return TOCSIN_OK;
}

static int copy(struct compressing *work)
{
    ssize_t len;
    ZSTD_CCtx_setParameter(work->context, ZSTD_c_compressionLevel, LEVEL);
    ZSTD_CCtx_setParameter(work->context, ZSTD_c_checksumFlag, 1);
    do {
        do
            len = read(work->from, work->in, sizeof work->in);
        while (len < 0 && errno == EINTR);
        if (len < 0)
            return TOCSIN_E_IO;
        int error = compress_piece(work, (size_t)len);
        if (error)
            return error;
    } while (len > 0);
    return fsync(work->to) == 0 ? TOCSIN_OK : TOCSIN_E_IO;
}

/* Gives the part a name that nobody has. */
static int give_name(int dir_fd, const char *part, const char *name)
{
    char wanted[NAME_ROOM];
    for (unsigned i = 0; i < TRIES_MAX; i++) {
        if (i == 0)
            snprintf(wanted, sizeof wanted, "%s.zst", name);
        else
            snprintf(wanted, sizeof wanted, "%s.%u.zst", name, i);
        if (linkat(dir_fd, part, dir_fd, wanted, 0) == 0)
            return fsync(dir_fd) == 0 && unlinkat(dir_fd, name, 0) == 0 && unlinkat(dir_fd, part, 0) == 0 ? TOCSIN_OK
                                                                                                          : TOCSIN_E_IO;
        if (errno != EEXIST)
            return TOCSIN_E_IO;
    }
    return TOCSIN_E_IO;
}

int compress_file(int dir_fd, const char *name)
{
    char part[NAME_ROOM];
    struct compressing *work = malloc(sizeof *work);
    if (!work)
        return TOCSIN_E_NOMEM;
    snprintf(part, sizeof part, "%s.zst.part", name);
    work->context = ZSTD_createCCtx();
    work->from = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    work->to = openat(dir_fd, part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
    int error = !work->context ? TOCSIN_E_NOMEM : work->from < 0 || work->to < 0 ? TOCSIN_E_IO : copy(work);
    int reason = errno;
    if (work->from >= 0)
        close(work->from);
    if (work->to >= 0)
        close(work->to);
    ZSTD_freeCCtx(work->context);
    free(work);
    errno = reason;
    return error ? error : give_name(dir_fd, part, name);
}
