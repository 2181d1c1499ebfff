/* What it costs to ask who may do what: to find a key among many, and to judge an event by its patterns. Times of this
 * machine, now; the middle of several rounds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/access.h"
#include "broker/clock.h"
#include "proto/tocsin_base.h"

#define ROUNDS 9
#define ASKED  200000

/* The same every time. */
static uint64_t next_random(void)
{
    static uint64_t random = 20261121;
    random ^= random << 13;
    random ^= random >> 7;
    return random ^= random << 17;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

/* Nanoseconds of one call of `ask`. */
static double measure(void (*ask)(void *arg, size_t i), void *arg)
{
    double rounds[ROUNDS];
    for (size_t round = 0; round < ROUNDS; round++) {
        uint64_t begun_us = clock_monotonic_us();
        for (size_t i = 0; i < ASKED; i++)
            ask(arg, i);
        rounds[round] = (double)(clock_monotonic_us() - begun_us) * 1000 / ASKED;
    }
    qsort(rounds, ROUNDS, sizeof *rounds, compare);
    return rounds[ROUNDS / 2];
}

struct lookup {
    struct access *access;
    char (*keys)[CURVE_Z85_LEN + 1];
    size_t count;
    const volatile void *result;
};

static void find(void *arg, size_t i)
{
    struct lookup *lookup = arg;
    lookup->result = access_find(lookup->access, span_of(lookup->keys[i * 7919 % lookup->count], CURVE_Z85_LEN), 1);
}

static void bench_find(size_t count)
{
    struct lookup lookup = {access_new(), calloc(count, sizeof *lookup.keys), count, NULL};
    for (size_t i = 0; i < count; i++) {
        const struct access_key *other;
        uint8_t bytes[CURVE_KEY_LEN];
        struct access_key key = {.not_after = UINT64_MAX};
        for (size_t k = 0; k < sizeof bytes; k++)
            bytes[k] = (uint8_t)next_random();
        curve_key_write(lookup.keys[i], bytes);
        memcpy(key.public_key, lookup.keys[i], sizeof lookup.keys[i]);
        if (access_add(lookup.access, &key, &other) != TOCSIN_OK)
            exit(1);
    }
    printf("find a key among %6zu                    %7.1f ns\n", count, measure(find, &lookup));
    access_free(&lookup.access);
    free(lookup.keys);
}

struct judgement {
    struct access_key key;
    struct span category;
    struct span source_id;
    const char *volatile field;
};

static void judge(void *arg, size_t i)
{
    struct judgement *judgement = arg;
    (void)i;
    judgement->field = access_forbids_event(&judgement->key, judgement->category, judgement->source_id);
}

/* `count` patterns, of which the last one matches. */
static void bench_judge(const char *what, size_t count, const char *last, const char *source_id)
{
    static char texts[ACCESS_PATTERNS_MAX][32];
    struct span patterns[ACCESS_PATTERNS_MAX];
    for (size_t i = 0; i < count; i++) {
        snprintf(texts[i], sizeof texts[i], "StreamEvent/#default#app%zu/*", i);
        patterns[i] = i + 1 < count ? span_of_str(texts[i]) : span_of_str(last);
    }
    struct judgement judgement = {
        .key = {.publish = {patterns, count}},
        .category = span_of_str("CoreEvent"),
        .source_id = span_of_str(source_id),
    };
    double ns = measure(judge, &judgement);
    printf("%-40s  %7.1f ns  %s\n", what, ns, judgement.field ? judgement.field : "allowed");
}

int main(void)
{
    bench_find(10);
    bench_find(1000);
    bench_find(ACCESS_KEYS_MAX);
    bench_judge("an event, one pattern *", 1, "*", "sip1/shm");
    bench_judge("an event, the third pattern matches", 3, "CoreEvent/sip1/*", "sip1/shm");
    bench_judge("an event, none of three matches", 3, "CoreEvent/sip2/*", "sip1/shm");
    bench_judge("an event, the last of 256 matches", ACCESS_PATTERNS_MAX, "CoreEvent/sip1/*", "sip1/shm");
    bench_judge("an event, none of 256 matches", ACCESS_PATTERNS_MAX, "CoreEvent/sip2/*", "sip1/shm");
    return 0;
}
