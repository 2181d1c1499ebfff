/* Where the last N events begin that match. */
#ifndef CLIENT_LAST_FIND_H
#define CLIENT_LAST_FIND_H

#include "client/matcher.h"
#include "client/past_options.h"

/* Looks through the end of the log, and through more of it until past->last_count are found or it is all. Leaves in
 * `past` where to begin and the last seq that was looked at. What the options say of their start does not count.
 * Errors as tocsin_stream_open and tocsin_stream_next. */
int last_find(struct past_options *past, const struct tocsin_stream_options *options, const struct matcher *matcher);

#endif
