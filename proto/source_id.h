/* The forms of sourceId that OvenMediaEngine uses (a server id, `vhost`, `#vhost#app`, `#vhost#app/stream`), taken apart. */
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

#endif
