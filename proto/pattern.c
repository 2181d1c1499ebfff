#include "proto/pattern.h"

/* The pattern's bytes before its next star, and the rest behind that star. False when there is no star. */
static bool split(struct span pattern, struct span *literal, struct span *rest)
{
    const uint8_t *star = pattern.len > 0 ? memchr(pattern.data, '*', pattern.len) : NULL;
    *literal = star ? span_of(pattern.data, (size_t)(star - pattern.data)) : pattern;
    if (star)
        *rest = span_of(star + 1, pattern.len - literal->len - 1);
    return star != NULL;
}

static bool begins(struct span text, struct span prefix)
{
    return prefix.len <= text.len && (prefix.len == 0 || memcmp(text.data, prefix.data, prefix.len) == 0);
}

/* What stands between two stars is taken at its first place: a later one could leave less for the rest, never more. */
bool pattern_matches(struct span pattern, struct span text)
{
    struct span literal, rest;
    if (!split(pattern, &literal, &rest))
        return span_equals(literal, text);
    if (!begins(text, literal))
        return false;
    text = span_of(text.data + literal.len, text.len - literal.len);
    while (split(rest, &literal, &rest)) {
        const uint8_t *found = literal.len > 0 ? memmem(text.data, text.len, literal.data, literal.len) : text.data;
        if (!found)
            return false;
        found += literal.len;
        text = span_of(found, (size_t)(text.data + text.len - found));
    }
    return literal.len <= text.len &&
           (literal.len == 0 || memcmp(text.data + text.len - literal.len, literal.data, literal.len) == 0);
}

bool pattern_allows_prefix(struct span pattern, struct span prefix)
{
    struct span literal, rest;
    bool has_star = split(pattern, &literal, &rest);
    return begins(literal, prefix) || (has_star && begins(prefix, literal));
}
