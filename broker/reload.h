/* What clients ask of the main thread: that the access file is read again. They wait in the stream's thread; the
 * file is read by the main thread alone, so that of two tables the later one stays. */
#ifndef BROKER_RELOAD_H
#define BROKER_RELOAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "proto/span.h"

#define RELOAD_ERROR_MAX 1000

struct reload_result {
    uint64_t keys;                    /* in force, read anew or not */
    char error[RELOAD_ERROR_MAX + 1]; /* "": they were read anew */
};

struct reload {
    pthread_mutex_t lock;
    int fd; /* readable: one is asked for */
    uint64_t asked;
    uint64_t done; /* all that were asked before the last one began */
    struct reload_result result;
};

/* False when there is no descriptor; reload_fini is due in any case. */
bool reload_init(struct reload *reload);
void reload_fini(struct reload *reload);

/* Asks for one; what is asked for is known by the number that is returned. */
uint64_t reload_ask(struct reload *reload);

/* The main thread: before the file is read, with a number for reload_end, which tells what came of it. */
uint64_t reload_begin(struct reload *reload);
void reload_end(struct reload *reload, uint64_t begun, uint64_t keys, struct span error);

/* True when what was asked for by that number is done; the file was read later than that. */
bool reload_take(struct reload *reload, uint64_t number, struct reload_result *result);

#endif
