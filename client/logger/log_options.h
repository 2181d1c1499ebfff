/* What the options of `tocsin log` come to. */
#ifndef CLIENT_LOGGER_LOG_OPTIONS_H
#define CLIENT_LOGGER_LOG_OPTIONS_H

#include "client/logger/target.h"
#include "client/sub_options.h"

struct log_options {
    struct sub_options sub; /* which events, and where from */
    struct target_options target;
    const char **headers;
    int lag_ms; /* behind which it says so */
    bool ends;  /* with the log */
};

/* Complains about a wrong value and returns false; log_options_fini is due in any case. Borrows from `options`. */
bool log_options_read(struct log_options *settings, const struct options *options);
void log_options_fini(struct log_options *settings);

#endif
