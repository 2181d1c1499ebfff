/* What the first line of each file of the log says about where it comes from: the snapshot of its LogOpened event. */
#ifndef BROKER_LOG_ORIGIN_H
#define BROKER_LOG_ORIGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "broker/chain.h"
#include "broker/log_name.h"
#include "proto/event.h"
#include "proto/text.h"

#define LOG_ID_LEN 32 /* lower-case hex digits, random */

struct log_origin {
    char log_id[LOG_ID_LEN + 1];
    bool has_previous; /* false in the first file of a log, and then the rest is 0 */
    char previous_file[LOG_NAME_MAX];
    uint64_t previous_seq;
    uint8_t previous_hash[CHAIN_HASH_LEN]; /* H(previous_seq) */
};

/* Appends the snapshot as MessagePack: {log_id, previousFile, previousSeq, previousHash, previousChain}; the hash as
 * the previous line carries it, and all of H(previousSeq), from which a file alone can be verified. */
void log_origin_write(struct text *out, const struct log_origin *origin);

/* Reads it back from an event; false unless it is a BrokerEvent LogOpened with a sound snapshot (members that it does
 * not know are passed over). */
bool log_origin_read(const struct event *event, struct log_origin *origin);

#endif
