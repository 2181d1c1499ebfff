/* Where to begin in a file of the log: its lines are sorted by seq and by time, so that what comes before need not be
 * read. */
#ifndef CLIENT_LOG_SKIP_H
#define CLIENT_LOG_SKIP_H

#include <stdint.h>
#include <stdio.h>

/* Moves a stream that can seek to the beginning of a line before which all lines were received before since_us or have a
 * seq below first_seq, and behind which few do (64 KiB of them, and what cannot be read as a line). `line` and `size` are
 * getline's. Returns that place; 0, and the stream stands at its start, where nothing can be passed over. */
uint64_t log_skip(FILE *file, uint64_t since_us, uint64_t first_seq, char **line, size_t *size);

/* How many lines end before `offset`; the stream stands afterwards where it stood. */
uint64_t log_skip_count(FILE *file, uint64_t offset);

#endif
