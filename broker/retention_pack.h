/* A rolled file of the log becomes its compressed form, which is proved to hold the same before the original goes.
 *
 * NAME.zst.tmp is written and synced, unpacked again in full and compared byte for byte, renamed to NAME.zst, the directory
 * synced, NAME removed. Whatever stops it in between, the log is there in one form or both; the next try goes on from
 * there, and retention_pack_tidy removes what was only begun. */
#ifndef BROKER_RETENTION_PACK_H
#define BROKER_RETENTION_PACK_H

#include <stdbool.h>
#include <stdint.h>

#include "broker/disk.h"

#define RETENTION_PACK_TEMP ".tmp" /* behind the name while it is being written */

struct retention_pack {
    const struct disk *disk;
    int dir;
    int level; /* of zstd */
    bool (*must_stop)(void *arg);
    void *arg;
    uint64_t content_len; /* of the last file that was packed */
    uint64_t packed_len;
};

/* 0; -ECANCELED: must_stop said so; -EEXIST: there is a NAME.zst that does not hold the same, which is left alone as is
 * NAME; -EBADMSG: what was written does not unpack to the same; another negative errno. */
int retention_pack(struct retention_pack *pack, const char *name);

/* True for names that only retention_pack gives, to files that are not finished. */
bool retention_pack_is_temp(const char *name);

#endif
