/* A record as the message that is told of it. */
#ifndef CLIENT_MESSAGE_H
#define CLIENT_MESSAGE_H

#include "client/tocsin.h"
#include "proto/record.h"
#include "proto/text.h"

static inline struct tocsin_text text_of_span(struct span span)
{
    return (struct tocsin_text){(const char *)span.data, span.len};
}

/* Fills `message`, an EVENT, from a record whose event was judged. All is borrowed. */
void message_of_record(struct tocsin_message *message, const struct record *record, struct span topic,
                       struct span log_id);

/* JSON text of the record's snapshot ("null" where absent) and of the whole, in `out`, ended by NUL. 0 or
 * TOCSIN_E_NOMEM. */
int message_snapshot_json(struct text *out, const struct record *record, struct tocsin_text *json);
int message_event_json(struct text *out, const struct record *record, struct tocsin_text *json);

#endif
