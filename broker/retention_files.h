/* The files of the log as retention sees them. For one thread, while another one appends and rolls. */
#ifndef BROKER_RETENTION_FILES_H
#define BROKER_RETENTION_FILES_H

#include "broker/disk_zst.h"
#include "broker/log_name.h"
#include "broker/log_origin.h"
#include "broker/log_scan.h"

/* What is known of a file's index in this life. */
enum retention_index { RETENTION_INDEX_UNSEEN, RETENTION_INDEX_DONE, RETENTION_INDEX_BAD };

/* A file of an earlier day, by its own name; it may be there compressed. */
struct retention_file {
    char name[LOG_NAME_MAX];
    struct log_head head;
    uint64_t plain_bytes;  /* 0: not there so */
    uint64_t packed_bytes; /* 0: not there so */
    uint64_t retry_us;     /* monotonic: compressing it is not tried before */
    enum retention_index index;
    uint64_t index_retry_us; /* monotonic: likewise of its index */
    bool is_listed;
};

struct retention_files {
    struct disk_zst zst; /* over the disk that was given */
    int dir;             /* borrowed */
    char log_id[LOG_ID_LEN + 1];
    uint64_t line_max;
    struct retention_file *items; /* in the order of their seqs */
    size_t count;
    size_t room;
    struct log_head current; /* fault: today's file has no first line */
    uint64_t current_bytes;
};

void retention_files_init(struct retention_files *files, const struct disk *disk, int dir, const char *log_id);
void retention_files_fini(struct retention_files *files);

/* Looks through the directory. Files of another log, and those without a sound first line, are none of ours. What
 * compressing has left unfinished is removed, with `must_tidy`. 0 or a negative errno. */
int retention_files_look(struct retention_files *files, bool must_tidy);

/* What the file behind the one at `index` says of it: its head; of today's file behind the last one. */
const struct log_head *retention_files_next(const struct retention_files *files, size_t index);

/* True when that one goes on from it. */
bool retention_files_is_tied(const struct retention_files *files, size_t index);

#endif
