/* What the broker's own events tell about the log: where a file goes on from, which seqs there will never be. */
#ifndef CLIENT_VERIFY_TOLD_H
#define CLIENT_VERIFY_TOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "client/verify_chain.h"
#include "proto/json_read.h"

#define VERIFY_NAME_MAX 64 /* of a file, with the terminating NUL */

enum verify_told_kind {
    VERIFY_TOLD_NOTHING,
    VERIFY_TOLD_OPENED,   /* LogOpened */
    VERIFY_TOLD_JUMPED,   /* SeqJumped */
    VERIFY_TOLD_SALVAGED, /* LogSalvaged */
    VERIFY_TOLD_PRUNED,   /* LogPruned: retention has removed all through a seq */
    VERIFY_TOLD_STOPPED,  /* BrokerStopped */
};

struct verify_told {
    enum verify_told_kind kind;
    char log_id[VERIFY_LOG_ID_LEN + 1]; /* of OPENED */
    bool has_previous;
    char previous_file[VERIFY_NAME_MAX];
    uint64_t previous_seq;                  /* of PRUNED: the last one that was removed; of OPENED as the next */
    uint8_t previous_hash[VERIFY_HASH_LEN]; /* H(previous_seq), or H(0) */
    uint64_t from;                          /* of JUMPED and SALVAGED; 0: no seqs are skipped */
    uint64_t to;
};

/* Reads the event of a line. NOTHING for all other events, those whose snapshot is not sound, and when memory runs out.
 */
void verify_told_read(struct verify_told *told, const struct line *line);

/* Reads 2 * len lower-case hex digits; false for anything else. */
bool verify_hex_read(uint8_t *out, size_t len, struct span hex);

#endif
