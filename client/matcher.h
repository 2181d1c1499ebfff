/* What the command line sorts out by itself: the upper end of a range of levels, -g and --where. */
#ifndef CLIENT_MATCHER_H
#define CLIENT_MATCHER_H

#include <regex.h>

#include "client/condition.h"
#include "client/options.h"
#include "client/tocsin.h"

struct matcher {
    enum tocsin_level max_level;
    bool has_regex;
    regex_t regex;
    struct condition *conditions; /* of --where: all must hold */
    size_t condition_count;
};

/* Reads -g and --where. Complains and returns false where one cannot be read; matcher_fini is due in any case. */
bool matcher_init(struct matcher *matcher, const struct options *options);
void matcher_fini(struct matcher *matcher);

/* Whether it takes the message, an EVENT. */
bool matcher_takes(const struct matcher *matcher, const struct tocsin_message *message);

#endif
