/* Values of options, read and checked. On a fault the reader complains, naming the option, and returns false. */
#ifndef CLIENT_ARG_H
#define CLIENT_ARG_H

#include <stdbool.h>
#include <stdint.h>

#include "client/options.h"
#include "client/tocsin.h"

/* Each leaves *value alone where the option was not given. */
bool arg_count(const struct options *options, enum option_id id, uint64_t *value);  /* 1 to 2^63-1 */
bool arg_rate(const struct options *options, enum option_id id, double *value);     /* above 0, to a million */
bool arg_duration_ms(const struct options *options, enum option_id id, int *value); /* 1 ms to 24 days */
bool arg_level(const struct options *options, enum option_id id, enum tocsin_level *value);
bool arg_level_range(const struct options *options, enum option_id id, enum tocsin_level *min, enum tocsin_level *max);

/* The index of the value among the words of the option's argument, which are separated by '|'. */
bool arg_choice(const struct options *options, enum option_id id, unsigned *value);

#endif
