/* One line of a rule's match: a field of the event, and what it must be. Pure. */
#ifndef CLIENT_CONDITION_H
#define CLIENT_CONDITION_H

#include <regex.h>
#include <stdbool.h>

#include "client/tocsin.h"
#include "proto/span.h"
#include "proto/text.h"

enum condition_field {
    CONDITION_CATEGORY,
    CONDITION_TYPE,
    CONDITION_SOURCE,
    CONDITION_LEVEL,
    CONDITION_CAUSE,
    CONDITION_SUMMARY,
    CONDITION_MEMBER, /* by its path: snapshot.status */
};

enum condition_operator {
    CONDITION_IS,      /* exactly this text, number or word */
    CONDITION_PATTERN, /* a text in which * stands for any bytes */
    CONDITION_REGEX,
    CONDITION_EQUAL,
    CONDITION_NOT_EQUAL,
    CONDITION_LESS,
    CONDITION_LESS_OR_EQUAL,
    CONDITION_GREATER,
    CONDITION_GREATER_OR_EQUAL,
};

struct condition_value {
    enum condition_operator operator;
    struct span text; /* owned, ended by NUL: what it is compared with */
    bool is_number;
    double number; /* for a level, its number */
    regex_t regex;
};

#define CONDITION_VALUES_MAX 100

/* Any of the values suffices. */
struct condition {
    enum condition_field field;
    struct span path; /* of MEMBER; owned */
    struct condition_value *values;
    size_t value_count;
};

/* The field by its name: category, type, sourceId, level, cause, summary, or snapshot and what follows. False, with
 * what is expected appended to `why`, where there is none of that name. */
bool condition_init(struct condition *condition, struct span name, struct text *why);
void condition_fini(struct condition *condition);

/* Adds a value as it is written in a rules file: `StreamEvent`, `sip1*`, `< 0`, `>= Warning`, `!= 3`, `~ b-?frame`
 * (a POSIX extended regular expression). False with the reason in `why`; memory that runs out is one. */
bool condition_add(struct condition *condition, struct span value, struct text *why);

/* Whether the event, a message of kind EVENT, has the field and one of the values holds. */
bool condition_holds(const struct condition *condition, const struct tocsin_message *message);

/* Appends a value as it is written in a rules file, escaped. */
void condition_value_put(struct text *out, const struct condition_value *value);

/* The field's name as it was given. */
struct span condition_name(const struct condition *condition);

/* The value's text where it is the only one and exact, absent (data NULL) otherwise. */
struct span condition_exact(const struct condition *condition);

#endif
