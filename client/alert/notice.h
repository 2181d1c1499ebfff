/* An alert as it is told: its labels, its texts, and a fingerprint by which it is the same one anywhere. Pure.
 *
 * Labels: alertname, category, type and sourceId of the event that raised it, the members of `by` (with _ for whatever a
 * label's name cannot hold), and the rule's own, which go before. Empty ones are left out. Annotations: the rule's,
 * `summary` (the event's, where the rule has none) and `event`, the event as JSON.
 *
 * The fingerprint is the first half of SHA-256, in hex, over name 0xff value 0xff of each label in the order of names. */
#ifndef CLIENT_ALERT_NOTICE_H
#define CLIENT_ALERT_NOTICE_H

#include "client/alert/engine.h"

#define NOTICE_FINGERPRINT_LEN 32

struct notice {
    bool is_firing;
    enum tocsin_level level; /* of the event; Warning where there is none */
    uint64_t starts_us;
    uint64_t ends_us; /* 0 while it is firing */
    char fingerprint[NOTICE_FINGERPRINT_LEN + 1];
    struct labels labels; /* in the order of their names */
    struct labels annotations;
};

/* False: out of memory. notice_fini is due in any case. */
bool notice_make(struct notice *notice, const struct alert *alert);
void notice_fini(struct notice *notice);

/* The value of a label or an annotation; NULL where there is none. */
const char *notice_label(const struct notice *notice, const char *name);
const char *notice_annotation(const struct notice *notice, const char *name);

/* The annotation `summary`, or the alert's name where it has none. */
const char *notice_summary(const struct notice *notice);

/* Appends {"name":"value",…}. */
void notice_put_labels(struct text *out, const struct labels *labels);

/* Appends a text in which {{member}} stands for a member of the event: with `message` NULL for a value of `by`, else
 * for nothing. In notice_text.c. */
void notice_expand(struct text *out, const char *text, const struct alert *alert, const struct tocsin_message *message);
void notice_put_member(struct text *out, const struct alert *alert, const struct tocsin_message *message,
                       struct span member);

/* Appends what happened as a line: for people, or as a JSON object with its newline; `mute` tells why nobody is told, NULL:
 * those that the rule names are. In notice_line.c. */
struct mute;
void notice_put_line(struct text *out, const struct notice *notice, const struct mute *mute, bool is_utc);
void notice_put_json_line(struct text *out, const struct notice *notice, const struct mute *mute,
                          const struct rule *rule);

/* Appends 2026-11-21 09:30:00.125, in the local zone or UTC. */
void notice_put_time(struct text *out, uint64_t us, bool is_utc);

/* In notice_state.c. A copy, as notice_make; what is written down (MessagePack, several values), and read again: false
 * where it is none. */
bool notice_copy(struct notice *to, const struct notice *from);
void notice_save(const struct notice *notice, struct text *out);
bool notice_restore(struct notice *notice, struct wire_reader *reader);

/* The same for labels alone. labels_fini is due in any case. */
bool labels_copy(struct labels *to, const struct labels *from);
void labels_save(const struct labels *labels, struct text *out);
bool labels_restore(struct labels *labels, struct wire_reader *reader);

#endif
