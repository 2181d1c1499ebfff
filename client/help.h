/* The help, printed from the tables. */
#ifndef CLIENT_HELP_H
#define CLIENT_HELP_H

#include "client/options.h"
#include "proto/text.h"

/* Appends what the program is for and its commands; and what one command does, its examples first. */
void help_put_overview(struct text *out);
void help_put_command(struct text *out, enum command_id command);

#endif
