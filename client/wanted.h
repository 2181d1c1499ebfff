/* Which events one wants: topics, excluded topics, types and a lowest level, copied. Pure. */
#ifndef CLIENT_WANTED_H
#define CLIENT_WANTED_H

#include "client/filter.h"
#include "client/tocsin_stream.h"
#include "proto/event.h"

struct wanted {
    struct filter_set *filters;
    struct filter_set *exclude;
    char **types;
    size_t type_count; /* 0: all */
    enum tocsin_level min_level;
};

/* Copies what the options say. TOCSIN_E_INVALID or TOCSIN_E_NOMEM; wanted_fini is due in any case. */
int wanted_init(struct wanted *wanted, const struct tocsin_stream_options *options);
void wanted_fini(struct wanted *wanted);

/* Whether it is one of them; `topic` is the event's, without NUL. */
bool wanted_takes(const struct wanted *wanted, const struct event *event, struct span topic);

#endif
