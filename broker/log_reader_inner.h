/* What the files of the reader share; nobody else includes it. */
#ifndef BROKER_LOG_READER_INNER_H
#define BROKER_LOG_READER_INNER_H

#include "broker/disk_zst.h"
#include "broker/log_files.h"
#include "broker/log_index.h"
#include "broker/log_lines.h"
#include "broker/log_reader.h"
#include "broker/log_seek.h"

#define LOG_READER_ATTEMPTS 4u /* at a directory that changes while we look */

struct log_reader {
    struct disk_zst zst; /* over the options' disk */
    const struct disk *disk;
    int dir;
    struct log_files files;
    struct log_lines bulk;
    uint64_t bulk_seq; /* first seq of the file that `bulk` reads; 0: none */
    int error;
    bool was_sought; /* the next line is wanted, and maybe none behind it */
    uint64_t bad_lines;
    uint64_t bad_indexes;
    uint64_t bad_index_seq; /* first seq of the file that the last one was of */
};

/* Looks through the directory. Descriptors may close here, and their numbers be given to other files. 0 or a negative
 * errno. */
int log_reader_refresh(struct log_reader *reader);

/* As log_seek, in the entry's file and with its index where there is one. */
int log_reader_seek(struct log_reader *reader, struct log_files_entry *entry, enum log_seek_key key, uint64_t wanted,
                    struct log_seek_place *place);

#endif
