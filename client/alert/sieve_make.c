/* The sieve as it is built from the rules: their conditions in the order of what they cost, and what each rule waits
 * under. */
#include <stdlib.h>

#include "client/alert/sieve_maker.h"

static void count_values(struct sieve_maker *maker, const struct match *match)
{
    maker->condition_count += match->count;
    for (size_t i = 0; i < match->count; i++)
        maker->value_count += match->conditions[i].value_count;
}

/* --- what a value needs --- */

/* One of which there is no room for a piece is left out. */
static void add_need(struct sieve_maker *maker, uint32_t operand, const struct need *need, struct rows *needs)
{
    struct sieve *sieve = maker->sieve;
    struct rows pieces = {maker->piece_count, 0};
    for (size_t i = 0; i < need->count && !maker->is_short_of_memory; i++) {
        uint32_t piece = sieve_add_piece(maker, operand, &need->choices[i]);
        sieve->pieces = sieve_grow(maker, sieve->pieces, &maker->piece_room, maker->piece_count, sizeof *sieve->pieces);
        if (piece == LITERALS_NONE || maker->is_short_of_memory)
            return;
        sieve->pieces[maker->piece_count++] = piece;
        pieces.count++;
    }
    sieve->needs[maker->need_count++] = pieces;
    needs->count++;
}

/* What an exact text or a pattern needs is found out as fast by comparing. */
static void add_probe(struct sieve_maker *maker, uint32_t operand, const struct condition *condition,
                      const struct condition_value *value)
{
    struct needs needs = {.count = 0};
    struct probe *probe = &maker->sieve->probes[maker->probe_count++];
    *probe = (struct probe){.value = value, .needs = {maker->need_count, 0}};
    if (value->operator== CONDITION_REGEX)
        sieve_read_needs(&needs, condition, value);
    for (size_t i = 0; i < needs.count; i++)
        add_need(maker, operand, &needs.items[i], &probe->needs);
}

/* --- checks --- */

static int cost_of(const struct condition *condition)
{
    int cost = condition->field == CONDITION_MEMBER ? 2 : condition->field == CONDITION_SUMMARY ? 1 : 0;
    for (size_t i = 0; i < condition->value_count; i++) {
        if (condition->values[i].operator== CONDITION_REGEX)
            return cost + 10;
    }
    return cost;
}

static bool add_check(struct sieve_maker *maker, const struct condition *condition)
{
    struct check *check = &maker->sieve->checks[maker->check_count++];
    check->probes = (struct rows){maker->probe_count, (uint32_t)condition->value_count};
    if (!operands_add(maker->sieve->operands, condition, &check->operand))
        return false;
    for (size_t i = 0; i < condition->value_count; i++)
        add_probe(maker, check->operand, condition, &condition->values[i]);
    return true;
}

static bool add_checks(struct sieve_maker *maker, const struct match *match, size_t way)
{
    maker->sieve->ways[way] = (struct rows){maker->check_count, (uint32_t)match->count};
    for (int cost = 0; cost <= 12; cost++) {
        for (size_t i = 0; i < match->count; i++) {
            if (cost_of(&match->conditions[i]) == cost && !add_check(maker, &match->conditions[i]))
                return false;
        }
    }
    return true;
}

/* --- the whole --- */

static bool make_rooms(struct sieve_maker *maker)
{
    struct sieve *sieve = maker->sieve;
    size_t ways = 2 * sieve->rules->count;
    sieve->bits_count = ways / 64 + 1;
    for (sieve->word_room = 2; sieve->word_room < 2 * maker->value_count + 2;)
        sieve->word_room *= 2;
    sieve->operands = operands_new();
    sieve->ways = calloc(ways + 1, sizeof *sieve->ways);
    sieve->checks = calloc(maker->condition_count + 1, sizeof *sieve->checks);
    sieve->probes = calloc(maker->value_count + 1, sizeof *sieve->probes);
    sieve->needs = calloc(NEEDS_MAX * maker->value_count + 1, sizeof *sieve->needs);
    sieve->lookouts = calloc(maker->condition_count + 1, sizeof *sieve->lookouts); /* an operand each at most */
    sieve->words = malloc(sieve->word_room * sizeof *sieve->words);
    sieve->always = calloc(sieve->bits_count, sizeof *sieve->always);
    sieve->awake = calloc(sieve->bits_count, sizeof *sieve->awake);
    for (size_t i = 0; sieve->words && i < sieve->word_room; i++)
        sieve->words[i] = (struct word){.waiter = SIEVE_NONE};
    return sieve->operands && sieve->ways && sieve->checks && sieve->probes && sieve->needs && sieve->lookouts &&
           sieve->words && sieve->always && sieve->awake;
}

static const struct match *match_of(const struct rules *rules, size_t way)
{
    return way % 2 == 0 ? &rules->items[way / 2].match : &rules->items[way / 2].clear;
}

static bool make(struct sieve_maker *maker, const struct rules *rules)
{
    for (size_t i = 0; i < 2 * rules->count; i++)
        count_values(maker, match_of(rules, i));
    if (!make_rooms(maker))
        return false;
    for (size_t i = 0; i < 2 * rules->count; i++) {
        if (!add_checks(maker, match_of(rules, i), i))
            return false;
        sieve_wait(maker, match_of(rules, i), i);
    }
    return sieve_wait_end(maker) && !maker->is_short_of_memory;
}

struct sieve *sieve_new(const struct rules *rules)
{
    struct sieve *sieve = calloc(1, sizeof *sieve);
    if (!sieve)
        return NULL;
    sieve->rules = rules;
    struct sieve_maker maker = {.sieve = sieve};
    if (!make(&maker, rules))
        sieve_free(&sieve);
    free(maker.waits);
    return sieve;
}

void sieve_free(struct sieve **self)
{
    struct sieve *sieve = *self;
    if (!sieve)
        return;
    for (uint32_t i = 0; sieve->lookouts && sieve->operands && i < operands_count(sieve->operands); i++) {
        literals_free(&sieve->lookouts[i].literals);
        free(sieve->lookouts[i].waiters);
    }
    operands_free(&sieve->operands);
    free(sieve->ways);
    free(sieve->checks);
    free(sieve->probes);
    free(sieve->needs);
    free(sieve->pieces);
    free(sieve->waiters);
    free(sieve->words);
    free(sieve->lookouts);
    free(sieve->always);
    free(sieve->awake);
    free(sieve);
    *self = NULL;
}
