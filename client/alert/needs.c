#include "client/alert/regex_needs.h"

size_t need_weight(const struct need *need)
{
    size_t weight = NEED_PIECE_MAX;
    for (size_t i = 0; i < need->count; i++)
        weight = need->choices[i].len < weight ? need->choices[i].len : weight;
    return weight;
}

void needs_add(struct needs *needs, const struct need *need)
{
    size_t place = needs->count;
    while (place > 0 && need_weight(need) > need_weight(&needs->items[place - 1]))
        place--;
    if (place == NEEDS_MAX)
        return;
    needs->count += needs->count < NEEDS_MAX;
    for (size_t i = needs->count - 1; i > place; i--)
        needs->items[i] = needs->items[i - 1];
    needs->items[place] = *need;
}

void needs_join(struct needs *needs, const struct needs *other)
{
    struct need *need = &needs->items[0];
    bool is_known = needs->count > 0 && other->count > 0 && need->count + other->items[0].count <= NEED_CHOICES_MAX;
    needs->count = is_known;
    for (size_t i = 0; is_known && i < other->items[0].count; i++)
        need->choices[need->count++] = other->items[0].choices[i];
}

void regex_needs_read_pattern(struct needs *needs, struct span pattern)
{
    struct need need = {.count = 1};
    struct need_piece *piece = &need.choices[0];
    needs->count = 0;
    for (size_t i = 0; i <= pattern.len; i++) {
        if (i < pattern.len && pattern.data[i] != '*') {
            if (piece->len < NEED_PIECE_MAX)
                piece->bytes[piece->len++] = pattern.data[i];
            continue;
        }
        if (piece->len > 0)
            needs_add(needs, &need);
        piece->len = 0;
    }
}
