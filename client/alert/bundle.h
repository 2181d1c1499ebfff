/* Alerts that one receiver is told of together: a group by group_by, or one alert by itself. Pure. */
#ifndef CLIENT_ALERT_BUNDLE_H
#define CLIENT_ALERT_BUNDLE_H

#include "client/alert/actives.h"
#include "client/alert/receiver.h"

/* An alert as this receiver is told of it. */
struct post {
    struct active *active;
    uint64_t told_us; /* of the alert that it was told of: when that began; 0: none yet */
    bool was_muted;   /* since it began */
    bool is_unwanted; /* its rule does not name this receiver any more: only its end is told */
    bool is_news;     /* while letters are written */
};

struct bundle {
    const struct receiver *receiver;
    bool is_managers; /* for its Alertmanagers; else for all the others */
    char *key;
    bool is_group;
    struct labels labels;
    struct post *posts;
    size_t count;
    uint64_t due_us;     /* broker's time; UINT64_MAX: nothing is */
    uint64_t flushed_us; /* when news were told last; 0: never */
    uint64_t repeat_us;  /* wall clock: when it is told again */
    unsigned repeats;
    bool is_ready; /* it is in the dispatch's list of those due at once */
    size_t place;
    size_t superseded; /* news that were replaced by later ones before they were told */
};

/* NULL: out of memory. The key of an alert by itself is its fingerprint. */
struct bundle *bundle_new(const struct receiver *receiver, bool is_managers, const char *key, bool is_group);
void bundle_free(struct bundle **bundle);

/* Appends the key of the group that an alert is in, by the receiver's group_by, and sets the labels. */
bool bundle_make_key(struct text *key, struct labels *labels, const struct receiver *receiver,
                     const struct labels *of_alert);

/* NULL where the alert is not in it. */
struct post *bundle_find(const struct bundle *bundle, const struct active *active);

/* Adds the alert to the bundle, and the bundle to the alert. NULL: out of memory. */
struct post *bundle_add(struct bundle *bundle, struct active *active);

/* Takes away the posts whose alerts have ended. Those that are in no bundle any more are left to the caller. */
void bundle_remove_ended(struct bundle *bundle, void (*on_removed)(void *context, struct active *active),
                         void *context);

#endif
