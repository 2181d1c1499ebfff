/* Names of event logs, and the order in which they were written. Pure. */
#ifndef CLIENT_GATEWAY_FOLLOW_NAME_H
#define CLIENT_GATEWAY_FOLLOW_NAME_H

#include <stdbool.h>
#include <stdint.h>

struct follow_name {
    unsigned rank; /* dated ones first, then numbered ones, the plain name last */
    uint64_t major;
    uint64_t minor;
};

/* True when `name` is a log called `base`, and `*order` is where it stands: events.log, the current one;
 * events.log.DATE (eight digits or more, OvenMediaEngine's own have eight; also with - before it), with .N or -N
 * behind it where a day has several; events.log.N, where another program rolls, the greatest N being the oldest. */
bool follow_name_read(const char *name, const char *base, struct follow_name *order);

/* Below 0, 0 or above, as memcmp. */
int follow_name_compare(const struct follow_name *a, const struct follow_name *b);

#endif
