/* How long things took, in parts of powers of two: an error below 2 %. All of zeros is an empty one. */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_PARTS     64u /* of a power of two */
#define HISTOGRAM_POWERS    40u
#define HISTOGRAM_PART_BITS 6u

struct histogram {
    uint64_t counts[HISTOGRAM_POWERS * HISTOGRAM_PARTS];
    uint64_t total;
    uint64_t longest_ns;
};

void histogram_note(struct histogram *histogram, uint64_t took_ns);

/* Adds what the other has noted. */
void histogram_add(struct histogram *histogram, const struct histogram *other);

/* Microseconds that so large a share (0.99) took at most. */
double histogram_us(const struct histogram *histogram, double share);

#endif
