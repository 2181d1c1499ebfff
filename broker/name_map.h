/* From names (any bytes) to numbers, in memory. The hash is keyed: no choice of names makes it slow. */
#ifndef BROKER_NAME_MAP_H
#define BROKER_NAME_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/span.h"

struct name_map;

/* `seed` keys the hash. NULL when out of memory. */
struct name_map *name_map_new(uint64_t seed);
void name_map_free(struct name_map **map);

/* The number of a name; false when it is not there. */
bool name_map_find(const struct name_map *map, struct span name, uint32_t *number);

/* Adds a name that is not there yet (a copy of it). False when out of memory. */
bool name_map_add(struct name_map *map, struct span name, uint32_t number);

/* Takes a name out; nothing happens when it is not there. */
void name_map_remove(struct name_map *map, struct span name);

size_t name_map_count(const struct name_map *map);

#endif
