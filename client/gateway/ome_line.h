/* One line of OvenMediaEngine's event log becomes an event. Pure.
 *
 * Two schemas go by the name events.log, and a line tells which it is: the Enterprise edition's, which is that of the
 * event specification (it has a "category"), and the open-source edition's ("eventVersion"). */
#ifndef CLIENT_GATEWAY_OME_LINE_H
#define CLIENT_GATEWAY_OME_LINE_H

#include <stdbool.h>

#include "proto/span.h"
#include "proto/text.h"

struct ome_line {
    bool hides_secrets; /* in summaries, where they have no name of their own (ome_secret.h) */
    size_t hidden;      /* how many so far */
    struct text value;  /* scratch: the line as MessagePack */
    bool is_json;       /* the last line was */
    char reason[96];    /* why it was no event */
};

void ome_line_init(struct ome_line *line, bool hides_secrets);
void ome_line_fini(struct ome_line *line);

/* Appends the event of a line (without its LF) to `out` as MessagePack, not judged and nothing redacted yet.
 *
 * Enterprise: every field as it stands; members that an event has no place for go into the snapshot as `extra`. Of a
 * sourceId and a summary control characters become U+FFFD, and what a summary is too long is cut off; so does U+0000 in
 * the snapshot. Open source: as docs/gateway-ome.md has it.
 *
 * 0; TOCSIN_E_SYNTAX: it is no such line, and line->reason tells why; TOCSIN_E_NOMEM. After an error `out` is as it was. */
int ome_line_read(struct ome_line *line, struct span json, struct text *out);

/* Where the last event within a line begins whose start was overrun: a write that a crash cut short, and the next one
 * right behind it. 0: nowhere but at the start. */
size_t ome_line_restart(struct span json);

#endif
