/* The manual of the command line, made from the tables. */
#ifndef CLIENT_CLI_DOC_H
#define CLIENT_CLI_DOC_H

#include "proto/text.h"

/* Appends docs/CLI.md, and the manual page tocsin(1). */
void cli_doc_put_markdown(struct text *out);
void cli_doc_put_man(struct text *out);

#endif
