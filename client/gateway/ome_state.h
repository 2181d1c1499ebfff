/* What a gateway for OvenMediaEngine remembers from one life to the next.
 *
 * Numbers follow from it alone: the events of the file that is being read are numbered behind `n` from its mark on, and
 * no other file is read before a new state is on the disk. So a line has the same number in every life. */
#ifndef CLIENT_GATEWAY_OME_STATE_H
#define CLIENT_GATEWAY_OME_STATE_H

#include <stddef.h>

#include "client/gateway/ome_mark.h"
#include "client/gateway/ome_name.h"
#include "proto/span.h"
#include "proto/text.h"
#include "proto/tocsin_base.h"

#define OME_BOOT_ID_LEN   36
#define OME_STATE_MAX     (1U << 20) /* bytes of the file */
#define OME_FILE_NAME_MAX 255

/* A file, and how far it was read: all before the mark is in the broker's log. */
struct ome_file {
    uint64_t device; /* 0, with inode: what was there has another content now */
    uint64_t inode;
    struct ome_mark mark;
    char name[OME_FILE_NAME_MAX + 1]; /* the last one seen */
    /* of this life only */
    struct ome_name order;
    int fd; /* -1: not open */
    uint64_t size;
    int64_t modified_ns;
    uint64_t searched; /* behind the mark there is no LF before this */
    bool is_present;   /* in the directory */
    bool is_known;     /* its content was compared with the mark */
};

struct ome_state {
    char producer[TOCSIN_PRODUCER_MAX + 1];
    char boot_id[OME_BOOT_ID_LEN + 1]; /* of the machine when this was written */
    uint64_t n;                        /* all events through it are acknowledged */
    size_t current;                    /* which file goes on behind n; file_count: none */
    uint64_t end; /* of current: what is before it and behind the last LF is a line, though it has none; 0: no such */
    struct ome_file *files;
    size_t file_count;
};

void ome_state_init(struct ome_state *state);
void ome_state_fini(struct ome_state *state); /* closes files that are open */

/* Adds a file at offset 0, nameless and not open; NULL when out of memory. Earlier ones move. */
struct ome_file *ome_state_add(struct ome_state *state);

/* Forgets file `index`, which is not the current one; closes it where it is open. */
void ome_state_remove(struct ome_state *state, size_t index);

/* Puts the files into the order of their names. */
void ome_state_sort(struct ome_state *state);

/* Appends the state as text: lines for people to look at, and a checksum. */
void ome_state_put(struct text *out, const struct ome_state *state);

/* Reads such a text into an initialised state. 0; TOCSIN_E_SYNTAX: it is none, or was damaged; TOCSIN_E_NOMEM. */
int ome_state_read(struct ome_state *state, struct span text);

#endif
