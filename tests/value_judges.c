#include "tests/value_judges.h"

#define COUNT_MAX 4096

static uint32_t big_endian32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Takes the bytes for tags wherever they stand. */
bool msgpack_may_be_asked(struct span bytes)
{
    for (size_t i = 0; i + 5 <= bytes.len; i++) {
        const uint8_t *at = bytes.data + i;
        if ((at[0] == 0xdd || at[0] == 0xdf) && big_endian32(at + 1) > COUNT_MAX)
            return false;
        if (at[0] == 0xc9 && big_endian32(at + 1) == UINT32_MAX)
            return false;
    }
    return true;
}

enum msgpack_verdict msgpack_verdict(struct span bytes, msgpack_unpacked *unpacked, size_t *used)
{
    msgpack_unpacked_init(unpacked);
    *used = 0;
    switch (msgpack_unpack_next(unpacked, (const char *)bytes.data, bytes.len, used)) {
    case MSGPACK_UNPACK_SUCCESS:
    case MSGPACK_UNPACK_EXTRA_BYTES:
        return MSGPACK_READS;
    case MSGPACK_UNPACK_NOMEM_ERROR:
        return MSGPACK_CANNOT_TELL;
    default:
        return MSGPACK_REFUSES;
    }
}

void msgpack_pack_canonical(msgpack_packer *packer, const msgpack_object *object)
{
    switch (object->type) {
    case MSGPACK_OBJECT_FLOAT32:
        msgpack_pack_double(packer, object->via.f64);
        break;
    case MSGPACK_OBJECT_ARRAY:
        msgpack_pack_array(packer, object->via.array.size);
        for (uint32_t i = 0; i < object->via.array.size; i++)
            msgpack_pack_canonical(packer, &object->via.array.ptr[i]);
        break;
    case MSGPACK_OBJECT_MAP:
        msgpack_pack_map(packer, object->via.map.size);
        for (uint32_t i = 0; i < object->via.map.size; i++) {
            msgpack_pack_canonical(packer, &object->via.map.ptr[i].key);
            msgpack_pack_canonical(packer, &object->via.map.ptr[i].val);
        }
        break;
    default:
        msgpack_pack_object(packer, *object);
        break;
    }
}

static bool is_same_text(const msgpack_object_str *str, const char *text, size_t len)
{
    return str->size == len && (len == 0 || memcmp(str->ptr, text, len) == 0);
}

static bool is_same_array(const msgpack_object_array *array, json_t *json)
{
    if (!json_is_array(json) || json_array_size(json) != array->size)
        return false;
    for (uint32_t i = 0; i < array->size; i++)
        if (!msgpack_equals_json(&array->ptr[i], json_array_get(json, i)))
            return false;
    return true;
}

static bool is_same_map(const msgpack_object_map *map, json_t *json)
{
    if (!json_is_object(json) || json_object_size(json) != map->size)
        return false;
    void *member = json_object_iter(json);
    for (uint32_t i = 0; i < map->size; i++) {
        const msgpack_object *key = &map->ptr[i].key;
        if (!member || key->type != MSGPACK_OBJECT_STR)
            return false;
        if (!is_same_text(&key->via.str, json_object_iter_key(member), json_object_iter_key_len(member)))
            return false;
        if (!msgpack_equals_json(&map->ptr[i].val, json_object_iter_value(member)))
            return false;
        member = json_object_iter_next(json, member);
    }
    return !member;
}

bool msgpack_equals_json(const msgpack_object *object, json_t *json)
{
    double real = json_is_real(json) ? json_real_value(json) : 0;
    switch (object->type) {
    case MSGPACK_OBJECT_NIL:
        return json_is_null(json);
    case MSGPACK_OBJECT_BOOLEAN:
        return json_is_boolean(json) && json_is_true(json) == object->via.boolean;
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
        return json_is_integer(json) && json_integer_value(json) >= 0 &&
               (uint64_t)json_integer_value(json) == object->via.u64;
    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
        return json_is_integer(json) && json_integer_value(json) == object->via.i64;
    case MSGPACK_OBJECT_FLOAT32:
    case MSGPACK_OBJECT_FLOAT64:
        return json_is_real(json) && memcmp(&real, &object->via.f64, sizeof real) == 0;
    case MSGPACK_OBJECT_STR:
        return json_is_string(json) &&
               is_same_text(&object->via.str, json_string_value(json), json_string_length(json));
    case MSGPACK_OBJECT_ARRAY:
        return is_same_array(&object->via.array, json);
    case MSGPACK_OBJECT_MAP:
        return is_same_map(&object->via.map, json);
    default:
        return false;
    }
}

json_t *jansson_read(struct span text, json_error_t *error)
{
    return json_loadb((const char *)text.data, text.len, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL,
                      error);
}
