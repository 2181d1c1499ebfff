/* Documents out of a stream of JSON objects that follow each other without anything between, as OpenSIPS's event_stream
 * sends them. Pure, and bytewise: it looks at each byte once, however the stream is split.
 *
 * It needs no valid JSON: braces outside of strings tell where a document ends. Where the stream breaks (a sender that
 * gave a message up half way, bytes that are none, a document that is too long), it goes on at the next beginning that
 * is one for sure, {"jsonrpc":"2.0" or {"id":1,"jsonrpc":"2.0" without blanks: within a string these quotes would be
 * escaped. */
#ifndef CLIENT_GATEWAY_JSON_SPLIT_H
#define CLIENT_GATEWAY_JSON_SPLIT_H

#include "proto/span.h"

enum json_split_found {
    JSON_SPLIT_MORE,     /* nothing whole yet */
    JSON_SPLIT_DOCUMENT, /* a whole one */
    JSON_SPLIT_CUT,      /* one that ends before its end */
    JSON_SPLIT_LONG,     /* the beginning of one that is too long; the rest will be passed over */
    JSON_SPLIT_GARBAGE   /* bytes that belong to no document; more may be passed over */
};

struct json_split {
    size_t max_bytes; /* of a document */
    size_t scanned;   /* bytes of the document under way that were looked at */
    size_t depth;     /* braces and brackets that are open */
    bool is_in_string;
    bool is_escaped;
    bool is_lost; /* between a break and the next beginning */
};

/* Looks at the start of what has come and is not taken yet. `*taken` bytes are done with, of which `*found` are what was
 * found. To be called until it returns JSON_SPLIT_MORE; what is left then comes again, with more behind it. `is_end`:
 * nothing comes behind. */
enum json_split_found json_split_next(struct json_split *split, struct span bytes, bool is_end, struct span *found,
                                      size_t *taken);

#endif
