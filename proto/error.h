/* Texts of the codes in tocsin_base.h. The strings are static. */
#ifndef PROTO_ERROR_H
#define PROTO_ERROR_H

#include <stddef.h>

#include "proto/span.h"
#include "proto/tocsin_base.h"

/* A sentence fragment for an error code, e.g. "timed out"; never NULL. */
const char *error_text(int error);

/* The wire's word for a refusal ("value"), and a fragment that follows the field's name ("has a value …"). Never NULL.
 */
const char *refusal_word(enum tocsin_refusal code);
const char *refusal_text(enum tocsin_refusal code);

/* The word of a level ("Warning"), or NULL when out of range. */
const char *level_word(enum tocsin_level level);

/* The same word with its length; data NULL when out of range. */
struct span level_span(enum tocsin_level level);

/* The level named by `word` of `len` bytes, exactly as spelled on the wire; -1 where there is none. */
int level_of_word(const char *word, size_t len);

#endif
