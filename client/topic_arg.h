/* A topic on the command line becomes a filter. */
#ifndef CLIENT_TOPIC_ARG_H
#define CLIENT_TOPIC_ARG_H

#include <stdbool.h>

#include "client/tocsin.h"

/* A filter that owns its texts. */
struct topic_arg {
    struct tocsin_filter filter;
    char *text;
};

/* Reads, with CATEGORY a category or * for any:
 *   * or nothing            everything
 *   CATEGORY, CATEGORY/     the category
 *   CATEGORY/SOURCE         exactly that source
 *   CATEGORY/SOURCE/        all below it
 *   CATEGORY/SOURCE/✱✱      the source itself and all below it (✱ is an asterisk here)
 *   CATEGORY/BEGIN*         the sources that begin so
 * The text is copied. False when memory ran out. What can be no category or source the library refuses. */
bool topic_arg_read(struct topic_arg *topic, const char *text);
void topic_arg_fini(struct topic_arg *topic);

#endif
