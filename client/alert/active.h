/* The alerts that go on, as they were told: whom to tell again, and who is to hear of their end. */
#ifndef CLIENT_ALERT_ACTIVE_H
#define CLIENT_ALERT_ACTIVE_H

#include "client/alert/notice.h"
#include "proto/wire.h"

struct active {
    struct notice notice;
    char *rule;         /* its name */
    char *receivers;    /* names, a line each: whom its end is told to, whatever became of the rule */
    unsigned repeats;   /* so often it was told again */
    uint64_t repeat_us; /* wall clock: when it is told again */
    uint64_t resend_us; /* the same for Alertmanagers */
    bool is_confirmed;  /* after a restart: the engine knows it */
};

struct actives {
    struct active *items;
    size_t count;
    size_t room;
};

void actives_fini(struct actives *actives);

/* Adds a copy. NULL: out of memory. */
struct active *actives_add(struct actives *actives, const struct notice *notice, const struct rule *rule);
struct active *actives_find(const struct actives *actives, const char *fingerprint);
void actives_remove(struct actives *actives, struct active *active);

void actives_save(const struct actives *actives, struct text *out);
bool actives_restore(struct actives *actives, struct wire_reader *reader);

#endif
