/* The names of files in the log's directory. */
#ifndef BROKER_LOG_NAME_H
#define BROKER_LOG_NAME_H

#include <stdbool.h>
#include <stdint.h>

#define LOG_NAME_MAX     64 /* with the terminating NUL */
#define LOG_NAME_CURRENT "events.log"
#define LOG_NAME_PID     "tocsind.pid"
#define LOG_NAME_STATE   "tocsind.state"
#define LOG_NAME_INDEX   "tocsind.index" /* no name that begins with events.log: who reads those by hand wants lines */
#define LOG_NAME_RESERVE "tocsind.reserve"
#define LOG_NAME_TRIES   100000u /* names with a number at their end that are tried */

/* events.log.YYYYMMDD for number 0, events.log.YYYYMMDD.NUMBER for others. */
void log_name_dated(char out[LOG_NAME_MAX], int day, unsigned number);

/* events.log.KIND.SEQ, with .NUMBER behind it unless 0; kind is "torn" or "damaged". */
void log_name_aside(char out[LOG_NAME_MAX], const char *kind, uint64_t seq, unsigned number);

/* True for the names that log_name_dated makes. */
bool log_name_is_dated(const char *name);

/* The name that a dated file has when it is compressed: .zst behind it. */
void log_name_packed(char out[LOG_NAME_MAX], const char *dated);

/* The other way: false for a name that log_name_packed does not make. */
bool log_name_unpacked(char out[LOG_NAME_MAX], const char *packed);

/* The name of the cache beside a file of the log, dated or current: tocsind.index, tocsind.index.YYYYMMDD … */
void log_name_index(char out[LOG_NAME_MAX], const char *name);

/* The other way, for that of a dated file: false for a name that log_name_index does not make of one. */
bool log_name_unindexed(char out[LOG_NAME_MAX], const char *index);

/* Order of two dated names by day, then number; as strcmp. */
int log_name_compare(const char *a, const char *b);

#endif
