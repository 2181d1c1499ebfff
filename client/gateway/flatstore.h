/* What OpenSIPS's event_flatstore writes: NAME,value,value and a line end, where values hold line ends as they are, and
 * names are none. Pure. */
#ifndef CLIENT_GATEWAY_FLATSTORE_H
#define CLIENT_GATEWAY_FLATSTORE_H

#include "proto/span.h"
#include "proto/text.h"

enum flatstore_found {
    FLATSTORE_MORE,   /* no whole record yet */
    FLATSTORE_RECORD, /* one, without its last line end */
    FLATSTORE_NONE    /* lines before the first record */
};

/* Finds the record that `bytes` begin with. It ends where a line begins that is the beginning of a record: E_ and capital
 * letters, digits and _, then the delimiter or the line's end; or, with `is_rest`, where the bytes do. `*taken` bytes are
 * done with. */
enum flatstore_found flatstore_next(struct span bytes, char delimiter, bool is_rest, struct span *record,
                                    size_t *taken);

/* Appends the record as a JSON document of the event interface. Parameters of core events get their names, as many values
 * as there are allow, and those that are numbers by the catalog are; all others stay texts, in an array. */
void flatstore_put_document(struct text *out, struct span record, char delimiter);

#endif
