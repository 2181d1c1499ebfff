/* A sparse index of one file of the log: where the line of this seq and of that time begins, an entry each some ten
 * kilobytes. A cache beside the file (log_name_index), made by log_index_make.h, which nobody has to have and nobody
 * believes: it only says between which two places a search should begin, and log_seek.h looks at the lines there.
 *
 *   64 bytes   "tocsin-index-1\n" and a zero, log_id as its 32 digits, u64 first seq of the file, u64 zero
 *   32 each    u64 offset, u64 seq, u64 received (microseconds), u64 check; all rising
 *
 * Numbers are little-endian. The check is SipHash-2-4 over the entry's three numbers and its place in the index, under a
 * key made of the 64 bytes before: so an entry that was torn, flipped, moved or brought from another file shows, and
 * what is cut off at the end is only missed. Who forges all of it gains nothing: see above.
 *
 * The index of today's file grows with it and goes with it to its day's name; that of a file that is compressed stays
 * right, since offsets are those of the content. Offsets are looked up in the file: no memory is held. */
#ifndef BROKER_LOG_INDEX_H
#define BROKER_LOG_INDEX_H

#include <stdint.h>

#include "broker/disk.h"
#include "broker/log_origin.h"
#include "broker/log_seek.h"

#define LOG_INDEX_HEAD_LEN  64u
#define LOG_INDEX_ENTRY_LEN 32u
#define LOG_INDEX_KEY_LEN   16u

/* What the index is of, in the bytes that it begins with, and the key of its checks. */
struct log_index_form {
    uint8_t head[LOG_INDEX_HEAD_LEN];
    uint8_t key[LOG_INDEX_KEY_LEN];
};

/* An index that is open for looking things up. */
struct log_index {
    const struct disk *disk;
    int fd;
    uint64_t count; /* entries, as the file was when it was opened */
    struct log_index_form form;
};

/* The form of the index of the file of that log that begins with `first_seq`. `log_id`: LOG_ID_LEN digits. */
void log_index_form_init(struct log_index_form *form, const char *log_id, uint64_t first_seq);

/* Writes the entry that is the `at`-th, from 0, to `out`: LOG_INDEX_ENTRY_LEN bytes. */
void log_index_form_put(const struct log_index_form *form, uint8_t *out, uint64_t at,
                        const struct log_seek_place *entry);

/* Opens the index beside the file `log_name` when it is that of `form`, which is copied. 0; -ENOENT: there is none;
 * -EBADMSG: it is another's, or damaged; another negative errno. */
int log_index_open(struct log_index *index, const struct disk *disk, int dir, const char *log_name,
                   const struct log_index_form *form);
void log_index_close(struct log_index *index);

/* The `at`-th entry. 0; -EBADMSG: it is damaged, or gone; another negative errno. */
int log_index_read(const struct log_index *index, uint64_t at, struct log_seek_place *entry);

/* The last entry that comes before `wanted` and the first that does not, for log_seek. As log_index_read; the hint is
 * empty where it fails. */
int log_index_find(const struct log_index *index, enum log_seek_key key, uint64_t wanted, struct log_seek_hint *hint);

#endif
