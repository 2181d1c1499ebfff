/* What a receiver is told at once: one alert or, where it groups them, several. Pure. */
#ifndef CLIENT_ALERT_LETTER_H
#define CLIENT_ALERT_LETTER_H

#include "client/alert/notice.h"

#define LETTER_NOTICES_MAX 100u /* what is more goes into the next one */
#define LETTER_ID_MAX      40u

struct letter {
    char *key;            /* of its group; of an alert that is told by itself its fingerprint */
    bool is_group;        /* several alerts may be in it */
    struct labels labels; /* that all alerts of the group have, by group_by */
    struct notice *notices;
    size_t count;      /* at least 1 */
    size_t others;     /* alerts of the group that are not in it */
    size_t merged;     /* so many letters it was made of, as the receiver's rate_limit had it; 0: it was not */
    size_t superseded; /* news of those that later news in it replaced */
    unsigned repeats;  /* how often the same was told before */
};

/* Adds a copy of the notice, or of the key and the labels. False: out of memory. letter_fini is due in any case. */
bool letter_begin(struct letter *letter, const char *key, bool is_group, const struct labels *labels);
bool letter_add(struct letter *letter, const struct notice *notice);
void letter_fini(struct letter *letter);
bool letter_copy(struct letter *to, const struct letter *from);

bool letter_is_firing(const struct letter *letter); /* any of its alerts is */

/* Takes in what the other tells: of an alert that is in both the later news stay. False, and nothing changed much, where
 * they do not fit into one or memory ran out. In letter_merge.c. */
bool letter_merge(struct letter *letter, const struct letter *later);

/* What is the same whenever the same is told to the same: of receiver, target, alerts, their starts and states, and the
 * repeats. */
void letter_make_id(char id[LETTER_ID_MAX], const struct letter *letter, const char *receiver, size_t target);

/* A short name for systems that keep an incident by its key: the fingerprint, or a hash of the group's key. */
void letter_make_dedup_key(char key[NOTICE_FINGERPRINT_LEN + 1], const struct letter *letter);

/* Appends in a line what it is about: the summary of its alert, or how many alerts of which group. */
void letter_put_subject(struct text *out, const struct letter *letter);

/* Appends what is to be told beside the alerts: those left out, those merged. Nothing where there is nothing. */
void letter_put_remark(struct text *out, const struct letter *letter);

/* In letter_state.c: written as MessagePack, and read again; false where it is none. letter_fini is due in any case. */
void letter_save(const struct letter *letter, struct text *out);
bool letter_restore(struct letter *letter, struct wire_reader *reader);

/* Appends the letter as a JSON object with its newline: receiver, groupKey, groupLabels, and of each alert fingerprint and
 * status. In letter_line.c, as the next: for people. */
void letter_put_json_line(struct text *out, const struct letter *letter, const char *receiver, uint64_t at_us);
void letter_put_line(struct text *out, const struct letter *letter, const char *receiver, uint64_t at_us, bool is_utc);

#endif
