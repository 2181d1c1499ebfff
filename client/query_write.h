/* What a query has kept or counted, written. */
#ifndef CLIENT_QUERY_WRITE_H
#define CLIENT_QUERY_WRITE_H

#include "client/out.h"
#include "client/query_groups.h"
#include "client/query_last.h"

/* Errors as out_done. */
int query_write_last(struct out *out, const struct query_last *last, bool is_newest_first);

/* Sorts them, and writes a line for each: how many and the value, or a JSON object. */
int query_write_groups(struct out *out, struct query_groups *groups, bool is_json);

#endif
