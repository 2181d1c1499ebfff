/* The cases of proto/vectors, one after the other. */
#ifndef TESTS_VECTOR_SUPPORT_H
#define TESTS_VECTOR_SUPPORT_H

#include <jansson.h>

#include "proto/span.h"

/* Calls `check` for every case of a folder ("valid") in the order of their names; returns how many there were. A case
 * that is no JSON fails the test that runs. */
size_t for_each_vector(const char *folder, void (*check)(const json_t *vector, void *arg), void *arg);

/* Members of a case; one that is not there fails the test. */
const char *vector_text(const json_t *vector, const char *key);
struct span vector_span(const json_t *vector, const char *key);
uint64_t vector_uint(const json_t *vector, const char *key); /* an integer, or decimal text */

/* The bytes that a member spells in hex, in memory of exactly their size; to be freed. */
uint8_t *vector_bytes(const json_t *vector, const char *key, size_t *len);

/* The case that is being looked at, for messages. */
extern const char *vector_path;

#endif
