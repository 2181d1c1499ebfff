/* The daemon's own diagnostics: lines on stderr for the person who runs it. Not the audit log (journal.h). */
#ifndef BROKER_LOG_H
#define BROKER_LOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/span.h"

enum log_level {
#define LOG_LEVEL(ID, word, priority) LOG_LEVEL_##ID,
#include "broker/log_level.def"
#undef LOG_LEVEL
    LOG_LEVEL_COUNT
};

/* The word of a level ("warning"); NULL when out of range. */
const char *log_level_word(enum log_level level);

/* Sets the least urgent level that is printed and the form of the lines. `journal_stream` is the environment variable
 * JOURNAL_STREAM (NULL where unset): when it names the file behind stderr, lines begin with `<priority>` as systemd
 * reads it; else with the local time and the level. Call it before threads start, again when the
 * level is known; without it the level is info. */
void log_init(enum log_level level, const char *journal_stream);

/* True when lines go to systemd's journal, and begin with `<priority>`. */
bool log_is_for_journal(void);

/* Prints one line, by one write(2), without allocating. The whole text is made safe for a terminal (printable.h) and
 * cut at LOG_LINE_MAX bytes, so values from outside may be passed as they are. `format` has no newline at its end. */
#define LOG_LINE_MAX 2048
void log_print(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...)   log_print(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_print(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...)    log_print(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)   log_print(LOG_LEVEL_DEBUG, __VA_ARGS__)

/* A foreign span as an argument of "%.*s". */
#define LOG_SPAN(span) (int)((span).len < LOG_LINE_MAX ? (span).len : LOG_LINE_MAX), (const char *)(span).data

/* Holds back a message that a hostile client could cause at will. Start it as {.interval_us = …}; one a message, used
 * by one thread. */
struct log_limit {
    uint64_t interval_us; /* at most one message in this time */
    uint64_t next_us;
    uint64_t suppressed; /* held back since the last one that went out */
};

/* True when the message may go out at `now_us` (any clock that does not go back); `*suppressed` is then how many were
 * held back before it. False: it was counted. */
bool log_limit_passes(struct log_limit *limit, uint64_t now_us, uint64_t *suppressed);

#endif
