/* Random numbers that are the same for the same seed: Sebastiano Vigna's splitmix64. */
#ifndef TESTS_FAULT_SIM_RANDOM_H
#define TESTS_FAULT_SIM_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct sim_random {
    uint64_t state;
};

static inline uint64_t sim_random_mix(uint64_t z)
{
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static inline uint64_t sim_random_bits(struct sim_random *random)
{
    random->state += UINT64_C(0x9e3779b97f4a7c15);
    return sim_random_mix(random->state);
}

/* 0 to below - 1; `below` above 0. */
static inline uint64_t sim_random_below(struct sim_random *random, uint64_t below)
{
    return sim_random_bits(random) % below;
}

/* True once in `times`. */
static inline bool sim_random_once_in(struct sim_random *random, uint64_t times)
{
    return sim_random_below(random, times) == 0;
}

#endif
