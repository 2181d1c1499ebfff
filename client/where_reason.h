/* Why nobody answered. */
#ifndef CLIENT_WHERE_REASON_H
#define CLIENT_WHERE_REASON_H

#include "client/where.h"

/* Connects once more, for a second at most, and says in words, to stand behind "no broker answered", how that ends. Never
 * NULL. */
const char *where_reason(const struct where *where);

#endif
