/* What must not leave this host: values of events become "[redacted]". Pure. */
#ifndef CLIENT_GATEWAY_REDACT_H
#define CLIENT_GATEWAY_REDACT_H

#include "client/options.h"
#include "proto/span.h"
#include "proto/text.h"

struct redact_rule;

struct redact {
    struct redact_rule *rules;
    size_t rule_count;
    bool is_usual; /* the usual rules are in force */
    bool has_pointers;
    bool has_parameters;
};

/* The usual rules (redact.def) unless --no-redact, and those of each --redact: NAME, /JSON/POINTER or ?PARAMETER, which
 * are borrowed. Complains and returns false about what is none; redact_fini is due in any case. */
bool redact_init(struct redact *redact, const struct options *options);
void redact_fini(struct redact *redact);

/* Appends `value`, one whole MessagePack value nested TOCSIN_DEPTH_MAX deep at most, with what the rules name redacted.
 * Returns how many values were; 0: it is appended as it was. Deeper ones are appended as they were (their judge refuses
 * them). */
size_t redact_value(const struct redact *redact, struct span value, struct text *out);

/* As redact_value for a text: its parameters (?name=value&name=value). */
size_t redact_text(const struct redact *redact, struct span value, struct text *out);

/* As redact_value for JSON that cannot be read as such, or was cut: the values of members by their names. What follows an
 * object or an array that is redacted is left out. */
size_t redact_raw(const struct redact *redact, struct span json, struct text *out);

#endif
