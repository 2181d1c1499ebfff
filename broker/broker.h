/* All parts of a running broker, in the order in which they are started; stopped in the other. */
#ifndef BROKER_BROKER_H
#define BROKER_BROKER_H

#include "broker/exit_code.h"
#include "broker/settings.h"
#include "proto/text.h"

struct broker;

/* Opens the log and the doors and starts the threads; then the broker is ready. NULL when that cannot be: `code` says
 * how the process should end and `message` why, in a sentence. `settings` is borrowed until broker_stop. */
struct broker *broker_start(const struct settings *settings, enum exit_code *code, struct text *message);

/* Readable when the broker has ended by itself, because of the disk. */
int broker_failure_fd(const struct broker *broker);

/* Readable when a client has asked for broker_reload. */
int broker_reload_fd(const struct broker *broker);

/* Appends where the doors really are, one name=endpoint a line. */
void broker_write_ports(const struct broker *broker, struct text *out);

/* Reads the access file again; what became of it is told on stderr and in the log. */
void broker_reload(struct broker *broker);

/* Takes what is on its way, writes it to the log, publishes it, and ends. `reason` (static) goes into the log.
 * Returns how the process should end. */
enum exit_code broker_stop(struct broker **broker, const char *reason);

#endif
