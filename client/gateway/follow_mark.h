/* A place in a file that is known again by its content, whatever becomes of the file's name and number. */
#ifndef CLIENT_GATEWAY_FOLLOW_MARK_H
#define CLIENT_GATEWAY_FOLLOW_MARK_H

#include <stdbool.h>
#include <stdint.h>

#define FOLLOW_MARK_BYTES 1024 /* how much of the content counts, at each end */
#define FOLLOW_MARK_HASH  16

struct follow_mark {
    uint64_t offset;
    uint32_t head_len;              /* 0: nothing was known of the file, which was empty */
    uint8_t head[FOLLOW_MARK_HASH]; /* of the file's first bytes, whether they are before offset or behind it */
    uint8_t tail[FOLLOW_MARK_HASH]; /* of the last ones before offset */
};

/* The mark at `offset`. False when the file is shorter, or cannot be read. */
bool follow_mark_make(struct follow_mark *mark, int fd, uint64_t offset);

/* Takes up what there is more of a file's beginning by now, so that a mark made when it was hardly begun tells it from
 * others. */
void follow_mark_extend(struct follow_mark *mark, int fd);

/* How a file stands to a mark. */
enum follow_mark_match {
    FOLLOW_MARK_OTHER,  /* another content, or a mark that tells nothing */
    FOLLOW_MARK_PREFIX, /* the same beginning, and less than had been there */
    FOLLOW_MARK_SAME,   /* the same content up to the mark */
};
enum follow_mark_match follow_mark_compare(const struct follow_mark *mark, int fd, uint64_t size);

/* Whether a file's content is still what it was up to the mark; one that tells nothing asks for nothing. */
bool follow_mark_holds(const struct follow_mark *mark, int fd);

#endif
