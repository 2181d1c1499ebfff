/* Sends letters to receivers: a bounded lane for each target, requests at the same time, tried again until they are
 * taken or a day has passed. Never waits. */
#ifndef CLIENT_ALERT_NOTIFIER_H
#define CLIENT_ALERT_NOTIFIER_H

#include "client/alert/dispatch.h"
#include "proto/wire.h"

struct notifier;

/* What became of a delivery. */
enum fate {
    FATE_QUEUED,
    FATE_MERGED, /* others were taken into it: its id is a new one */
    FATE_TAKEN,
    FATE_FAILED,   /* and is tried again; told of the first attempt */
    FATE_GIVEN_UP, /* it is lost */
};

struct delivery;
struct lane;

/* Called for each, with why it failed; NULL: nothing is to be known. */
struct notifier_calls {
    void (*on_fate)(void *context, enum fate fate, const struct lane *lane, const struct delivery *delivery,
                    const char *reason);
    void *context;
};

/* `receivers` are borrowed. NULL: out of memory. */
struct notifier *notifier_new(const struct receivers *receivers, const struct notifier_calls *calls);

/* What is under way is broken off; it is still in what notifier_save has written. */
void notifier_free(struct notifier **notifier);

/* Queues the letter for the targets of a receiver: its Alertmanagers, or all others. The delivery's id is the same
 * whenever the same is told (letter_make_id). What goes on is not told to an Alertmanager for which an earlier one waits.
 * False: out of memory. */
bool notifier_tell(struct notifier *notifier, const struct receiver *receiver, bool is_managers, enum tell tell,
                   const struct letter *letter, uint64_t wall_us);

/* Chooses what may go of what waits for receivers with a limit. `now_us` is of clock_now_us. */
void notifier_choose(struct notifier *notifier, int64_t now_us);

/* All that waits is kept now, and may be sent: nothing goes before, so that whatever a killed process has sent, the next
 * one knows the same. */
void notifier_settle(struct notifier *notifier);

/* Begins and ends deliveries. */
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
