/* Random regular expressions and texts of the same few letters, so that they often match. After <cmocka.h>. */
#ifndef TESTS_ALERT_RANDOM_H
#define TESTS_ALERT_RANDOM_H

#include "proto/text.h"
#include "tests/seeded.h"

static inline size_t below(size_t limit)
{
    return (size_t)(random_bits() % limit);
}

static inline const char *one_of(const char *const *items, size_t count)
{
    return items[below(count)];
}

#define ONE_OF(...)                                                                                                    \
    one_of((const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

/* As people write them. */
static inline void put_regex(struct text *out, unsigned depth)
{
    for (size_t pieces = 1 + below(4); pieces > 0; pieces--) {
        if (below(6) == 0 && depth < 3) {
            text_put_char(out, '(');
            put_regex(out, depth + 1);
            text_put_str(out, "|");
            put_regex(out, depth + 1);
            text_put_char(out, ')');
        } else {
            text_put_str(out, ONE_OF("a", "b", "ab", "abc", "ca", "cab", "-", "1", "\xc3\xa9", "\\.", ".", "[ab]",
                                     "[^a]", "[[:digit:]]", "\\w", "\\b", "\\*", "]", "}"));
        }
        text_put_str(out, ONE_OF("", "", "", "", "?", "*", "+", depth > 0 ? "" : "{2}", "{0,1}", "{1,}", "+?", "**"));
    }
    if (below(8) == 0)
        text_put_char(out, '$');
}

static inline void put_text(struct text *out)
{
    for (size_t count = below(8); count > 0; count--)
        text_put_str(out, ONE_OF("a", "b", "c", "ab", "abc", "cab", "-", "1", "\xc3\xa9", ".", "*", " ", "]", "x"));
}

#endif
