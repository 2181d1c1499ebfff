/* What the two files of the sieve share: sieve_make.c builds it, sieve.c works with it. */
#ifndef CLIENT_ALERT_SIEVE_INNER_H
#define CLIENT_ALERT_SIEVE_INNER_H

#include "client/alert/literals.h"
#include "client/alert/operand.h"
#include "client/alert/sieve.h"

/* Some of a table's rows, one after the other. */
struct rows {
    uint32_t first;
    uint32_t count;
};

/* A value of a condition. */
struct probe {
    const struct condition_value *value;
    struct rows needs; /* what its text must hold, for the value to be tried at all */
};

/* A condition. */
struct check {
    uint32_t operand;
    struct rows probes;
};

/* A rule that waits under something. */
struct waiter {
    uint32_t way;
    uint32_t next; /* that waits there, too; SIEVE_NONE: none */
};

#define SIEVE_NONE UINT32_MAX

/* An exact text that rules wait under. */
struct word {
    struct span text;
    uint32_t operand;
    uint32_t waiter; /* SIEVE_NONE: the place is free */
};

/* What is looked for in an operand's text. */
struct lookout {
    struct literals *literals;
    uint32_t *waiters; /* by the literal's number */
    uint64_t event;    /* that was looked through last */
    bool has_words;
    bool has_waiters;
};

struct sieve {
    const struct rules *rules;
    struct operands *operands;
    struct rows *ways; /* of checks; two a rule: its match, its clear */
    struct check *checks;
    struct probe *probes;
    struct rows *needs; /* of pieces: one of them must be there */
    uint32_t *pieces;   /* numbers of literals */
    struct waiter *waiters;
    struct word *words; /* by the hash of operand and text, half full at most */
    size_t word_room;
    struct lookout *lookouts; /* by operand */
    uint64_t *always;         /* a bit a way: those that wait under nothing */
    uint64_t *awake;
    size_t bits_count; /* words of 64 bits of them */
    uint64_t event;    /* how many there were */
    size_t at;         /* the way that is next */
};

/* Where the text is among the words, or would be. */
struct word *sieve_word(const struct sieve *sieve, uint32_t operand, struct span text);

#endif
