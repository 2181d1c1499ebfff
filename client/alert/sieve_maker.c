#include "client/alert/sieve_maker.h"

#include <stdlib.h>

/* Of so many values pieces are cut short, so that all find room. */
#define VALUES_MANY 2000u
#define PIECE_SHORT 6u

void *sieve_grow(struct sieve_maker *maker, void *items, size_t *room, size_t count, size_t size)
{
    if (count < *room)
        return items;
    size_t wanted = *room ? 2 * *room : 64;
    void *grown = realloc(items, wanted * size);
    if (!grown) {
        maker->is_short_of_memory = true;
        return items;
    }
    *room = wanted;
    return grown;
}

void sieve_read_needs(struct needs *needs, const struct condition *condition, const struct condition_value *value)
{
    needs->count = 0;
    bool is_text = condition->field != CONDITION_LEVEL && (condition->field != CONDITION_MEMBER || !value->is_number);
    if (value->operator== CONDITION_REGEX) {
        regex_needs_read(needs, value->text);
    } else if (value->operator== CONDITION_PATTERN) {
        regex_needs_read_pattern(needs, value->text);
    } else if (is_text && (value->operator== CONDITION_IS || value->operator== CONDITION_EQUAL)) {
        struct need need = {.count = 1};
        need.choices[0].len = (uint8_t)(value->text.len < NEED_PIECE_MAX ? value->text.len : NEED_PIECE_MAX);
        memcpy(need.choices[0].bytes, value->text.data, need.choices[0].len);
        needs_add(needs, &need);
    }
}

uint32_t sieve_add_piece(struct sieve_maker *maker, uint32_t operand, const struct need_piece *piece)
{
    struct lookout *lookout = &maker->sieve->lookouts[operand];
    if (!lookout->literals && !(lookout->literals = literals_new()))
        return LITERALS_NONE;
    bool is_cut = maker->value_count > VALUES_MANY && piece->len > PIECE_SHORT;
    return literals_add(lookout->literals, span_of(piece->bytes, is_cut ? PIECE_SHORT : piece->len));
}
