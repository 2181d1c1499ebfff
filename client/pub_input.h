/* Events from a file, one by one: lines of JSON, or MessagePack values back to back. */
#ifndef CLIENT_PUB_INPUT_H
#define CLIENT_PUB_INPUT_H

#include "client/pub_options.h"
#include "client/tocsin.h"
#include "proto/text.h"

/* The longest line or value taken: an event of the greatest length, all of it escaped in JSON. */
#define PUB_INPUT_MAX ((size_t)8 * 1024 * 1024)

struct pub_input {
    const char *name; /* for people */
    int fd;
    enum pub_format format; /* as found, where it was PUB_AUTO */
    bool is_at_end;
    struct text bytes; /* read and not taken yet, from `start` on */
    size_t start;
    uint64_t line;        /* of the event taken last, from 1; of MessagePack its number */
    uint64_t taken_bytes; /* in all */
    uint64_t size;        /* of a plain file, to tell how far one is; 0: not known */
};

/* Opens a file, "-" is standard input. Complains and returns false where it cannot. */
bool pub_input_open(struct pub_input *input, const char *path, enum pub_format format);
void pub_input_close(struct pub_input *input);

/* Takes the next event into `event`. TOCSIN_E_END at the end; TOCSIN_E_INTERRUPTED: a signal came while waiting;
 * TOCSIN_E_SYNTAX: what is there is malformed, `fault` (of `size` bytes) tells where in the line and why, and the next
 * call goes on with the next line; where there is none to be found, it is at the end; TOCSIN_E_IO, complained about;
 * TOCSIN_E_NOMEM.
 */
int pub_input_next(struct pub_input *input, struct tocsin_event *event, char *fault, size_t size);

#endif
