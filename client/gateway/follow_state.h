/* What a gateway that follows files remembers from one life to the next.
 *
 * Numbers follow from it alone: the events of the file that is being read are numbered behind `n` from its mark on, and
 * no other file is read before a new state is on the disk. So a line has the same number in every life. */
#ifndef CLIENT_GATEWAY_FOLLOW_STATE_H
#define CLIENT_GATEWAY_FOLLOW_STATE_H

#include <stddef.h>

#include "client/gateway/follow_mark.h"
#include "client/gateway/follow_name.h"
#include "proto/span.h"
#include "proto/text.h"
#include "proto/tocsin_base.h"

#define FOLLOW_BOOT_ID_LEN   36
#define FOLLOW_STATE_MAX     (1U << 20) /* bytes of the file */
#define FOLLOW_FILE_NAME_MAX 255

/* A file, and how far it was read: all before the mark is in the broker's log. */
struct follow_file {
    uint64_t device; /* 0, with inode: what was there has another content now */
    uint64_t inode;
    struct follow_mark mark;
    char name[FOLLOW_FILE_NAME_MAX + 1]; /* the last one seen */
    /* of this life only */
    struct follow_name order;
    int fd; /* -1: not open */
    uint64_t size;
    int64_t modified_ns;
    uint64_t searched; /* behind the mark there is no LF before this */
    bool is_present;   /* in the directory */
    bool is_known;     /* its content was compared with the mark */
};

struct follow_state {
    const char *kind; /* what kind of files; a state of another kind is none */
    char producer[TOCSIN_PRODUCER_MAX + 1];
    char boot_id[FOLLOW_BOOT_ID_LEN + 1]; /* of the machine when this was written */
    uint64_t n;                           /* all events through it are acknowledged */
    size_t current;                       /* which file goes on behind n; file_count: none */
    uint64_t end; /* of current: what is before it and behind the last LF is a line, though it has none; 0: no such */
    struct follow_file *files;
    size_t file_count;
};

void follow_state_init(struct follow_state *state, const char *kind); /* `kind` is borrowed */
void follow_state_fini(struct follow_state *state);                   /* closes files that are open */

/* Adds a file at offset 0, nameless and not open; NULL when out of memory. Earlier ones move. */
struct follow_file *follow_state_add(struct follow_state *state);

/* Forgets file `index`, which is not the current one; closes it where it is open. */
void follow_state_remove(struct follow_state *state, size_t index);

/* Puts the files into the order of their names. */
void follow_state_sort(struct follow_state *state);

/* Appends the state as text: lines for people to look at, and a checksum. */
void follow_state_put(struct text *out, const struct follow_state *state);

/* Reads such a text into an initialised state. 0; TOCSIN_E_SYNTAX: it is none, or was damaged; TOCSIN_E_NOMEM. */
int follow_state_read(struct follow_state *state, struct span text);

#endif
