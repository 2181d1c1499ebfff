#include "proto/error.h"

#include <string.h>

#include "proto/span.h"

struct refusal_entry {
    const char *word;
    const char *text;
};

static const struct refusal_entry refusals[TOCSIN_REFUSAL_COUNT] = {
    [TOCSIN_ACCEPTED] = {"accepted", "is accepted"},
#define TOCSIN_REFUSAL(name, word, text) [TOCSIN_REFUSAL_##name] = {word, text},
#include "proto/tocsin_refusal.def"
#undef TOCSIN_REFUSAL
};

static const struct span levels[TOCSIN_LEVEL_COUNT] = {
#define TOCSIN_LEVEL(name, word) [TOCSIN_LEVEL_##name] = {(const uint8_t *)(word), sizeof(word) - 1},
#include "proto/tocsin_level.def"
#undef TOCSIN_LEVEL
};

const char *error_text(int error)
{
    switch (error) {
    case TOCSIN_OK:
        return "success";
#define TOCSIN_ERROR(name, value, text)                                                                                \
    case TOCSIN_E_##name:                                                                                              \
        return (text);
#include "proto/tocsin_error.def"
#undef TOCSIN_ERROR
    default:
        return "unknown error";
    }
}

const char *refusal_word(enum tocsin_refusal code)
{
    return (unsigned)code < TOCSIN_REFUSAL_COUNT ? refusals[code].word : "unknown refusal";
}

const char *refusal_text(enum tocsin_refusal code)
{
    return (unsigned)code < TOCSIN_REFUSAL_COUNT ? refusals[code].text : "is refused for an unknown reason";
}

const char *level_word(enum tocsin_level level)
{
    return (const char *)level_span(level).data;
}

struct span level_span(enum tocsin_level level)
{
    return (unsigned)level < TOCSIN_LEVEL_COUNT ? levels[level] : span_of(NULL, 0);
}

int level_of_word(const char *word, size_t len)
{
    struct span wanted = span_of(word, len);
    for (int level = 0; level < TOCSIN_LEVEL_COUNT; level++) {
        if (span_equals(wanted, levels[level]))
            return level;
    }
    return -1;
}
