/* What the files of the engine share; nobody else includes it. */
#ifndef CLIENT_ALERT_ENGINE_INNER_H
#define CLIENT_ALERT_ENGINE_INNER_H

#include "client/alert/engine.h"
#include "client/alert/groups.h"
#include "client/alert/sieve.h"
#include "proto/text.h"

struct engine {
    const struct rules *rules;
    struct sieve *sieve;
    struct groups *groups;
    uint32_t *groups_of_rule; /* how many */
    struct text key;          /* of the event at hand */
    struct text rest;         /* of it, without its snapshot */
    size_t event_bytes;       /* of the events that are remembered */
    uint64_t now_us;
    uint64_t begun_us;
    struct engine_counts counts;
    void (*on_alert)(void *context, const struct alert *alert);
    void *context;
    void (*on_match)(void *context, const struct rule *rule, struct span key, const struct tocsin_message *message);
    void *watcher;
};

/* An event matches, at engine->now_us; one of these for each kind. */
void engine_match_each(struct engine *engine, const struct rule *rule, const struct tocsin_message *message);
void engine_match_state(struct engine *engine, const struct rule *rule, const struct tocsin_message *message);
void engine_match_count(struct engine *engine, const struct rule *rule, const struct tocsin_message *message);
void engine_match_absent(struct engine *engine, const struct rule *rule, const struct tocsin_message *message);
void engine_match_new(struct engine *engine, const struct rule *rule, const struct tocsin_message *message);

/* An event matches `clear` of a STATE. */
void engine_clear_state(struct engine *engine, const struct rule *rule, const struct tocsin_message *message);

/* The group's time has come, at `due_us`; it may be gone afterwards. */
void engine_due_each(struct engine *engine, struct group *group, uint64_t due_us);
void engine_due_state(struct engine *engine, struct group *group, uint64_t due_us);
void engine_due_count(struct engine *engine, struct group *group, uint64_t due_us);
void engine_due_absent(struct engine *engine, struct group *group, uint64_t due_us);
void engine_due_new(struct engine *engine, struct group *group, uint64_t due_us);

/* What an ABSENT waits for from the start on. */
void engine_expect(struct engine *engine, const struct rule *rule);
void engine_expect_no_more(struct engine *engine, const struct rule *rule);

/* Times that a COUNT keeps of each group. */
uint32_t engine_times_wanted(const struct rule *rule);

/* The group of the event at hand. NULL where there is none: obtain adds it, and counts where it cannot. */
struct group *engine_find(struct engine *engine, const struct rule *rule, const struct tocsin_message *message);
struct group *engine_obtain(struct engine *engine, const struct rule *rule, const struct tocsin_message *message);
void engine_remove(struct engine *engine, struct group *group);

/* Remembers the event that raises the alert, a large one without its snapshot; `message` NULL: none does. */
void engine_keep_event(struct engine *engine, struct group *group, const struct tocsin_message *message);

/* The alert begins or ends, and is told. */
void engine_fire(struct engine *engine, struct group *group, uint64_t at_us);
void engine_resolve(struct engine *engine, struct group *group, uint64_t at_us);

/* What is told of the group; `ends_us` 0: it is firing. */
struct alert engine_alert_of(const struct engine *engine, const struct group *group, uint64_t ends_us);

uint32_t engine_rule_index(const struct engine *engine, const struct rule *rule);

#endif
