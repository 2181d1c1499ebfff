/* Where the bytes of a log file come from: the file as it is or, when it was compressed, what was in it. */
#ifndef CLIENT_VERIFY_SOURCE_H
#define CLIENT_VERIFY_SOURCE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct verify_source;

struct verify_source_ops {
    /* The next bytes: how many, 0 at the end, or a negative errno. A file that grows has more later. */
    ssize_t (*read)(struct verify_source *source, void *bytes, size_t len);
    void (*close)(struct verify_source *source);
};

struct packed_file;

struct verify_source {
    const struct verify_source_ops *ops;
    int fd;
    struct packed_file *packed; /* where it is compressed */
};

/* Opens a file of the directory `dir`, plain files only and without following a link. 0 or a negative errno. */
int verify_source_open(struct verify_source *source, int dir, const char *name);

/* The same for a descriptor, which becomes the source's; reads from its beginning. A negative one: errno says why. */
int verify_source_of_fd(struct verify_source *source, int fd);

static inline ssize_t verify_source_read(struct verify_source *source, void *bytes, size_t len)
{
    return source->ops->read(source, bytes, len);
}

static inline void verify_source_close(struct verify_source *source)
{
    source->ops->close(source);
}

#endif
