#include "proto/catalog.h"

#include <stdint.h>

#include "proto/wire.h"

/* catalog.def is read for each of: the worlds, the parameters, the two tables, the lengths that the search goes by. */

#define CATALOG_NEED_REQUIRED true
#define CATALOG_NEED_OPTIONAL false

#define CATALOG_CATEGORY(world, category, source, meaning) static const char world_of_##category[] = #world;
#include "proto/catalog.def"

/* Closed by an entry that is not counted, so that no array is empty. */
#define CATALOG_PARAM(name, type, need, unit, meaning) {#name, CATALOG_##type, CATALOG_NEED_##need, unit, meaning},
#define CATALOG_EVENT(category, type, cause, level, level_rule, snapshot, since, meaning, params)                      \
    static const struct catalog_param params_of_##category##_##type##_##cause[] = {                                    \
        params{NULL, CATALOG_ANY, false, NULL, NULL}};
#include "proto/catalog.def"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#define CATALOG_CATEGORY(world, category, source, meaning) {world_of_##category, #category, source, meaning},
const struct catalog_category catalog_categories[] = {
#include "proto/catalog.def"
};
const size_t catalog_category_count = COUNT_OF(catalog_categories);

#define CATALOG_EVENT(category, type, cause, level, level_rule, snapshot, since, meaning, params)                      \
    {world_of_##category,                                                                                              \
     #category,                                                                                                        \
     #type,                                                                                                            \
     #cause,                                                                                                           \
     TOCSIN_LEVEL_##level,                                                                                             \
     level_rule,                                                                                                       \
     CATALOG_##snapshot,                                                                                               \
     since,                                                                                                            \
     meaning,                                                                                                          \
     params_of_##category##_##type##_##cause,                                                                          \
     COUNT_OF(params_of_##category##_##type##_##cause) - 1},
const struct catalog_event catalog_events[] = {
#include "proto/catalog.def"
};
const size_t catalog_event_count = COUNT_OF(catalog_events);

/* The search: three lengths are folded into one byte an event, by the compiler. memchr over those bytes (one or two
 * vector instructions) names the few rows worth comparing, whatever their order. */
#define FOLD(category_len, type_len, cause_len) ((uint8_t)((category_len)*37 + (type_len)*5 + (cause_len)*3))

#define CATALOG_EVENT(category, type, cause, level, level_rule, snapshot, since, meaning, params)                      \
    FOLD(sizeof(#category) - 1, sizeof(#type) - 1, sizeof(#cause) - 1),
static const uint8_t folds[] = {
#include "proto/catalog.def"
};

#define CATALOG_EVENT(category, type, cause, level, level_rule, snapshot, since, meaning, params)                      \
    {sizeof(#category) - 1, sizeof(#type) - 1, sizeof(#cause) - 1},
static const struct {
    uint8_t category, type, cause;
} lens[] = {
#include "proto/catalog.def"
};

/* Types of one length mostly differ in their first letter, or in the verb at their end (Created, Deleted, Started). */
static inline bool looks_like(struct span type, const char *known)
{
    size_t verb = type.len > 5 ? type.len - 5 : 0;
    return type.len > 0 && type.data[0] == (uint8_t)known[0] && type.data[verb] == (uint8_t)known[verb];
}

static const struct catalog_event *find_exact(struct span category, struct span type, struct span cause)
{
    uint8_t fold = FOLD(category.len, type.len, cause.len);
    const uint8_t *end = folds + COUNT_OF(folds);
    for (const uint8_t *at = folds; (at = memchr(at, fold, (size_t)(end - at))) != NULL; at++) {
        size_t i = (size_t)(at - folds);
        const struct catalog_event *event = &catalog_events[i];
        if (type.len == lens[i].type && looks_like(type, event->type) &&
            memcmp(type.data, event->type, type.len) == 0 &&
            span_equals(category, span_of(event->category, lens[i].category)) &&
            span_equals(cause, span_of(event->cause, lens[i].cause)))
            return event;
    }
    return NULL;
}

const struct catalog_event *catalog_find(struct span category, struct span type, struct span cause)
{
    const struct catalog_event *event = find_exact(category, type, cause);
    if (event != NULL || cause.len == 0)
        return event;
    return find_exact(category, type, span_of(NULL, 0));
}

static bool holds_type(enum catalog_param_type wanted, enum wire_type found)
{
    switch (wanted) {
    case CATALOG_STR:
        return found == WIRE_STR;
    case CATALOG_INT:
        return found == WIRE_UINT || found == WIRE_INT;
    case CATALOG_BOOL:
        return found == WIRE_BOOL;
    case CATALOG_FLOAT:
        return found == WIRE_FLOAT || found == WIRE_UINT || found == WIRE_INT;
    case CATALOG_ARRAY:
        return found == WIRE_ARRAY;
    case CATALOG_OBJECT:
        return found == WIRE_MAP;
    case CATALOG_ANY:
        return found != WIRE_END;
    }
    return false;
}

/* The bit of the required parameter that the pair at `reader` holds well, else 0; steps over the key. */
static uint32_t read_key(struct wire_reader *reader, const struct catalog_event *known, uint32_t wanted)
{
    struct span key;
    if (!wire_read_str(reader, &key))
        return 0;
    for (size_t i = 0; i < known->param_count; i++) {
        if ((wanted >> i & 1) == 0 || !span_is(key, known->params[i].name))
            continue;
        struct wire_reader peek = *reader;
        struct wire_token value;
        return holds_type(known->params[i].type, wire_read(&peek, &value)) ? UINT32_C(1) << i : 0;
    }
    return 0;
}

/* Of the parameters in `wanted`, a bit each, those that the snapshot does not hold well. */
static uint32_t without_held(uint32_t wanted, const struct catalog_event *known, struct span snapshot)
{
    struct wire_reader reader = wire_reader_of(snapshot);
    uint32_t pairs;
    if (!wire_read_map(&reader, &pairs))
        return wanted;
    for (; pairs > 0 && wanted != 0; pairs--) {
        wanted &= ~read_key(&reader, known, wanted);
        if (!wire_skip(&reader))
            break;
    }
    return wanted;
}

const struct catalog_param *catalog_missing(const struct event *event)
{
    const struct catalog_event *known = catalog_find(event->category, event->type, event->cause);
    if (known == NULL || (event->snapshot.data == NULL && known->snapshot != CATALOG_SNAPSHOT))
        return NULL;

    uint32_t wanted = 0;
    for (size_t i = 0; i < known->param_count; i++)
        wanted |= (uint32_t)known->params[i].is_required << i;
    if (event->snapshot.data != NULL)
        wanted = without_held(wanted, known, event->snapshot);

    for (size_t i = 0; i < known->param_count; i++)
        if ((wanted >> i & 1) != 0)
            return &known->params[i];
    return NULL;
}

/* One bit a parameter in catalog_missing. */
#define CATALOG_PARAM(name, type, need, unit, meaning) +1
#define CATALOG_EVENT(category, type, cause, level, level_rule, snapshot, since, meaning, params)                      \
    _Static_assert(0 params <= 32, "more parameters than bits: " #type);
#include "proto/catalog.def"
