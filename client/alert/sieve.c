#include "client/alert/sieve.h"

#include <string.h>

#include "client/alert/sieve_inner.h"

struct word *sieve_word(const struct sieve *sieve, uint32_t operand, struct span text)
{
    uint64_t hash = UINT64_C(14695981039346656037) + operand;
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ text.data[i]) * UINT64_C(1099511628211);
    size_t mask = sieve->word_room - 1, at = (hash ^ hash >> 29) & mask;
    struct word *word;
    while ((word = &sieve->words[at])->waiter != SIEVE_NONE &&
           (word->operand != operand || !span_equals(word->text, text)))
        at = (at + 1) & mask;
    return word;
}

static void wake(struct sieve *sieve, uint32_t waiter)
{
    for (; waiter != SIEVE_NONE; waiter = sieve->waiters[waiter].next) {
        uint32_t way = sieve->waiters[waiter].way;
        sieve->awake[way / 64] |= UINT64_C(1) << way % 64;
    }
}

/* Looks the operand's text through, once an event. */
static const uint32_t *look(struct sieve *sieve, uint32_t number, size_t *count)
{
    struct lookout *lookout = &sieve->lookouts[number];
    const struct operand *operand = operands_get(sieve->operands, number);
    lookout->event = sieve->event;
    return literals_find(lookout->literals, operand ? operand->text : span_of(NULL, 0), count);
}

static void wake_by_word(struct sieve *sieve, uint32_t number)
{
    const struct operand *operand = operands_get(sieve->operands, number);
    if (operand && operand->text.data)
        wake(sieve, sieve_word(sieve, number, operand->text)->waiter);
}

static void wake_by_pieces(struct sieve *sieve, uint32_t number)
{
    size_t count;
    const uint32_t *found = look(sieve, number, &count);
    for (size_t i = 0; i < count; i++)
        wake(sieve, sieve->lookouts[number].waiters[found[i]]);
}

void sieve_begin(struct sieve *sieve, const struct tocsin_message *message)
{
    sieve->event++;
    sieve->at = 0;
    operands_begin(sieve->operands, message);
    memcpy(sieve->awake, sieve->always, sieve->bits_count * sizeof *sieve->awake);
    for (uint32_t i = 0; i < operands_count(sieve->operands); i++) {
        if (sieve->lookouts[i].has_words)
            wake_by_word(sieve, i);
        if (sieve->lookouts[i].has_waiters)
            wake_by_pieces(sieve, i);
    }
}

/* Whether one of the pieces of each need is in the text. */
static bool has_needs(struct sieve *sieve, uint32_t operand, struct rows needs)
{
    struct lookout *lookout = &sieve->lookouts[operand];
    size_t count;
    if (needs.count > 0 && lookout->event != sieve->event)
        look(sieve, operand, &count);
    for (uint32_t i = 0; i < needs.count; i++) {
        const struct rows *need = &sieve->needs[needs.first + i];
        const uint32_t *piece = &sieve->pieces[need->first], *end = piece + need->count;
        while (piece < end && !literals_has(lookout->literals, *piece))
            piece++;
        if (piece == end)
            return false;
    }
    return true;
}

static bool check_holds(struct sieve *sieve, const struct check *check)
{
    const struct operand *operand = operands_get(sieve->operands, check->operand);
    if (!operand)
        return false;
    for (uint32_t i = 0; i < check->probes.count; i++) {
        const struct probe *probe = &sieve->probes[check->probes.first + i];
        if (has_needs(sieve, check->operand, probe->needs) && operand_takes(operand, probe->value))
            return true;
    }
    return false;
}

static bool way_holds(struct sieve *sieve, size_t way)
{
    struct rows checks = sieve->ways[way];
    for (uint32_t i = 0; i < checks.count; i++) {
        if (!check_holds(sieve, &sieve->checks[checks.first + i]))
            return false;
    }
    return checks.count > 0;
}

/* The first way from sieve->at on that is awake; false: none. */
static bool find_awake(struct sieve *sieve)
{
    size_t index = sieve->at / 64;
    if (index >= sieve->bits_count)
        return false;
    uint64_t bits = sieve->awake[index] & UINT64_MAX << sieve->at % 64;
    while (bits == 0 && ++index < sieve->bits_count)
        bits = sieve->awake[index];
    sieve->at = index * 64 + (bits ? (size_t)__builtin_ctzll(bits) : 0);
    return bits != 0;
}

bool sieve_next(struct sieve *sieve, struct sieve_hit *hit)
{
    while (find_awake(sieve)) {
        size_t way = sieve->at++;
        if (!way_holds(sieve, way))
            continue;
        *hit = (struct sieve_hit){&sieve->rules->items[way / 2], way % 2 == 1};
        sieve->at += way % 2 == 0; /* one that matches does not clear */
        return true;
    }
    return false;
}
