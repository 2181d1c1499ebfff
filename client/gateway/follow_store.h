/* The state of a gateway that follows files, in its own file. */
#ifndef CLIENT_GATEWAY_FOLLOW_STORE_H
#define CLIENT_GATEWAY_FOLLOW_STORE_H

#include "client/gateway/follow_state.h"
#include "client/kept_file.h"

struct follow_store {
    struct kept_file file;
    struct follow_state state;
    struct text text; /* scratch */
    bool is_new;      /* there was no file */
    bool has_booted;  /* the machine was started anew since the state was kept */
};

/* Locks and reads the file `path`, a state of files of this kind ("ome"). Where there is none the state begins: with
 * `producer`, or where that is NULL with a name that no other has, behind `key`, which may be empty, the name of the
 * sender's key. Complains and returns false where the file is in use, cannot be read, was damaged, or belongs to
 * another producer; follow_store_close is due in any case. */
bool follow_store_open(struct follow_store *store, const char *kind, const char *path, const char *producer,
                       struct span key);

/* Forces the state to the disk. False with errno; the old one is there then. */
bool follow_store_keep(struct follow_store *store);

void follow_store_close(struct follow_store *store);

#endif
