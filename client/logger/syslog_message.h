/* An event as a message of RFC 5424. Pure. */
#ifndef CLIENT_LOGGER_SYSLOG_MESSAGE_H
#define CLIENT_LOGGER_SYSLOG_MESSAGE_H

#include <stdbool.h>

#include "client/logger/log_form.h"

#define SYSLOG_FACILITY_DAEMON 3

/* The number of a facility's name. */
bool syslog_facility_find(const char *name, unsigned *facility);

/* The severity of a level, 0 to 7. */
unsigned syslog_severity(enum tocsin_level level);

/* Appends <PRI>1 TIME HOST tocsin - TYPE [tocsin@32473 …] MSG, where MSG is the event in the form. `hostname` holds
 * printable ASCII without blanks, 255 characters at most. */
void syslog_message_write(struct text *out, const struct log_event *event, enum log_form form, unsigned facility,
                          const char *hostname);

#endif
