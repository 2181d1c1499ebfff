/* Any part of a file in the seekable form of zstd (zst.h), a frame at a time. No files: bytes come from a function. */
#ifndef PROTO_ZST_ZST_READ_H
#define PROTO_ZST_ZST_READ_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "proto/zst/zst.h"

/* Where the packed bytes are. Returns how many were read, fewer than `len` only at the end, or a negative errno. */
struct zst_source {
    ssize_t (*read_at)(void *arg, void *bytes, size_t len, uint64_t offset);
    void *arg;
};

/* Where a frame begins. */
struct zst_entry {
    uint64_t packed_at;
    uint64_t content_at;
};

struct zst_table {
    struct zst_entry *entries; /* one more than there are frames: where the last one ends */
    size_t count;
    uint64_t len; /* of the content */
};

/* One unpacked frame. Zero at the start. */
struct zst_frame {
    uint8_t *bytes;
    size_t room;
    size_t len;
    uint64_t content_at;
};

/* What unpacking needs beside. Zero at the start. */
struct zst_unpacker {
    void *context;
    uint8_t *packed;
    size_t room;
};

/* Reads the table at the end of a file of `packed_len` bytes. 0; -EBADMSG: the file is of no such form; -ENOMEM, or what
 * the source returns. After an error the table is empty. */
int zst_table_read(struct zst_table *table, const struct zst_source *source, uint64_t packed_len);
void zst_table_fini(struct zst_table *table);

/* The frame that holds the byte at `offset`, which must be below table->len. */
size_t zst_table_find(const struct zst_table *table, uint64_t offset);

/* Unpacks a frame. 0; -EBADMSG: it is damaged; -ENOMEM, or what the source returns; then frame->len is 0. */
int zst_frame_read(struct zst_frame *frame, struct zst_unpacker *unpacker, const struct zst_table *table,
                   const struct zst_source *source, size_t index);

void zst_frame_fini(struct zst_frame *frame);
void zst_unpacker_fini(struct zst_unpacker *unpacker);

#endif
