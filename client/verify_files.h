/* The log's files in a directory: which there are, in the order of their days, and what their first lines say. */
#ifndef CLIENT_VERIFY_FILES_H
#define CLIENT_VERIFY_FILES_H

#include "client/verify_source.h"
#include "client/verify_told.h"

#define VERIFY_CURRENT "events.log"
#define VERIFY_SIGNED  "events.log.sig"

struct verify_file {
    char name[VERIFY_NAME_MAX];
    bool is_current;
    uint64_t len; /* bytes that there are to read */
    uint64_t inode;
    uint64_t first_seq; /* 0: the first line is no LogOpened whose hash fits, and then the rest is 0, too */
    uint64_t first_received_us;
    struct verify_told opened;
};

struct verify_files {
    int dir;
    int current_fd; /* of events.log as it was when the directory was read; -1: none */
    struct verify_file *items;
    size_t count;
    size_t room;
};

/* Reads the directory; empty files are left out. 0 or a negative errno. verify_files_fini is due in any case. */
int verify_files_read(struct verify_files *files, const char *path);
void verify_files_fini(struct verify_files *files);

/* True when `name` is the name of that file, be either compressed or not. */
bool verify_files_is_named(const struct verify_file *file, const char *name);

/* Opens a file for reading. 0 or a negative errno. */
int verify_files_open(struct verify_files *files, const struct verify_file *file, struct verify_source *source);

#endif
