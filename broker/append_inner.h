/* Within append*.c: the rules' state. */
#ifndef BROKER_APPEND_INNER_H
#define BROKER_APPEND_INNER_H

#include "broker/append.h"
#include "broker/append_table.h"
#include "proto/text.h"

struct append {
    struct append_options options;
    struct append_table *table;
    struct text out; /* a message in the making */
    bool is_holding; /* acknowledgements are held back */
};

/* Sends what is in append->out. */
bool append_send_out(struct append *append, struct span route);

/* The session is over; what is on its way stays so. Later messages of this route are passed over until it says hello.
 */
void append_end_session(struct append *append, struct append_session *session, const char *code, const char *text);

/* Tells the session how far it is settled. `must` repeats what it may have been told before. */
void append_send_ack(struct append *append, struct append_session *session, bool must);

#endif
