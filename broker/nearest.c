#include "broker/nearest.h"

#define WORD_MAX 64 /* longer words are no mistyped ones */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* A-Z as a-z: a word in the wrong case is near. */
static uint8_t folded(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte + 'a' - 'A') : byte;
}

static bool is_same(struct span a, size_t i, struct span b, size_t j)
{
    return folded(a.data[i]) == folded(b.data[j]);
}

/* Optimal string alignment, by three rows of its table. */
static size_t distance_between(struct span a, struct span b)
{
    size_t rows[3][WORD_MAX + 1];
    size_t *before = rows[0], *above = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b.len; j++)
        above[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            row[j] = least(least(above[j] + 1, row[j - 1] + 1), above[j - 1] + !is_same(a, i - 1, b, j - 1));
            if (i > 1 && j > 1 && is_same(a, i - 1, b, j - 2) && is_same(a, i - 2, b, j - 1))
                row[j] = least(row[j], before[j - 2] + 1);
        }
        size_t *const spare = before;
        before = above;
        above = row;
        row = spare;
    }
    return above[b.len];
}

struct nearest nearest_to(struct span word)
{
    const size_t allowed = word.len < 6 ? 1 : word.len / 3;
    return (struct nearest){.word = word, .best = NULL, .distance = allowed + 1};
}

void nearest_offer(struct nearest *nearest, const char *candidate)
{
    const struct span offered = span_of_str(candidate);
    if (nearest->word.len == 0 || nearest->word.len > WORD_MAX || offered.len > WORD_MAX)
        return;
    const size_t distance = distance_between(nearest->word, offered);
    if (distance < nearest->distance) {
        nearest->best = candidate;
        nearest->distance = distance;
    }
}

void nearest_put(const struct nearest *nearest, const char *prefix, struct text *out)
{
    if (nearest->best)
        text_printf(out, " (did you mean %s%s?)", prefix, nearest->best);
}
