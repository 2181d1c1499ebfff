/* Valid lines for the log: what the journal makes, without the journal. Asserts (cmocka) where something fails. */
#ifndef TESTS_LOG_BUILDER_H
#define TESTS_LOG_BUILDER_H

#include <stdint.h>

#include "broker/chain.h"
#include "broker/log_file.h"
#include "broker/topics.h"
#include "proto/text.h"

#define LOG_BUILDER_START_US UINT64_C(1795253400000000) /* 2026-11-21T09:30:00Z */

struct log_builder {
    struct text lines; /* whole lines, ready for log_file_write */
    uint64_t next_seq;
    uint64_t batch;       /* that the lines carry */
    uint64_t received_us; /* that they carry; the test moves it */
    uint8_t hash[CHAIN_HASH_LEN];
    struct topics *topics;     /* where prev comes from */
    struct topics *log_topics; /* borrowed: those that the log fills, kept up as the journal does; NULL: none */
};

void log_builder_init(struct log_builder *builder, struct topics *log_topics);
void log_builder_fini(struct log_builder *builder);

/* Goes on where a log stands; its lines begin a new commit batch. Topics stay as they are. */
void log_builder_follow(struct log_builder *builder, const struct log_tail *tail);

/* Empties the lines; what comes next is a new commit batch. */
void log_builder_begin_batch(struct log_builder *builder);

/* Append one line. */
void log_builder_add(struct log_builder *builder, const char *source_id, const char *summary);
void log_builder_add_opened(struct log_builder *builder, const struct log_origin *origin);
void log_builder_add_stopped(struct log_builder *builder);
/* LogPruned, with what verify reads of it. */
void log_builder_add_pruned(struct log_builder *builder, uint64_t last_seq, const uint8_t last_hash[CHAIN_HASH_LEN]);

/* Writes the lines to the log as they are; no sync. Returns what log_file_write does. */
int log_builder_write(const struct log_builder *builder, struct log_file *log);

/* A commit batch of `count` events of about 300 bytes from ten sources, behind LogOpened where the file is fresh:
 * written and synced. */
void log_builder_commit(struct log_builder *builder, struct log_file *log, unsigned count);

#endif
