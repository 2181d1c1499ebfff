/* The doors and what guards them, opened together. */
#ifndef BROKER_ENTRY_H
#define BROKER_ENTRY_H

#include "broker/doors.h"
#include "broker/exit_code.h"
#include "broker/security.h"

struct entry {
    struct security security;
    struct door ingest;
    struct door append;
    struct door live;
    struct door stream;
    struct door realms[DOOR_REALMS_MAX]; /* as many as there are in the settings */
};

/* Opens them; then each has been tried with a key that must be refused. Not EXIT_CODE_OK: a sentence in `message`.
 * entry_close is due in any case. */
enum exit_code entry_open(struct entry *entry, const struct settings *settings, void *zmq, struct stats *stats,
                          struct text *message);

/* Closes the doors; what was sent goes out for up to `linger_ms` while the context ends. */
void entry_close(struct entry *entry, int linger_ms);

#endif
