/* The lines of one log file, taken apart by a thread of their own while the caller follows the chain: on two processors
 * a file takes as long as its hashes do. */
#ifndef CLIENT_VERIFY_READER_H
#define CLIENT_VERIFY_READER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/verify_source.h"
#include "client/verify_topics.h"
#include "proto/json_read.h"

#define VERIFY_LINE_MAX (64u << 20)

enum verify_form {
    VERIFY_LINE,    /* by its form a line of the log */
    VERIFY_NO_LINE, /* ends with an LF, but is none */
    VERIFY_PIECE,   /* what stands behind the last LF of the file */
    VERIFY_TOO_LONG /* no LF within VERIFY_LINE_MAX; nothing behind it is read */
};

struct verify_line {
    enum verify_form form;
    bool is_own;        /* of the category BrokerEvent */
    bool is_topic_lost; /* more topics than are remembered: topic_seq may be wrong */
    uint64_t topic_seq; /* the last seq of its topic before it; 0: none is known */
    struct span raw;    /* without the LF */
    struct line line;   /* where it is one */
};

struct verify_block {
    uint8_t *bytes;
    size_t room;
    size_t len;
    struct verify_line *lines;
    size_t line_room;
    size_t count;
    size_t read_len; /* bytes of the file that came with this block */
    int error;       /* negative errno: reading ended here */
    bool is_last;
};

#define VERIFY_BLOCKS 3

struct verify_reader {
    struct verify_source *source;
    struct verify_topics *topics;
    bool is_growing;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct verify_block blocks[VERIFY_BLOCKS];
    size_t filled; /* blocks that were ever filled, … */
    size_t taken;  /* … taken, … */
    size_t given;  /* … and given back */
    bool is_stopped;
};

/* Starts reading. `source` and `topics` are borrowed until verify_reader_fini, and nobody else's meanwhile. At the end
 * of a file that `is_growing`, in the middle of a line, the rest is waited for a little. 0 or a negative errno. */
int verify_reader_init(struct verify_reader *reader, struct verify_source *source, struct verify_topics *topics,
                       bool is_growing);
void verify_reader_fini(struct verify_reader *reader);

/* The next block, which lives until the next call; the caller may write over what it has read. NULL behind the last. */
struct verify_block *verify_reader_next(struct verify_reader *reader);

#endif
