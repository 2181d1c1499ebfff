/* The alert bridge but for where events come from: rules, alerts, who is told of them and how; kept and taken up again as
 * one. */
#ifndef CLIENT_ALERT_BRIDGE_H
#define CLIENT_ALERT_BRIDGE_H

#include "client/alert/dispatch.h"
#include "client/alert/notifier.h"
#include "client/alert/rules_file.h"

struct bridge {
    struct rules_file rules;
    struct engine *engine;
    struct dispatch *dispatch;
    struct notifier *notifier;
    struct silences silences;
    struct text *out;     /* where what begins and ends is written; NULL: nowhere */
    struct text *journal; /* where lines of alert_journal.h are written; NULL: nowhere */
    bool is_json;
    bool is_utc;
    bool shows_notices; /* and what receivers are told */
    uint64_t wall_us;   /* at the last call */
    uint64_t looked_us; /* when alerts were looked through for those to be told again */
    bool is_short_of_memory;
    bool has_begun; /* time has */
};

/* Takes over the rules, which are emptied; time begins with `time_us`, of the broker's clock; 0: with what
 * comes first. False: out of memory.
 * bridge_fini is due in any case, and the struct stays in its place. */
bool bridge_init(struct bridge *bridge, struct rules_file *rules, uint64_t time_us, uint64_t wall_us);
void bridge_fini(struct bridge *bridge);

/* Takes over the silences, which are emptied: they hold from now on, instead of those before. */
void bridge_silence(struct bridge *bridge, struct silences *silences);

/* An event happened; or time has come so far. */
void bridge_take(struct bridge *bridge, const struct tocsin_message *message, uint64_t wall_us);
void bridge_advance(struct bridge *bridge, uint64_t time_us, uint64_t wall_us);

/* Time has come so far for what is told, but the broker is away: no rule knows what happened since. */
void bridge_advance_alone(struct bridge *bridge, uint64_t time_us, uint64_t wall_us);

/* Tells again what goes on, and chooses what may be sent; it is to be kept before bridge_send. `now_us` is of
 * clock_now_us. */
void bridge_prepare(struct bridge *bridge, int64_t now_us, uint64_t wall_us);

/* Whether memory ran out. */
bool bridge_is_short_of_memory(const struct bridge *bridge);

/* All of it as MessagePack, and taken up by a bridge that is new, maybe with other rules: alerts of rules that are gone,
 * or are not what they were, have ended. Silences are not among it, and are to be given before. False: it is none, or
 * memory ran out. */
void bridge_save(const struct bridge *bridge, struct text *out);
bool bridge_restore(struct bridge *bridge, struct wire_reader *reader);

/* Goes on with other rules, which are emptied. False: memory ran out, and the old ones are there still. */
bool bridge_reload(struct bridge *bridge, struct rules_file *rules);

#endif
