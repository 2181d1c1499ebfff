/* The names of the files that `tocsin log` writes: PATH; PATH.YYYYMMDD, the day in UTC on which the broker received what
 * is in it; or PATH.000001 and so on. One that is compressed has .zst behind it, and never takes another's place. */
#ifndef CLIENT_LOGGER_FILE_NAMES_H
#define CLIENT_LOGGER_FILE_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for what is behind PATH, with its NUL. */
#define FILE_NAMES_SUFFIX_MAX 32

/* ".20261121" */
void file_names_day(char *suffix, uint64_t received_us);

/* ".000001" */
void file_names_number(char *suffix, uint64_t number);

/* A file's name is `base` with a suffix of ours: *number is the day or the number, *is_compressed tells whether it has
 * .zst (with or without .N before it, where a name was taken). */
bool file_names_read(const char *name, const char *base, uint64_t *number, bool *is_compressed);

#endif
