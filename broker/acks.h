/* Acknowledgements on their way from the log to the front: of each producer the last event since the last sync. */
#ifndef BROKER_ACKS_H
#define BROKER_ACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/settled.h"

struct acks {
    struct settled_ack *items;
    size_t count;
    size_t room;
    uint32_t *place_of_slot; /* place in items, from 1; 0: none */
    size_t slot_room;
};

void acks_init(struct acks *acks);
void acks_fini(struct acks *acks);

/* Makes room for one more, of that slot, so that acks_note cannot fail. False when out of memory. */
bool acks_reserve(struct acks *acks, uint32_t slot);

/* Notes a producer's event; it stands for those before it. */
void acks_note(struct acks *acks, uint32_t slot, const struct producer_last *last);

/* Forgets all: they have been sent. */
void acks_clear(struct acks *acks);

#endif
