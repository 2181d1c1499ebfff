/* What the files of the stream thread share. */
#ifndef BROKER_STREAM_INTERNAL_H
#define BROKER_STREAM_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <zmq.h>

#include "broker/guard.h"
#include "broker/log.h"
#include "broker/log_reader.h"
#include "broker/stream.h"
#include "broker/stream_request.h"
#include "broker/stream_table.h"
#include "broker/stream_tail.h"
#include "proto/text.h"

/* Bytes of the log that are looked through for a session before it is another one's turn. */
#define STREAM_SLICE_LEN (1u << 20)

/* Seqs of latest records that are found at once, for one session at a time. */
#define STREAM_LATEST_MAX 4096u

/* Clients that wait for a reload at once. */
#define STREAM_RELOADS_MAX 16u

struct stream_asker {
    uint64_t number; /* reload.h */
    size_t route_len;
    uint8_t route[255];
};

struct stream_query;

struct stream {
    struct stream_options options;
    pthread_t thread;
    int stop_fd;
    atomic_bool must_stop;
    struct log_reader *reader;
    struct stream_tail *tail;
    uint64_t unasked_len;      /* bytes of frames that came since there was a session */
    struct stream_tail *notes; /* topics and last seqs alone, of the time when no session wants more */
    struct stream_table *table;
    struct topics *topics; /* every topic's last seq, before topics_cursor.next_seq */
    struct log_cursor topics_cursor;
    uint64_t topics_tail_at;
    uint64_t topics_notes_at;
    uint64_t topics_file_us;        /* the files may be read for topics again, when nobody waits for them */
    struct log_cursor fetch_cursor; /* behind the record last fetched from a file */
    struct stream_query *query;     /* stream_query.c */
    zmq_msg_t route;                /* of the message last received */
    zmq_msg_t message;
    struct guard guard;
    const struct access_key *key; /* whose message that is; NULL: the door is not guarded */
    struct span readable[STREAM_FILTERS_MAX + ACCESS_PATTERNS_MAX];
    struct stream_request request;
    struct stream_asker reloads[STREAM_RELOADS_MAX];
    size_t reload_count;
    struct text out;       /* a message in the making */
    struct text records;   /* of the batch in the making */
    uint32_t record_count; /* once there is one, the client's route is sent and the message must follow */
    struct text scratch;
    uint64_t now_us;       /* monotonic, of this turn */
    uint64_t limit_seq;    /* the log may be read so far */
    uint64_t offered_upto; /* the tail holds all through this, or has a gap before its end */
    size_t next_slot;      /* whose turn it is */
    uint64_t next_tick_us;
    uint64_t rested_us;
    uint64_t aged_us;   /* when the memory of the latest was looked at for what is old */
    uint64_t aged_seq;  /* the last one that was there then */
    uint64_t first_seq; /* that the log holds; as looked up at first_at_us */
    uint64_t first_at_us;
    struct log_limit bad_line_limit;
    struct stream_entry *latest_owner; /* whose latest seqs these are; NULL: nobody's */
    size_t latest_at;
    size_t latest_count;
    uint64_t latest_seqs[2 * STREAM_LATEST_MAX];
};

/* stream_send.c */

enum stream_sending {
    STREAM_SENT,
    STREAM_BLOCKED, /* the client does not read: later */
    STREAM_GONE,    /* there is no such client any more */
};

/* Sends the client's route. When that went out the message must follow at once: nothing else can be sent before. */
enum stream_sending stream_begin(struct stream *stream, struct span route);

/* The message: `head`, then `rest`. False when memory ran out; then the client was told an error instead. */
bool stream_finish(struct stream *stream, struct span head, struct span rest);

/* Both, for a whole message in stream->out. */
enum stream_sending stream_send(struct stream *stream, struct span route);

/* ["error", code, text]. */
enum stream_sending stream_send_error(struct stream *stream, struct span route, const char *code, const char *text);

/* Starts a message in stream->out: an array of `count` items that begins with `verb`. */
void stream_write_verb(struct stream *stream, uint32_t count, const char *verb);

/* Ends a session. */
void stream_close(struct stream *stream, struct stream_entry *entry);

/* Bytes of records in a batch: what waits in the sockets of clients that do not read is bounded by it. */
size_t stream_batch_max(const struct stream *stream);

/* The batch of stream->records, which was begun. Closes the session when memory has run out. */
void stream_finish_batch(struct stream *stream, struct stream_entry *entry, uint64_t upto);

/* stream_tick.c: what is due to time alone, when it is due. */
void stream_tick(struct stream *stream);

