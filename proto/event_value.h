/* Checks that a value has an exact JSON image (PROTOCOL.md section 1). */
#ifndef PROTO_EVENT_VALUE_H
#define PROTO_EVENT_VALUE_H

#include "proto/span.h"
#include "proto/tocsin_base.h"
#include "proto/wire.h"

struct value_checker;

/* `max_bytes`: the longest value that will be checked in full. NULL when out of memory. */
struct value_checker *value_checker_new(size_t max_bytes, uint64_t seed);
void value_checker_free(struct value_checker **checker);

/* Checks the value at the reader, which then stands behind it. TOCSIN_ACCEPTED, or the first fault; after a fault the
 * reader stands anywhere within the value. TOCSIN_REFUSAL_LENGTH: more keys than a value of max_bytes can hold. */
enum tocsin_refusal value_check(struct value_checker *checker, struct wire_reader *reader);

/* A string's fault: invalid UTF-8, or U+0000. */
enum tocsin_refusal value_check_str(struct span text);

#endif
