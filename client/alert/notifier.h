/* Sends notices to receivers: a bounded lane for each target, requests at the same time, tried again until they are
 * taken or a day has passed. Never waits. */
#ifndef CLIENT_ALERT_NOTIFIER_H
#define CLIENT_ALERT_NOTIFIER_H

#include "client/alert/notice.h"
#include "client/alert/receiver.h"
#include "proto/wire.h"

struct notifier;

enum tell {
    TELL_NEWS,   /* it began or ended: every target */
    TELL_REPEAT, /* it goes on: targets that are people */
    TELL_RESEND, /* it goes on: Alertmanagers, which would think that it had ended; nothing where one waits already */
};

/* `receivers` are borrowed. NULL: out of memory. */
struct notifier *notifier_new(const struct receivers *receivers);

/* What is under way is broken off; it is still in what notifier_save has written. */
void notifier_free(struct notifier **notifier);

/* Queues the notice for the targets of a receiver. The delivery's id is the same whenever the same is told: it is made
 * of receiver, target, fingerprint, start, state and `repeats`. False: out of memory. */
bool notifier_tell(struct notifier *notifier, struct span receiver, enum tell tell, const struct notice *notice,
                   unsigned repeats, uint64_t wall_us);

/* Begins and ends deliveries. `now_us` is of clock_now_us. */
void notifier_run(struct notifier *notifier, int64_t now_us, uint64_t wall_us);

/* How many wait or are under way, and of these how many are under way. */
size_t notifier_waiting(const struct notifier *notifier);
size_t notifier_under_way(const struct notifier *notifier);

/* Grows whenever something was queued or is done. */
uint64_t notifier_changes(const struct notifier *notifier);

/* What waits, as MessagePack; and taken up again, where its target is still there: else it is told and passed over.
 * False: it is none. */
void notifier_save(const struct notifier *notifier, struct text *out);
bool notifier_restore(struct notifier *notifier, struct wire_reader *reader);

#endif
