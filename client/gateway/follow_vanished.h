/* Files that were in the directory and are no longer. */
#ifndef CLIENT_GATEWAY_FOLLOW_VANISHED_H
#define CLIENT_GATEWAY_FOLLOW_VANISHED_H

#include "client/gateway/follow_scan.h"

/* What is open stays readable; the rest of the others is lost: added to scan->unread. */
void follow_vanished_note(struct follow_scan *scan, struct follow_state *state);

/* Forgets the oldest of them, and closes files that were read to their end. */
void follow_vanished_tidy(struct follow_state *state);

#endif
