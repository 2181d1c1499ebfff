/* What each target is sent. Pure; each appends to `out`. Times are microseconds since 1970 UTC. */
#ifndef CLIENT_ALERT_BODY_H
#define CLIENT_ALERT_BODY_H

#include "client/alert/letter.h"
#include "client/alert/receiver.h"

/* Alertmanager's webhook body, version 4. */
void body_put_webhook(struct text *out, const struct letter *letter, const char *receiver);

/* An array for Alertmanager's API v2. The end of what is firing lies so far ahead of now_us that it ends by itself where
 * nobody sends it again. */
void body_put_alertmanager(struct text *out, const struct letter *letter, uint64_t now_us, uint64_t ahead_us);
void body_put_slack(struct text *out, const struct letter *letter);
void body_put_pagerduty(struct text *out, const struct letter *letter, const char *routing_key);

/* A message with its header, for SMTP; `id` makes its Message-ID. In body_email.c. */
void body_put_email(struct text *out, const struct letter *letter, const struct target *target, const char *id,
                    uint64_t now_us);

#endif
