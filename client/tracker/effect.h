/* What events do to the state: the parts of tracker.c. Each is given an event that its rule is for. */
#ifndef CLIENT_TRACKER_EFFECT_H
#define CLIENT_TRACKER_EFFECT_H

#include "client/tracker/tracker.h"

struct effect {
    struct tracker *tracker;
    enum item_kind kind;
    enum item_state state;
    bool is_over;
    struct span source; /* the event's sourceId; for OpenSIPS's, the server's name */
    struct span type;
    struct span summary;
    struct span snapshot;
    uint64_t time_us; /* the event's, that of its receipt where it has none */
    uint64_t received_us;
    uint64_t seq;
};

/* The name of the server in the sourceId of an event of OpenSIPS (NAME, NAME/group/identifier, …). */
struct span effect_server(struct span source_id, struct span type, struct span snapshot);

/* Each returns false where the event lacks what it needs. */
bool effect_status(const struct effect *effect);
bool effect_scale(const struct effect *effect);
bool effect_memory(const struct effect *effect);

/* OvenMediaEngine's. */
void effect_server_started(const struct effect *effect);
void effect_thing(const struct effect *effect);
bool effect_part(const struct effect *effect);
void effect_note(const struct effect *effect);

/* A tracker's own; false as above. It may come out of order. */
bool effect_told(const struct effect *effect);

/* effect.c, for the others: the item of the key, heard of now; NULL when out of memory, which the tracker notes.
 * *is_new: it came into being. */
struct item *effect_obtain(const struct effect *effect, enum item_kind kind, struct span source, struct span name,
                           struct span part, bool *is_new);
void effect_hear(const struct effect *effect, struct item *item, bool is_over);
void effect_set_text(const struct effect *effect, struct item *item, struct span text);

#endif
