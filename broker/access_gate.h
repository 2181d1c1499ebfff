/* The table in force, shared by threads: each looks through a view of its own, without a lock unless the table was
 * replaced. A table is freed when the last view has left it. */
#ifndef BROKER_ACCESS_GATE_H
#define BROKER_ACCESS_GATE_H

#include "broker/access.h"

struct access_gate;

/* With its first table, which becomes the gate's, also on failure. NULL when out of memory. */
struct access_gate *access_gate_new(struct access *access);

/* When all views have ended. */
void access_gate_free(struct access_gate **gate);

/* Puts another table in force; it becomes the gate's. False when out of memory: then it is freed and the old one stays.
 */
bool access_gate_replace(struct access_gate *gate, struct access *access);

/* How many keys are in force. */
size_t access_gate_count(struct access_gate *gate);

/* What became of the last reload, kept until it is taken once, by one thread; asking costs nothing. */
#define ACCESS_NOTE_MAX 1000
struct access_note {
    char file[ACCESS_NOTE_MAX + 1];
    char error[ACCESS_NOTE_MAX + 1]; /* "": it is in force */
};
void access_gate_put_note(struct access_gate *gate, const char *file, struct span error);
bool access_gate_take_note(struct access_gate *gate, struct access_note *note);

struct access_view {
    struct access_gate *gate; /* NULL: nothing is guarded */
    struct access_shared *shared;
    const struct access *table; /* NULL before the first refresh */
};

/* Takes the table in force; true when it is another one than before. */
bool access_view_refresh(struct access_view *view);
void access_view_end(struct access_view *view);

#endif
