/* The state for people: `tocsin status`. Pure but for the zone, which comes from TZ. */
#ifndef CLIENT_TRACKER_STATE_TABLE_H
#define CLIENT_TRACKER_STATE_TABLE_H

#include "client/tracker/state_json.h"

/* Appends the tables, the most important first: what is over is left out, and of the sources that are not silent all but
 * the latest. False when out of memory. */
bool state_table_write(struct text *out, const struct state_view *view, bool has_color);

#endif
