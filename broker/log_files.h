/* The files of the log as a reader finds them in the directory: which there are, in the order of their seqs, and their
 * descriptors. Another thread appends to the current one and gives it the name of its day; others may be removed.
 *
 * A file is read once for its first line and then known by it. Whoever keeps a place in a file keeps the file's first
 * seq: names change, and entries move when the list is looked through again. For one thread. */
#ifndef BROKER_LOG_FILES_H
#define BROKER_LOG_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/disk.h"
#include "broker/log_name.h"
#include "broker/log_origin.h"

struct log_files_entry {
    char name[LOG_NAME_MAX];
    uint64_t first_seq;
    uint64_t first_received_us;
    uint64_t device;
    uint64_t inode;
    int fd;           /* -1: not open */
    uint64_t used_at; /* count of uses at its last one */
    bool is_listed;
};

struct log_files {
    const struct disk *disk;
    int dir; /* borrowed */
    char log_id[LOG_ID_LEN + 1];
    uint64_t line_max;
    struct log_files_entry *items;
    size_t count;
    size_t room;
    size_t open_count;
    uint64_t use_count;
};

/* Starts empty. `log_id`: files of another log are passed over. */
void log_files_init(struct log_files *files, const struct disk *disk, int dir, const char *log_id, uint64_t line_max);
void log_files_fini(struct log_files *files);

/* Looks through the directory: what is new is added, what is gone is closed and forgotten, what has a new name keeps
 * its entry. What was named before the call began is found. 0 or a negative errno, and then nothing was forgotten. */
int log_files_refresh(struct log_files *files);

/* The last file that begins at or before `seq`; NULL where there is none. */
struct log_files_entry *log_files_of_seq(const struct log_files *files, uint64_t seq);

/* The last file that begins before `received_us`; NULL where there is none. */
struct log_files_entry *log_files_before(const struct log_files *files, uint64_t received_us);

/* The file behind `entry`, the first one for NULL; NULL where there is none. */
struct log_files_entry *log_files_next(const struct log_files *files, const struct log_files_entry *entry);

/* Opens the entry's file unless it is open. Some dozen files stay open, those used last. 0; -ENOENT when the name has
 * gone or belongs to another file (log_files_refresh helps then); another negative errno. */
int log_files_open(struct log_files *files, struct log_files_entry *entry);

/* True for today's file. */
bool log_files_is_current(const struct log_files_entry *entry);

/* Closes all but the current file. */
void log_files_rest(struct log_files *files);

#endif
