/* Random numbers that are the same in every run, and the seed printed at the start of the tests. After <cmocka.h>. */
#ifndef TESTS_SEEDED_H
#define TESTS_SEEDED_H

#include <stdint.h>

#define RANDOM_SEED UINT64_C(20261121)

static uint64_t random_state;

/* Sebastiano Vigna's splitmix64. */
static inline uint64_t random_bits(void)
{
    uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* The set-up of a group of tests. */
static inline int seed(void **state)
{
    (void)state;
    random_state = RANDOM_SEED;
    print_message("seed %llu\n", (unsigned long long)RANDOM_SEED);
    return 0;
}

#endif
