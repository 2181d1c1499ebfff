/* What producers hold: acknowledgements, each of which says that a line with this hash was on the disk. */
#ifndef CLIENT_VERIFY_RECEIPTS_H
#define CLIENT_VERIFY_RECEIPTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/span.h"
#include "proto/tocsin_base.h"

#define VERIFY_RECEIPT_HASH_LEN 16 /* of the 32 that the chain has */

struct verify_receipt {
    uint64_t seq;
    uint64_t n;    /* everything of the producer through this number was acknowledged with it */
    uint64_t line; /* of the receipts' file, from 1 */
    uint8_t hash[VERIFY_RECEIPT_HASH_LEN];
    char producer[TOCSIN_PRODUCER_MAX + 1];
};

struct verify_receipts {
    struct verify_receipt *items; /* in the order of seq */
    size_t count;
    size_t room;
    size_t at; /* the first that has not been looked at */
    const char *path;
};

/* Reads a file of JSON Lines, {"producer":"…","n":1,"seq":1,"hash":"32 hex digits"}, other members allowed. Those with
 * seq 0 say nothing and are left out. False when it cannot be read or a line is none: `why` (static) and `line`, 0 for
 * the whole file. verify_receipts_fini is due in any case. */
bool verify_receipts_read(struct verify_receipts *receipts, const char *path, const char **why, uint64_t *line);
void verify_receipts_fini(struct verify_receipts *receipts);

#endif
