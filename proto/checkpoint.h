/* A checkpoint: the broker's signature under where its log stands (PROTOCOL.md section 5). Its bytes and its line in
 * events.log.sig; making and checking the signature is the caller's. */
#ifndef PROTO_CHECKPOINT_H
#define PROTO_CHECKPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/span.h"

#define CHECKPOINT_LOG_ID_LEN    32 /* hex digits */
#define CHECKPOINT_HASH_LEN      32
#define CHECKPOINT_KEY_LEN       32 /* an Ed25519 public key */
#define CHECKPOINT_SIGNATURE_LEN 64

struct checkpoint {
    char log_id[CHECKPOINT_LOG_ID_LEN]; /* not terminated */
    uint64_t first_seq;                 /* one above the seq of the checkpoint before it */
    uint64_t seq;                       /* of the line that it stands behind */
    uint64_t received_us;               /* of that line */
    uint8_t hash[CHECKPOINT_HASH_LEN];  /* H(seq): covers that line and all before it */
    uint8_t key[CHECKPOINT_KEY_LEN];    /* the signer's */
    uint8_t signature[CHECKPOINT_SIGNATURE_LEN];
};

/* What the signature covers: "tocsin-checkpoint-1", log_id, first_seq, seq, hash, received_us, key; without separators,
 * numbers as 8 bytes, big end first. */
#define CHECKPOINT_SIGNED_LEN 139
void checkpoint_signed_bytes(uint8_t out[CHECKPOINT_SIGNED_LEN], const struct checkpoint *checkpoint);

/* Writes the line with its LF, not terminated; returns its length. */
#define CHECKPOINT_LINE_MAX 512
size_t checkpoint_write_line(char out[CHECKPOINT_LINE_MAX], const struct checkpoint *checkpoint);

/* Reads a line without its LF. False unless it is, byte for byte, what checkpoint_write_line writes, with
 * 0 < first_seq <= seq. */
bool checkpoint_read_line(struct span line, struct checkpoint *out);

#endif
