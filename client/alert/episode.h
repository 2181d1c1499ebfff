/* One alert from its beginning to its end, and why. */
#ifndef CLIENT_ALERT_EPISODE_H
#define CLIENT_ALERT_EPISODE_H

#include "client/alert/mute.h"
#include "client/alert/silences.h"
#include "client/alert/witness.h"

struct episode {
    struct notice notice;
    const struct rule *rule;
    struct mute mute;
    uint64_t seq;
    uint64_t count; /* of events that the rule has seen under this key */
    struct witness_seen seen[WITNESS_SEEN_MAX];
    size_t seen_count;
    struct text told; /* lines: when, and to whom */
};

void episode_fini(struct episode *episode);

/* Appends all that is known for people; `journal` is the bridge's, NULL: none. */
void episode_put(struct text *out, const struct episode *episode, const struct silences *silences, const char *journal,
                 bool is_utc);

#endif
