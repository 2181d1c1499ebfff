/* Silences: alerts that nobody is told of for a time. Kept in a file of JSON, in the form of Alertmanager's API. */
#ifndef CLIENT_ALERT_SILENCES_H
#define CLIENT_ALERT_SILENCES_H

#include "client/alert/label_matcher.h"

#define SILENCE_ID_LEN     16
#define SILENCES_MAX       10000u
#define SILENCES_BYTES_MAX (16u << 20)
#define SILENCES_KEPT_US   UINT64_C(432000000000) /* 5 days: so long one whose time is over is kept, for explain */

struct silence {
    char id[SILENCE_ID_LEN + 1];
    struct label_matchers matchers;
    uint64_t starts_us;
    uint64_t ends_us;
    char *author;
    char *comment;
};

struct silences {
    struct silence *items;
    size_t count;
};

void silence_fini(struct silence *silence);
void silences_fini(struct silences *silences);

/* Whether it holds at that moment. */
bool silence_is_active(const struct silence *silence, uint64_t at_us);

/* The silence that the labels match and that holds at that moment; NULL: none. */
const struct silence *silences_find(const struct silences *silences, const struct labels *labels, uint64_t at_us);

/* The first moment behind `after_us` at which one begins or ends; UINT64_MAX: none. */
uint64_t silences_next_us(const struct silences *silences, uint64_t after_us);

/* Takes over what is added, which is emptied. False: memory ran out. */
bool silences_add(struct silences *silences, struct silence *silence);

/* Forgets those that ended SILENCES_KEPT_US ago. */
void silences_prune(struct silences *silences, uint64_t now_us);

/* Appends all as a JSON array, one a line; or one as its object. */
void silences_put_json(struct text *out, const struct silences *silences);
void silence_put_json(struct text *out, const struct silence *silence);

/* In silences_read.c: reads what silences_put_json wrote, or a person. False with the reason appended to `message`, and
 * *silences is empty. silences_fini is due after success. */
bool silences_read(struct silences *silences, struct span json, struct text *message);

/* The same of the file at `path`; one that is not there is empty. Complaints begin with the path. */
bool silences_read_file(struct silences *silences, const char *path, struct text *message);

#endif
