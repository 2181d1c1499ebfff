/* What the bridge did, a JSON object a line, in a file beside its state: alerts that began and ended, why nobody was told,
 * what was sent where and how that went. `tocsin alert explain` reads it. A help, not a record: the last lines before a
 * kill may be missing, or be there twice. */
#ifndef CLIENT_ALERT_ALERT_JOURNAL_H
#define CLIENT_ALERT_ALERT_JOURNAL_H

#include "client/alert/lane.h"
#include "client/alert/mute.h"
#include "client/alert/notifier.h"

#define ALERT_JOURNAL_BYTES_MAX (16u << 20) /* then it begins anew; the one before is kept as FILE.1 */

/* Each appends a line. Times are wall clock. */
void alert_journal_put_alert(struct text *out, uint64_t wall_us, const struct notice *notice, const struct mute *mute,
                             uint64_t seq);
void alert_journal_put_fate(struct text *out, uint64_t wall_us, enum fate fate, const struct lane *lane,
                            const struct delivery *delivery, const char *reason);

/* Appends the text to the file and empties it. False: errno tells why; the text is dropped. */
bool alert_journal_write(const char *path, struct text *text);

/* Appends, for people, the lines about an alert, of the file before and of this one: each behind `indent`. A file that is
 * not there has none. False: memory ran out. */
bool alert_journal_explain(struct text *out, const char *path, const struct notice *notice, const char *indent);

#endif
