/* The files of a log, read as the broker writes them (PROTOCOL.md section 5), without a broker: a directory of its own,
 * a copy, or one that a broker is writing to. */
#ifndef CLIENT_LOG_FILES_H
#define CLIENT_LOG_FILES_H

#include <stdint.h>

#include "client/tocsin.h"
#include "client/wanted.h"

struct log_files;

/* Lines received before since_us, or with a seq below first_seq, are passed over; so is what `wanted` does not take.
 * `wanted` is borrowed. TOCSIN_E_IO: errno tells why; TOCSIN_E_END: no log is there; TOCSIN_E_NOMEM. */
int log_files_open(struct log_files **files, const char *dir, const struct wanted *wanted, uint64_t since_us,
                   uint64_t first_seq);
void log_files_close(struct log_files **files);

/* The next event, oldest first; its texts live until the next call. TOCSIN_E_END: at the end, as it was when reading
 * came there; TOCSIN_E_SYNTAX: a line that is none was passed over, log_files_place tells where; TOCSIN_E_IO: a file
 * cannot be read, and is passed over. */
int log_files_next(struct log_files *files, struct tocsin_message *message);
int log_files_event_json(struct log_files *files, struct tocsin_text *json);

/* The file and line that were read last, and the bytes read so far and in all. */
void log_files_place(const struct log_files *files, const char **path, uint64_t *line);
void log_files_progress(const struct log_files *files, uint64_t *done, uint64_t *total);

/* Orders names: by day, then by number, a compressed file behind the plain one, events.log last; as strcmp. In
 * log_names.c, as the next. */
int log_names_compare(const char *a, const char *b);

/* Whether it is events.log, events.log.YYYYMMDD or events.log.YYYYMMDD.NUMBER, the latter two maybe with .zst. */
bool log_names_is_log(const char *name);

/* Whether it is the name of a compressed file; how long it is without that. */
bool log_names_is_packed(const char *name);
size_t log_names_len(const char *name);

#endif
