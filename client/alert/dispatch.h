/* Who is told of which alerts, and when: alerts in, letters out. Grouping, inhibition, silences and what is told again
 * are here. Pure.
 *
 * Two clocks: news, groups and silences go by the time that comes with events (the broker's), so that the same events make
 * the same letters whenever they are read; what is told again goes by the clock on the wall.
 *
 * Whoever was told that an alert began is told of its end, whatever was silenced or inhibited in between. */
#ifndef CLIENT_ALERT_DISPATCH_H
#define CLIENT_ALERT_DISPATCH_H

#include "client/alert/bundle.h"
#include "client/alert/letter.h"
#include "client/alert/rules_file.h"
#include "client/alert/silences.h"

enum tell {
    TELL_NEWS,  /* something began or ended */
    TELL_AGAIN, /* it goes on */
};

/* What comes out; each may be NULL. Borrowed for the call. */
struct dispatch_calls {
    /* An alert began or ended; why nobody is told of it at that moment. */
    void (*on_alert)(void *context, const struct notice *notice, const struct mute *mute, const struct rule *rule,
                     uint64_t seq);
    /* The receiver is to be told, by its Alertmanagers or by all its other targets. */
    void (*on_letter)(void *context, const struct receiver *receiver, bool is_managers, enum tell tell,
                      const struct letter *letter, uint64_t at_us);
    void *context;
};

struct dispatch;

/* `rules` are borrowed. NULL: out of memory. */
struct dispatch *dispatch_new(const struct rules_file *rules, const struct dispatch_calls *calls);
void dispatch_free(struct dispatch **dispatch);

/* Silences that hold from now on, instead of those before; borrowed until others are given. NULL: none. */
void dispatch_silence(struct dispatch *dispatch, const struct silences *silences);

/* An alert began or ended; time comes with it. */
void dispatch_alert(struct dispatch *dispatch, const struct alert *alert, uint64_t wall_us);

/* Time has come so far: what was due until then is told. */
void dispatch_advance(struct dispatch *dispatch, uint64_t time_us, uint64_t wall_us);

/* Tells again what goes on. */
void dispatch_remind(struct dispatch *dispatch, uint64_t wall_us);

/* All as MessagePack; and taken up by one that is new, maybe with other rules. After dispatch_restore the caller calls
 * dispatch_confirm for every alert that is firing, and then dispatch_end_unknown: what was not confirmed has ended.
 * False: it is none. */
void dispatch_save(const struct dispatch *dispatch, struct text *out);
bool dispatch_restore(struct dispatch *dispatch, struct wire_reader *reader);
void dispatch_confirm(struct dispatch *dispatch, const struct alert *alert, uint64_t wall_us);
void dispatch_end_unknown(struct dispatch *dispatch, uint64_t wall_us);

/* Whether memory ran out: something was not told. */
bool dispatch_is_short_of_memory(const struct dispatch *dispatch);

/* Alerts that are remembered. */
size_t dispatch_count(const struct dispatch *dispatch);

#endif
