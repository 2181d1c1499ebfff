/* The figure in the middle: of rounds that are measured in turns, what the machine does to one of them counts for
 * nothing. */
#ifndef BENCH_MEDIAN_H
#define BENCH_MEDIAN_H

#include <stddef.h>

/* Sorts the figures, at least one. */
double median(double *figures, size_t count);

#endif
