/* A record as one line of JSON, with the keys of the broker's log as far as they go over the wire. Pure. */
#ifndef CLIENT_RECORD_JSON_H
#define CLIENT_RECORD_JSON_H

#include "proto/record.h"
#include "proto/text.h"

/* Appends {"seq":…,"received":…, the event's members, "prev":…} without a newline. */
void record_json_write(struct text *out, const struct record *record);

#endif
