/* Brings a tracker up to date, from a broker or from the files of a log.
 *
 * From a broker, for the state of now: first the events of the types that rules are for, from the beginning of the log,
 * then the latest of every topic, which tells when each source was last heard of. That is the same state as all events
 * would give, for a fraction of them (scenario_status holds the two together). For an earlier time, and from files, all
 * events are read.
 *
 * What can fail: the broker goes away (told, and tried again by the stream); its log is another one then (the state is
 * read anew); the log lacks a part (counted, told). */
#ifndef CLIENT_TRACKER_LOADER_H
#define CLIENT_TRACKER_LOADER_H

#include "client/source.h"
#include "client/tracker/tracker.h"
#include "client/wanted.h"

struct loader_options {
    struct tocsin_stream_options stream; /* where, which topics, timeouts; borrowed */
    const char *dir;                     /* NULL: the broker's stream */
    uint64_t at_us;                      /* UINT64_MAX: now */
    bool follows;                        /* go on with what comes */
    uint64_t seed;
};

struct loader {
    const struct loader_options *options;
    struct tracker tracker;
    struct source source;
    struct wanted wanted;
    bool is_in_rules; /* the first part: the types that rules are for */
    bool is_current;  /* all that was in the log is read */
    bool is_lost;     /* the connection is, for now */
    bool has_bad_lines;
    char log_id[33];
    uint64_t holes; /* seqs that the log does not hold */
};

enum loader_step { LOADER_MORE, LOADER_IDLE, LOADER_DONE, LOADER_FAILED };

/* 0 or an error as of tocsin_stream_open, and log_files_open. loader_close is due in any case. */
int loader_open(struct loader *loader, const struct loader_options *options);
void loader_close(struct loader *loader);

/* Takes one message. IDLE: none came in time, or a signal; DONE: all that was asked for is read; FAILED: *error. */
enum loader_step loader_step(struct loader *loader, int timeout_ms, int *error);

/* Whether all that is known to be in the log is read, and the connection is there. */
bool loader_is_up_to_date(const struct loader *loader);

/* How far it is, for a bar; *total 0: not known. */
void loader_progress(const struct loader *loader, uint64_t *done, uint64_t *total);

#endif