/* stream_take.c: takes messages from clients, up to a turn's worth; returns how many. */
unsigned stream_take(struct stream *stream);

/* stream_guard.c: at the start of a turn; ends the sessions of those who lost their rights. */
void stream_guard_turn(struct stream *stream);

/* Once a second: those whose time is over. */
void stream_guard_tick(struct stream *stream);

/* Finds out whose stream->message is (stream->key). False, and counted: of nobody who may be there. */
bool stream_identify(struct stream *stream);

/* The filters of the request, cut to what the key may read: their number (0: no filter is needed) and *filters. A
 * sentence when it may not have that, and counted; else NULL. */
const char *stream_cut_filters(struct stream *stream, const struct span **filters, size_t *count);

/* Why it may not open this session; NULL: it may. `*code` is the error's. */
const char *stream_forbids_open(struct stream *stream, const struct stream_entry *entry, const char **code);

/* True when the key with that number may read, still. */
bool stream_may_read(const struct stream *stream, access_id owner);

/* stream_reload.c: takes the question, and answers those that can be answered. */
void stream_reload_ask(struct stream *stream, struct span route);
void stream_reload_go_on(struct stream *stream);

/* stream_info.c: ["info", {…}] to stream->out. */
void stream_write_info(struct stream *stream);

/* The first seq that the log holds (0: none), as of a moment ago: the directory is not looked through for each who
 * asks. 0 or a negative errno. */
int stream_find_first(struct stream *stream, uint64_t *first_seq);

/* stream_read.c */

enum stream_reading {
    STREAM_READ,       /* as far as there was room, time, or anything to read */
    STREAM_READ_HOLE,  /* seqs from the cursor's on are missing, and no record comes before them */
    STREAM_READ_LATER, /* what should be there cannot be found now */
    STREAM_READ_FAILED,
};

/* Fills stream->records with what a session wants from its cursor on, and moves the cursor. At the first record the
 * client's route is sent; *sending tells how that went: unless STREAM_SENT the cursor stays before that record. */
enum stream_reading stream_read(struct stream *stream, struct stream_entry *entry, enum stream_sending *sending,
                                uint64_t *hole_to);

/* Appends a line's record to stream->records. 0, TOCSIN_E_SYNTAX when its event cannot be read, TOCSIN_E_NOMEM; after
 * an error nothing was appended. */
int stream_put_line(struct stream *stream, const struct line *line);

/* True when memory holds seq; when it comes next there, and the journal has not offered it yet. */
bool stream_tail_has(const struct stream *stream, uint64_t seq);
bool stream_is_up_to_date(const struct stream *stream, uint64_t seq);

/* stream_serve.c: what a session gets next. True when it may want more at once. */
bool stream_serve(struct stream *stream, struct stream_entry *entry);

/* stream_topics.c */

/* Takes a note of a frame: its topic and a NUL. */
void stream_take_note(struct stream *stream, struct span note, uint64_t last_seq, uint32_t count);

/* Brings the topics up to the limit, a slice at a time; `is_pressed`: someone waits for them. True when there is more to do
 * at once. */
bool stream_follow_topics(struct stream *stream, bool is_pressed);

/* When the files may be read for them again; 0: they need not be. */
uint64_t stream_topics_due_us(const struct stream *stream);

/* True when all topics through `seq` are known. */
bool stream_knows_topics(const struct stream *stream, uint64_t seq);

/* The last seqs of the topics of a set, above `after` and through `through`: the `max` lowest of them, in order.
 * `seqs` has room for `room`: twice max, or for every topic that there is. Returns how many. */
size_t stream_find_latest(const struct stream *stream, const struct prefix_set *set, uint64_t after, uint64_t through,
                          uint64_t *seqs, size_t room, size_t max);

/* Appends the record of a seq to stream->records. False when the log does not hold it or it is not of that kind;
 * `session` NULL: any. *is_from_file: a file was read for it. */
bool stream_put_seq(struct stream *stream, const struct session *session, uint64_t seq, bool *is_from_file);

/* stream_query.c: the answers to ["latest", …], one client after the other. */

struct stream_query *stream_query_new(void);
void stream_query_free(struct stream_query **query);

/* Takes a question with the filters of stream->request. False when too many are waiting, or memory has run out. */
bool stream_query_ask(struct stream *stream, struct span route, const struct span *filters, size_t filter_count);

/* True when there is a question. */
bool stream_query_is_asked(const struct stream *stream);

/* The next piece. True when there is more to do at once. */
bool stream_query_go_on(struct stream *stream);

#endif
