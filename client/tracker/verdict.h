/* What is well and what is not, as --check says it and --publish tells it. Pure. */
#ifndef CLIENT_TRACKER_VERDICT_H
#define CLIENT_TRACKER_VERDICT_H

#include "client/tracker/state_json.h"

/* Whether something is wrong with a STATUS (not ready), a MEMORY (above its threshold) or a SOURCE (silent); never with
 * what is over, or of another kind. */
bool verdict_is_bad(const struct state_view *view, const struct item *item);

/* The next item of which something else was told (item->is_told_bad) than is so; `item` NULL: the first. */
struct item *verdict_next_untold(const struct state_view *view, struct item *item);

/* Appends a line for people: "opensips-1 billing/main is not ready (-1): db down". */
void verdict_write_summary(struct text *out, const struct item *item, bool is_bad);

/* The word of a kind in a StatusChanged event, and the kind of a word; ITEM_KIND_COUNT: none. */
const char *verdict_subject(enum item_kind kind);
enum item_kind verdict_kind(struct span subject);

#endif
