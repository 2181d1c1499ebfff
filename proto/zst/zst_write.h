/* Makes the seekable form of zstd (zst.h), a frame at a time. No files: the caller writes what comes out. */
#ifndef PROTO_ZST_ZST_WRITE_H
#define PROTO_ZST_ZST_WRITE_H

#include <stddef.h>
#include <stdint.h>

#include "proto/span.h"
#include "proto/text.h"
#include "proto/zst/zst.h"

#define ZST_LEVEL_MIN 1
#define ZST_LEVEL_MAX 19

struct zst_writer {
    void *context;
    uint8_t *packed;
    size_t room;
    struct text table;
    uint32_t count;
};

/* 0 or -ENOMEM; zst_writer_fini is due in any case. */
int zst_writer_init(struct zst_writer *writer, int level);
void zst_writer_fini(struct zst_writer *writer);

/* How much content the next frame should hold: little in the first one, so that a look at a file's first line unpacks
 * no more than that, and the same in all others. */
#define ZST_CONTENT_MAX (64u << 10)
size_t zst_writer_wants(const struct zst_writer *writer);

/* Packs one frame of `content`, not empty and at most ZST_FRAME_MAX; *packed lives until the next call. 0; -ENOMEM;
 * -EFBIG: there are too many frames. */
int zst_writer_add(struct zst_writer *writer, struct span content, struct span *packed);

/* What stands behind the last frame. 0 or -ENOMEM. */
int zst_writer_end(struct zst_writer *writer, struct span *packed);

#endif
