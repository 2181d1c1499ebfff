/* What the options of `tocsin sub` come to. */
#ifndef CLIENT_SUB_OPTIONS_H
#define CLIENT_SUB_OPTIONS_H

#include <stdbool.h>

#include "client/matcher.h"
#include "client/options.h"
#include "client/past_options.h"
#include "client/print.h"
#include "client/tocsin.h"
#include "client/topic_arg.h"
#include "client/where.h"

/* In the order of the words of --gaps. */
enum sub_gaps { GAPS_WARN, GAPS_FAIL, GAPS_IGNORE };

struct sub_options {
    struct where where;
    struct tocsin_subscriber_options subscriber;
    struct past_options past;
    struct tocsin_stream_options stream; /* where past.is_asked */
    struct matcher matcher;
    uint64_t count; /* 0: without end */
    int wait_ms;    /* 0: for ever */
    enum sub_gaps gaps;
    bool is_quiet;
    bool is_verbose;
    struct printer printer;
    struct topic_arg *topics; /* wanted ones, then excluded ones */
    size_t topic_count;
    struct tocsin_filter *filters; /* the same */
    const char **types;
};

/* Complains about a wrong value and returns false; sub_options_fini is due in any case. Borrows from `options`. */
bool sub_options_read(struct sub_options *settings, const struct options *options);
void sub_options_fini(struct sub_options *settings);

#endif
