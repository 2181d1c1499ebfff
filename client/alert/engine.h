/* Rules at work: events in, alerts out. Pure: time comes with what is told, in microseconds since 1970 UTC by the
 * broker's clock, and never goes back in here.
 *
 * An alert is a rule and one combination of the values of its `by`. Memory is bounded by their number, not by that of
 * events: beyond ENGINE_GROUPS_MAX of a rule new combinations are passed over and counted. */
#ifndef CLIENT_ALERT_ENGINE_H
#define CLIENT_ALERT_ENGINE_H

#include "client/alert/rule.h"
#include "client/tocsin.h"
#include "proto/text.h"
#include "proto/wire.h"

#define ENGINE_GROUPS_MAX 10000

/* A larger event is remembered without its snapshot, and so is every one once so many bytes are. */
#define ENGINE_EVENT_MAX  65536
#define ENGINE_EVENTS_MAX ((size_t)256 << 20)

/* An alert began or ended. Texts are borrowed for the call. */
struct alert {
    const struct rule *rule;
    bool is_firing;
    uint64_t starts_us;
    uint64_t ends_us;  /* when it has ended */
    uint64_t seq;      /* of the event that raised it; 0: none did (absence) */
    struct span key;   /* values of `by`, each ended by NUL: what tells it from the rule's others */
    struct span event; /* the event that raised it, MessagePack; data NULL: none did */
    uint64_t events;   /* that have matched since it began */
};

struct engine;

/* `rules` are borrowed. From `now_us` on absence is waited for. NULL: out of memory. */
struct engine *engine_new(const struct rules *rules, uint64_t now_us, uint64_t seed,
                          void (*on_alert)(void *context, const struct alert *alert), void *context);
void engine_free(struct engine **engine);

/* An event, of kind EVENT, happened: time moves on to its received_us, and it goes through all rules. */
void engine_take(struct engine *engine, const struct tocsin_message *message);

/* Time has come so far: what was due until then happens, in the order of time. */
void engine_advance(struct engine *engine, uint64_t now_us);

/* When something is due next; UINT64_MAX: nothing is. */
uint64_t engine_due_us(const struct engine *engine);

/* From now on `on_match` is called for each event that a rule's match holds for, with the values of `by` as in struct
 * alert, before anything comes of it. */
void engine_watch(struct engine *engine,
                  void (*on_match)(void *context, const struct rule *rule, struct span key,
                                   const struct tocsin_message *message),
                  void *context);

struct engine_counts {
    uint64_t events;
    uint64_t matches;   /* of rules, one event may count several times */
    uint64_t firing;    /* alerts at the moment */
    uint64_t groups;    /* remembered at the moment */
    uint64_t overflown; /* events passed over because a rule had too many groups, or memory ran out */
};
struct engine_counts engine_count(const struct engine *engine);

/* Calls `each` for every alert that is firing, in no order. */
void engine_each_firing(const struct engine *engine, void (*each)(void *context, const struct alert *alert),
                        void *context);

/* Appends all that is remembered, as MessagePack; `out` fails where memory runs out. */
void engine_save(const struct engine *engine, struct text *out);

/* Takes up what engine_save wrote, in an engine that is new. Groups of rules that are no longer the same are left out.
 * False: it is none, and the engine is to be freed. */
bool engine_restore(struct engine *engine, struct wire_reader *reader);

#endif
