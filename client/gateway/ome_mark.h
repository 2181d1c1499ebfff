/* A place in a file that is known again by its content, whatever becomes of the file's name and number. */
#ifndef CLIENT_GATEWAY_OME_MARK_H
#define CLIENT_GATEWAY_OME_MARK_H

#include <stdbool.h>
#include <stdint.h>

#define OME_MARK_BYTES 1024 /* how much of the content counts, at each end */
#define OME_MARK_HASH  16

struct ome_mark {
    uint64_t offset;
    uint32_t head_len;           /* 0: nothing was known of the file, which was empty */
    uint8_t head[OME_MARK_HASH]; /* of the file's first bytes, whether they are before offset or behind it */
    uint8_t tail[OME_MARK_HASH]; /* of the last ones before offset */
};

/* The mark at `offset`. False when the file is shorter, or cannot be read. */
bool ome_mark_make(struct ome_mark *mark, int fd, uint64_t offset);

/* Takes up what there is more of a file's beginning by now, so that a mark made when it was hardly begun tells it from
 * others. */
void ome_mark_extend(struct ome_mark *mark, int fd);

/* How a file stands to a mark. */
enum ome_mark_match {
    OME_MARK_OTHER,  /* another content, or a mark that tells nothing */
    OME_MARK_PREFIX, /* the same beginning, and less than had been there */
    OME_MARK_SAME,   /* the same content up to the mark */
};
enum ome_mark_match ome_mark_compare(const struct ome_mark *mark, int fd, uint64_t size);

/* Whether a file's content is still what it was up to the mark; one that tells nothing asks for nothing. */
bool ome_mark_holds(const struct ome_mark *mark, int fd);

#endif
