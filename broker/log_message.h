/* Failures of the disk as sentences that say what to do. */
#ifndef BROKER_LOG_MESSAGE_H
#define BROKER_LOG_MESSAGE_H

#include "proto/text.h"

/* Appends "cannot WHAT DIR/NAME: REASON. ADVICE." (`name` NULL: the directory itself). Returns the code for the errno
 * (negative): TOCSIN_E_NOSPACE, TOCSIN_E_NOMEM, TOCSIN_E_INVALID where the path or its rights are at fault, else
 * TOCSIN_E_IO. */
int log_message_error(struct text *message, const char *what, const char *dir, const char *name, int error);

#endif
