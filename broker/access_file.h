/* Reads the access file (docs/SECURITY.md): all of it or nothing. */
#ifndef BROKER_ACCESS_FILE_H
#define BROKER_ACCESS_FILE_H

#include "broker/access.h"

/* Largest access file. */
#define ACCESS_FILE_MAX (64u << 20)

/* Reads the file into a new table. Errors: TOCSIN_E_SYNTAX, TOCSIN_E_IO, TOCSIN_E_NOMEM, with a sentence in `message`
 * that says where (FILE:LINE:COLUMN), what is wrong and what is allowed; then *access is NULL. */
int access_file_read(struct access **access, const char *path, struct text *message);

/* The same of text in memory; `file` is its name in messages. */
int access_file_parse(struct access **access, struct span yaml, const char *file, struct text *message);

#endif
