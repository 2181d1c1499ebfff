/* The forms of sourceId that OvenMediaEngine uses (facts: a server id, `vhost`, `#vhost#app`, `#vhost#app/stream`),
 * made and taken apart. */
#ifndef PROTO_SOURCE_ID_H
#define PROTO_SOURCE_ID_H

#include <stddef.h>

#include "proto/span.h"

enum source_id_kind {
    SOURCE_ID_NAME,   /* a server id, a vhost or anyone's own name: the text alone does not tell which */
    SOURCE_ID_APP,    /* #vhost#app */
    SOURCE_ID_STREAM, /* #vhost#app/stream */
};

/* Spans point into the text that was split. */
struct source_id {
    enum source_id_kind kind;
    struct span vhost;  /* SOURCE_ID_NAME: the whole text */
    struct span app;    /* data NULL where there is none */
    struct span stream; /* greedy: everything after the first '/' behind the app; data NULL where there is none */
};

/* Takes a sourceId apart; never fails: what is no app and no stream is a name. */
struct source_id source_id_split(struct span text);

/* Make `#vhost#app` and `#vhost#app/stream` in `out` (`size` bytes, NUL-terminated). A '#' in vhost or app becomes '_'
 * as OvenMediaEngine does it; the stream's name stays as it is. Return the length, or TOCSIN_E_INVALID when a part is
 * empty or the result is longer than TOCSIN_SOURCE_ID_MAX or than size - 1. */
int source_id_app(char *out, size_t size, const char *vhost, const char *app);
int source_id_stream(char *out, size_t size, const char *vhost, const char *app, const char *stream);

#endif
