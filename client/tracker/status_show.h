/* The state in the shape that was asked for. */
#ifndef CLIENT_TRACKER_STATUS_SHOW_H
#define CLIENT_TRACKER_STATUS_SHOW_H

#include "client/tracker/state_json.h"
#include "client/tracker/status_options.h"

/* The state as it is now, or at the time asked for. */
struct state_view status_show_view(const struct status_options *settings, const struct loader *loader);

/* Appends it, ended by a newline. EXIT_CODE_OK, or complains and returns EXIT_CODE_FAILED. */
int status_show_put(struct text *out, const struct status_options *settings, const struct loader *loader);

#endif
