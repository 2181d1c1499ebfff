/* What the files of the log's storage share; nobody else includes it. log_inner.c knows none of the others. */
#ifndef BROKER_LOG_INNER_H
#define BROKER_LOG_INNER_H

#include "broker/disk_zst.h"
#include "broker/log_file.h"
#include "broker/log_mark.h"
#include "broker/log_state.h"

struct log_file {
    struct log_options options; /* dir, disk and line_bytes_max made definite */
    struct disk_zst zst;        /* over the options' disk */
    const struct disk *disk;
    int dir;
    int fd; /* the current file; -1 only inside a roll that was interrupted */
    struct log_tail tail;
    struct log_opening opening;
    struct log_origin origin; /* of the current file */
    struct log_mark mark;     /* of the file that holds the last line: the current one, unless that is fresh */
    bool is_fresh;
    uint64_t len; /* of the current file */
    uint64_t inode;
    uint64_t first_received_us; /* of the current file's first line */
    int day;                    /* that it holds */
    uint64_t checked_second;    /* for which log_file_is_due knows the day */
    int checked_day;

    uint8_t *direct_buffer; /* NULL: not needed so far */
    bool is_direct_refused; /* the file system has no such thing */
    bool is_synced;         /* nothing was written since the last good sync */
    bool is_failed;         /* for good */
    uint64_t forgotten;     /* bytes from the current file's start that were left to the system's memory to drop */
    uint64_t unsaved_bytes; /* written since the state was saved */
    uint64_t state_len;     /* of the state file as last saved */
    char boot_id[DISK_BOOT_ID_MAX];
    char trouble[512];
};

/* What recovery fills in and the state remembers. */
static inline struct log_lasts log_inner_lasts(const struct log_file *log)
{
    return (struct log_lasts){log->options.topics, log->options.producers};
}

/* Says what went wrong (errno negative). Returns TOCSIN_E_NOSPACE where there is only no room, else TOCSIN_E_IO, from
 * then on for good. */
int log_inner_fail(struct log_file *log, const char *what, int error);

/* As log_inner_fail, and final whatever the error. */
int log_inner_fail_for_good(struct log_file *log, const char *what, int error);

/* log_direct.c: appends a batch's lines; as disk_append_all. */
int log_direct_append(struct log_file *log, struct span lines, size_t *done);

/* Saves the state as it stands; failing only costs time at the next start. True when it is on the disk. */
bool log_inner_save_state(struct log_file *log);

/* Takes the current file, just opened or created: its length and who it is. 0, or a negative errno and `fd` is closed.
 */
int log_inner_adopt(struct log_file *log, int fd);

/* log_recover.c: finds the newest file, verifies and repairs it and fills in where the log stands; creates the current
 * file when it is missing. As log_file_open. */
int log_recover(struct log_file *log, struct text *message);

#endif
