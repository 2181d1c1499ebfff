/* What the files of the dispatch share; nobody else includes it. */
#ifndef CLIENT_ALERT_DISPATCH_INNER_H
#define CLIENT_ALERT_DISPATCH_INNER_H

#include "client/alert/dispatch.h"

struct dispatch {
    const struct rules_file *rules;
    struct dispatch_calls calls;
    const struct silences *silences; /* NULL: none */
    uint64_t silence_us;             /* when one of them begins or ends next */
    struct actives actives;
    size_t ended_count; /* of them, that are not told yet */
    struct bundle **bundles;
    size_t bundle_count;
    size_t bundle_room;
    struct bundle **ready; /* touched, and due at once; room for as many as there are */
    size_t ready_count;
    uint64_t now_us;
    uint64_t wall_us;
    uint64_t next_us; /* nothing is due before */
    bool is_short_of_memory;
};

/* Adds what is not there yet, the bundle taken over. False: out of memory, and it is freed. */
bool dispatch_add_bundle(struct dispatch *dispatch, struct bundle *bundle);

/* Puts the alert into the receiver's bundles, where it is not there yet. */
void dispatch_join(struct dispatch *dispatch, struct active *active, const struct receiver *receiver);

/* The bundle has news: sets when they are due. */
void dispatch_touch(struct dispatch *dispatch, struct bundle *bundle);

/* Tells the bundle's news, and forgets what has ended. False: nothing is left in it, and it is gone. */
bool dispatch_flush(struct dispatch *dispatch, struct bundle *bundle);

/* What was touched and is due at once; few of many. */
void dispatch_flush_ready(struct dispatch *dispatch);

/* The alert began, was taken up again, or ended: its bundles are touched. After its end it may be gone. */
void dispatch_begin(struct dispatch *dispatch, struct active *active, const struct rule *rule);
void dispatch_end(struct dispatch *dispatch, struct active *active);
void dispatch_tell_alert(const struct dispatch *dispatch, const struct active *active, const struct rule *rule,
                         uint64_t seq);

/* Why nobody is told of these labels at this moment. */
struct mute dispatch_judge(const struct dispatch *dispatch, const struct labels *labels);

#endif
