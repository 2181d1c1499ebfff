/* What the options of `tocsin status` come to. */
#ifndef CLIENT_TRACKER_STATUS_OPTIONS_H
#define CLIENT_TRACKER_STATUS_OPTIONS_H

#include "client/sub_options.h"
#include "client/tracker/loader.h"
#include "client/tracker/sr.h"

/* In the order of the words of --output. */
enum status_output { STATUS_TABLE, STATUS_JSON, STATUS_JSON_PRETTY, STATUS_OPENSIPS };

struct status_options {
    struct sub_options sub; /* topics, colours, where */
    struct loader_options load;
    enum status_output output;
    enum sr_what what;
    const char *group;      /* NULL: all */
    const char *identifier; /* NULL: all */
    uint64_t stale_us;      /* 0: nothing counts as silent */
    bool watches;
    bool checks;
    bool publishes;
    struct where append; /* where to */
};

/* Complains about a wrong value and returns false; status_options_fini is due in any case. Borrows from `options`. */
bool status_options_read(struct status_options *settings, const struct options *options);
void status_options_fini(struct status_options *settings);

#endif
