/* The usual way, as the peer to measure against: msgpack-c's object, a jansson tree, json_dumps. */
#ifndef TESTS_BENCH_JANSSON_H
#define TESTS_BENCH_JANSSON_H

#include <stddef.h>

#include "proto/span.h"

/* Unpacks, checks that the required members are strings, and prints as JSON. Returns the length of the text, 0 for a
 * refused event. */
size_t bench_jansson_way(struct span event);

#endif
