#include "tests/bench/histogram.h"

#define COUNTS (HISTOGRAM_POWERS * HISTOGRAM_PARTS)

static unsigned part_of(uint64_t ns)
{
    if (ns < HISTOGRAM_PARTS)
        return (unsigned)ns;
    unsigned power = 63u - (unsigned)__builtin_clzll(ns) - HISTOGRAM_PART_BITS;
    unsigned part = (power + 1) * HISTOGRAM_PARTS + (unsigned)((ns >> power) & (HISTOGRAM_PARTS - 1));
    return part < COUNTS ? part : COUNTS - 1;
}

static double part_us(unsigned part)
{
    if (part < HISTOGRAM_PARTS)
        return part / 1e3;
    unsigned power = part / HISTOGRAM_PARTS - 1;
    return (double)((uint64_t)(HISTOGRAM_PARTS + part % HISTOGRAM_PARTS) << power) / 1e3;
}

void histogram_note(struct histogram *histogram, uint64_t took_ns)
{
    histogram->counts[part_of(took_ns)]++;
    histogram->total++;
    if (took_ns > histogram->longest_ns)
        histogram->longest_ns = took_ns;
}

void histogram_add(struct histogram *histogram, const struct histogram *other)
{
    for (unsigned part = 0; part < COUNTS; part++)
        histogram->counts[part] += other->counts[part];
    histogram->total += other->total;
    if (other->longest_ns > histogram->longest_ns)
        histogram->longest_ns = other->longest_ns;
}

double histogram_us(const struct histogram *histogram, double share)
{
    uint64_t wanted = (uint64_t)((double)histogram->total * share);
    uint64_t seen = 0;
    for (unsigned part = 0; part < COUNTS; part++) {
        seen += histogram->counts[part];
        if (seen > wanted)
            return part_us(part);
    }
    return (double)histogram->longest_ns / 1e3;
}
