/* A rule in words. Pure. */
#ifndef CLIENT_ALERT_RULE_TEXT_H
#define CLIENT_ALERT_RULE_TEXT_H

#include "client/alert/rule.h"

/* Appends what the rule asks for, a line each; `first` stands before the first, `indent` before the others. */
void rule_text_put(struct text *out, const struct rule *rule, const char *first, const char *indent);

#endif
