/* The thread at the stream door: replay, subscriptions without loss, and questions about the log (PROTOCOL.md section
 * 4.3). It reads the log's files and what the journal feeds it, and never beyond what is durable. It holds nothing for
 * a session but its place: the log is the buffer. */
#ifndef BROKER_STREAM_H
#define BROKER_STREAM_H

#include "broker/access_gate.h"
#include "broker/denials.h"
#include "broker/doors.h"
#include "broker/feed.h"
#include "broker/reload.h"
#include "broker/stats.h"
#include "broker/taken.h"
#include "broker/topics.h"
#include "proto/text.h"

struct stream;

/* All is borrowed until stream_free; the socket is the thread's own from stream_start to stream_stop. */
struct stream_options {
    const char *version;
    const char *log_id;
    const char *log_dir;
    struct door *door;
    struct access_gate *gate; /* NULL: the door is not guarded */
    struct denials *denials;
    struct reload *reload; /* is asked by clients; unused without `gate` */
    struct taken *taken;   /* is told what was read */
    struct feed *feed;
    const struct topics *topics; /* as of head_seq; only read by stream_new */
    size_t max_topics;
    uint64_t head_seq;  /* last seq of the log as it was found */
    size_t tail_bytes;  /* memory for the latest records */
    bool must_not_wait; /* serve what is written: where nothing is ever forced to the disk */
    uint64_t seed;      /* for hashes: a number that nobody knows */
    struct stats *stats;
};

/* NULL, and a sentence in `message`, when the log's directory cannot be opened or memory has run out. */
struct stream *stream_new(const struct stream_options *options, struct text *message);
void stream_free(struct stream **stream);

/* Starts the thread; TOCSIN_E_NOMEM when there can be none. */
int stream_start(struct stream *stream);

/* From any thread: look whether there is something new, as another access table. */
void stream_wake(struct stream *stream);

/* When the journal has ended: sessions that follow get the last records, for a second at most; waits for the thread's
 * end. */
void stream_stop(struct stream *stream);

#endif
