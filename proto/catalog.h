/* The known events, from catalog.def: documentation and help, no gate. Unknown events are welcome. */
#ifndef PROTO_CATALOG_H
#define PROTO_CATALOG_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/event.h"
#include "proto/span.h"
#include "proto/tocsin_base.h"

enum catalog_param_type {
    CATALOG_STR,
    CATALOG_INT,
    CATALOG_BOOL,
    CATALOG_FLOAT, /* an integer passes too */
    CATALOG_ARRAY,
    CATALOG_OBJECT,
    CATALOG_ANY
};

struct catalog_param {
    const char *name;
    enum catalog_param_type type;
    bool is_required;
    const char *unit; /* "" where there is none */
    const char *meaning;
};

enum catalog_snapshot { CATALOG_NO_SNAPSHOT, CATALOG_OPTIONAL_SNAPSHOT, CATALOG_SNAPSHOT };

struct catalog_category {
    const char *world; /* "OpenSIPS", "OvenMediaEngine" or "Tocsin" */
    const char *name;
    const char *source; /* what sourceId holds */
    const char *meaning;
};

extern const struct catalog_category catalog_categories[];
extern const size_t catalog_category_count;

struct catalog_event {
    const char *world; /* that of its category */
    const char *category;
    const char *type;
    const char *cause; /* "" where there is none; (category, type, cause) is unique */
    enum tocsin_level level;
    const char *level_rule; /* when another level applies, e.g. "Error for a status of 400 and above"; "" for never */
    enum catalog_snapshot snapshot;
    const char *since; /* the version of the producer that first had it, "" where unknown */
    const char *meaning;
    const struct catalog_param *params; /* members of the snapshot, of which there may be more */
    size_t param_count;
};

/* In the order of catalog.def: the events of a category are neighbours, the categories in catalog_categories' order. */
extern const struct catalog_event catalog_events[];
extern const size_t catalog_event_count;

/* The entry for (category, type, cause); without an exact one the entry of the type without cause; NULL for an unknown
 * event. `cause` may be absent. */
const struct catalog_event *catalog_find(struct span category, struct span type, struct span cause);

/* The first required parameter that a known event's snapshot lacks or holds in another type; NULL when all is well or
 * the event is unknown. For counting and logging: such an event passes all the same. No allocation. */
const struct catalog_param *catalog_missing(const struct event *event);

#endif
