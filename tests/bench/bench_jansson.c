#include "tests/bench/bench_jansson.h"

#include <jansson.h>
#include <msgpack.h>
#include <stdlib.h>

static json_t *tree_of(const msgpack_object *object);

static json_t *tree_of_map(const msgpack_object_map *map)
{
    json_t *tree = json_object();
    for (uint32_t i = 0; i < map->size; i++) {
        const msgpack_object *key = &map->ptr[i].key;
        if (key->type == MSGPACK_OBJECT_STR)
            json_object_setn_new(tree, key->via.str.ptr, key->via.str.size, tree_of(&map->ptr[i].val));
    }
    return tree;
}

static json_t *tree_of_array(const msgpack_object_array *array)
{
    json_t *tree = json_array();
    for (uint32_t i = 0; i < array->size; i++)
        json_array_append_new(tree, tree_of(&array->ptr[i]));
    return tree;
}

static json_t *tree_of(const msgpack_object *object)
{
    switch (object->type) {
    case MSGPACK_OBJECT_BOOLEAN:
        return json_boolean(object->via.boolean);
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
        return json_integer((json_int_t)object->via.u64);
    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
        return json_integer(object->via.i64);
    case MSGPACK_OBJECT_FLOAT32:
    case MSGPACK_OBJECT_FLOAT64:
        return json_real(object->via.f64);
    case MSGPACK_OBJECT_STR:
        return json_stringn(object->via.str.ptr, object->via.str.size);
    case MSGPACK_OBJECT_ARRAY:
        return tree_of_array(&object->via.array);
    case MSGPACK_OBJECT_MAP:
        return tree_of_map(&object->via.map);
    default:
        return json_null();
    }
}

static bool is_good(const json_t *tree)
{
    static const char *const required[] = {"level", "category", "type", "sourceId", "summary"};
    for (size_t i = 0; i < sizeof required / sizeof *required; i++) {
        if (!json_is_string(json_object_get(tree, required[i])))
            return false;
    }
    return true;
}

size_t bench_jansson_way(struct span event)
{
    msgpack_unpacked unpacked;
    msgpack_unpacked_init(&unpacked);
    size_t offset = 0;
    size_t len = 0;
    if (msgpack_unpack_next(&unpacked, (const char *)event.data, event.len, &offset) == MSGPACK_UNPACK_SUCCESS) {
        json_t *tree = tree_of(&unpacked.data);
        char *text = is_good(tree) ? json_dumps(tree, JSON_COMPACT) : NULL;
        len = text ? strlen(text) : 0;
        free(text);
        json_decref(tree);
    }
    msgpack_unpacked_destroy(&unpacked);
    return len;
}
