/* A directory of a test's own, under TMPDIR or /tmp, and what is in it. Asserts (cmocka) where something fails. */
#ifndef TESTS_LOG_DIR_H
#define TESTS_LOG_DIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/log_file.h"
#include "proto/text.h"

struct log_dir {
    char path[256];
    struct topics *topics; /* what the log fills */
    struct text message;   /* of the last log_dir_try */
    struct log_options options;
};

void log_dir_init(struct log_dir *dir);
void log_dir_fini(struct log_dir *dir); /* removes the directory */

/* Opens the log with dir->options. log_dir_open asserts that it goes well. */
int log_dir_try(struct log_dir *dir, struct log_file **log);
struct log_file *log_dir_open(struct log_dir *dir);

/* A whole file; to be cleared with text_fini. */
void log_dir_read(const struct log_dir *dir, const char *name, struct text *content);
void log_dir_write(const struct log_dir *dir, const char *name, const void *bytes, size_t len);
bool log_dir_has(const struct log_dir *dir, const char *name);
void log_dir_remove(const struct log_dir *dir, const char *name);
void log_dir_rename(const struct log_dir *dir, const char *from, const char *to);

/* How many names begin with `prefix`. */
unsigned log_dir_count(const struct log_dir *dir, const char *prefix);

/* Removes what is in the directory. */
void log_dir_clear(const struct log_dir *dir);

/* Asserts that the last message holds `part`. */
void log_dir_assert_said(const struct log_dir *dir, const char *part);

#endif
