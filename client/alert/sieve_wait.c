/* What each way waits under: the condition that wakes it least often, by guess. */
#include <stdlib.h>

#include "client/alert/sieve_maker.h"

/* How much is gained by waiting under a condition, against pieces of text of that many bytes. */
#define GAIN_OF_WORD     100u /* an exact type, source, cause or summary */
#define GAIN_OF_MEMBER   6u
#define GAIN_OF_CATEGORY 3u

static bool is_exact(const struct condition *condition)
{
    for (size_t i = 0; i < condition->value_count; i++) {
        const struct condition_value *value = &condition->values[i];
        if ((value->operator!= CONDITION_IS && value->operator!= CONDITION_EQUAL) ||
            condition->field == CONDITION_LEVEL || (condition->field == CONDITION_MEMBER && value->is_number))
            return false;
    }
    return true;
}

static size_t gain_of(const struct condition *condition)
{
    size_t shortest = NEED_PIECE_MAX;
    if (is_exact(condition))
        return condition->field == CONDITION_CATEGORY ? GAIN_OF_CATEGORY
               : condition->field == CONDITION_MEMBER ? GAIN_OF_MEMBER
                                                      : GAIN_OF_WORD;
    for (size_t i = 0; i < condition->value_count && shortest > 0; i++) {
        struct needs needs;
        sieve_read_needs(&needs, condition, &condition->values[i]);
        size_t weight = needs.count > 0 ? need_weight(&needs.items[0]) : 0;
        shortest = weight < shortest ? weight : shortest;
    }
    return shortest;
}

static void add_waiter(struct sieve_maker *maker, size_t way, uint32_t *first)
{
    struct sieve *sieve = maker->sieve;
    sieve->waiters =
        sieve_grow(maker, sieve->waiters, &maker->waiter_room, maker->waiter_count, sizeof *sieve->waiters);
    if (maker->is_short_of_memory)
        return;
    sieve->waiters[maker->waiter_count] = (struct waiter){(uint32_t)way, *first};
    *first = maker->waiter_count++;
}

static void wait_for_words(struct sieve_maker *maker, uint32_t operand, const struct condition *condition, size_t way)
{
    maker->sieve->lookouts[operand].has_words = true;
    for (size_t i = 0; i < condition->value_count; i++) {
        struct word *word = sieve_word(maker->sieve, operand, condition->values[i].text);
        word->text = condition->values[i].text;
        word->operand = operand;
        add_waiter(maker, way, &word->waiter);
    }
}

/* One of these pieces is there whenever the value holds. False: there is no room. */
static bool wait_for_need(struct sieve_maker *maker, uint32_t operand, const struct need *need, size_t way)
{
    for (size_t i = 0; i < need->count; i++) {
        uint32_t literal = sieve_add_piece(maker, operand, &need->choices[i]);
        maker->waits = sieve_grow(maker, maker->waits, &maker->wait_room, maker->wait_count, sizeof *maker->waits);
        if (literal == LITERALS_NONE || maker->is_short_of_memory)
            return false;
        maker->waits[maker->wait_count++] = (struct wait){operand, literal, (uint32_t)way};
    }
    return true;
}

static bool wait_for_pieces(struct sieve_maker *maker, uint32_t operand, const struct condition *condition, size_t way)
{
    size_t before = maker->wait_count;
    for (size_t i = 0; i < condition->value_count; i++) {
        struct needs needs;
        sieve_read_needs(&needs, condition, &condition->values[i]);
        if (!wait_for_need(maker, operand, &needs.items[0], way)) {
            maker->wait_count = before;
            return false;
        }
    }
    return true;
}

void sieve_wait(struct sieve_maker *maker, const struct match *match, size_t way)
{
    const struct condition *best = NULL;
    size_t gain = 0;
    uint32_t operand;
    for (size_t i = 0; i < match->count; i++) {
        size_t own = gain_of(&match->conditions[i]);
        best = own > gain ? &match->conditions[i] : best;
        gain = own > gain ? own : gain;
    }
    if (best && operands_add(maker->sieve->operands, best, &operand)) {
        if (is_exact(best)) {
            wait_for_words(maker, operand, best, way);
            return;
        }
        if (wait_for_pieces(maker, operand, best, way))
            return;
    }
    if (match->count > 0)
        maker->sieve->always[way / 64] |= UINT64_C(1) << way % 64;
}

static bool finish(struct lookout *lookout)
{
    size_t count = lookout->literals ? literals_count(lookout->literals) : 0;
    if (!lookout->literals)
        return true;
    lookout->waiters = malloc((count + 1) * sizeof *lookout->waiters);
    for (size_t i = 0; lookout->waiters && i < count; i++)
        lookout->waiters[i] = SIEVE_NONE;
    return lookout->waiters && literals_build(lookout->literals);
}

bool sieve_wait_end(struct sieve_maker *maker)
{
    struct sieve *sieve = maker->sieve;
    for (uint32_t i = 0; i < operands_count(sieve->operands); i++) {
        if (!finish(&sieve->lookouts[i]))
            return false;
    }
    for (size_t i = 0; i < maker->wait_count; i++) {
        const struct wait *wait = &maker->waits[i];
        struct lookout *lookout = &sieve->lookouts[wait->operand];
        lookout->has_waiters = true;
        add_waiter(maker, wait->way, &lookout->waiters[wait->literal]);
    }
    return true;
}
