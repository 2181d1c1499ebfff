/* Alerts that go on, or have ended and are not told yet, by their fingerprints. Pure. */
#ifndef CLIENT_ALERT_ACTIVES_H
#define CLIENT_ALERT_ACTIVES_H

#include "client/alert/mute.h"
#include "client/alert/notice.h"

struct bundle;

struct active {
    struct notice notice;
    char *rule;              /* its name */
    uint64_t repeat_us;      /* as the rule has it; 0: as its receivers have it */
    struct mute mute;        /* as it was judged last */
    bool is_source;          /* of an inhibition, perhaps */
    bool is_confirmed;       /* after a restart: the engine knows it */
    struct bundle **bundles; /* that it is in */
    size_t bundle_count;
    struct active *next; /* in its place of the table */
    size_t place;        /* in actives.items */
};

struct actives {
    struct active **items;
    size_t count;
    struct active **table;
    size_t table_size; /* a power of 2, or 0 */
};

void actives_fini(struct actives *actives);

/* Adds a copy of the notice. NULL: out of memory. They stay where they are until they are removed. */
struct active *actives_add(struct actives *actives, const struct notice *notice, struct span rule);
struct active *actives_find(const struct actives *actives, const char *fingerprint);
void actives_remove(struct actives *actives, struct active *active);

/* Notes that the alert is in the bundle, or no longer. */
bool active_join(struct active *active, struct bundle *bundle);
void active_leave(struct active *active, const struct bundle *bundle);

void actives_save(const struct actives *actives, struct text *out);
bool actives_restore(struct actives *actives, struct wire_reader *reader);

#endif
