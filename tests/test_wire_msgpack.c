/* Our reader and writer of MessagePack against msgpack-c, over generated values. */
#include "tests/test_support.h"

#include <msgpack.h>

#define VALUES      20000
#define ITEMS_MAX   20
#define CONTAINERS  4
#define MUTATIONS   100000
#define MUTATED_MAX 64

/* The same value by both writers. */
struct pair {
    struct text ours;
    msgpack_sbuffer theirs;
    msgpack_packer packer;
};

static void pair_init(struct pair *pair)
{
    text_init(&pair->ours);
    msgpack_sbuffer_init(&pair->theirs);
    msgpack_packer_init(&pair->packer, &pair->theirs, msgpack_sbuffer_write);
}

static void pair_clear(struct pair *pair)
{
    text_clear(&pair->ours);
    msgpack_sbuffer_clear(&pair->theirs);
}

static void pair_fini(struct pair *pair)
{
    text_fini(&pair->ours);
    msgpack_sbuffer_destroy(&pair->theirs);
}

static void assert_same_bytes(const struct pair *pair)
{
    assert_int_equal(pair->ours.len, pair->theirs.size);
    assert_memory_equal(pair->ours.data, pair->theirs.data, pair->theirs.size);
}

static void write_uint(struct pair *pair, uint64_t value)
{
    wire_write_uint(&pair->ours, value);
    msgpack_pack_uint64(&pair->packer, value);
}

static void write_int(struct pair *pair, int64_t value)
{
    wire_write_int(&pair->ours, value);
    msgpack_pack_int64(&pair->packer, value);
}

static void write_str(struct pair *pair, const void *bytes, size_t len)
{
    wire_write_str(&pair->ours, span_of(bytes, len));
    msgpack_pack_str_with_body(&pair->packer, bytes, len);
}

static void write_bin(struct pair *pair, const void *bytes, size_t len)
{
    wire_write_bin(&pair->ours, span_of(bytes, len));
    msgpack_pack_bin_with_body(&pair->packer, bytes, len);
}

static void write_scalar(struct pair *pair)
{
    static const uint8_t bytes[70000];
    uint64_t bits = random_bits() >> random_below(64);
    double number;
    memcpy(&number, &bits, sizeof number);
    switch (random_below(8)) {
    case 0:
        wire_write_nil(&pair->ours);
        msgpack_pack_nil(&pair->packer);
        break;
    case 1:
        wire_write_bool(&pair->ours, true);
        msgpack_pack_true(&pair->packer);
        break;
    case 2:
        wire_write_bool(&pair->ours, false);
        msgpack_pack_false(&pair->packer);
        break;
    case 3:
        write_uint(pair, bits);
        break;
    case 4:
        write_int(pair, (int64_t)(0 - bits));
        break;
    case 5:
        wire_write_double(&pair->ours, number);
        msgpack_pack_double(&pair->packer, number);
        break;
    case 6:
        write_str(pair, bytes, random_below(random_below(8) ? 40 : 300));
        break;
    default:
        write_bin(pair, bytes, random_below(random_below(8) ? 40 : 300));
        break;
    }
}

static void write_value(struct pair *pair, unsigned depth)
{
    if (depth == 0 || random_below(3)) {
        write_scalar(pair);
        return;
    }
    uint32_t count = (uint32_t)random_below(ITEMS_MAX);
    bool is_map = random_below(2) == 0;
    if (is_map) {
        wire_write_map(&pair->ours, count);
        msgpack_pack_map(&pair->packer, count);
    } else {
        wire_write_array(&pair->ours, count);
        msgpack_pack_array(&pair->packer, count);
    }
    for (uint32_t i = 0; i < (is_map ? 2 * count : count); i++)
        write_value(pair, depth - 1);
}

static void our_bytes_are_those_of_msgpack_c(void **state)
{
    (void)state;
    struct pair pair;
    pair_init(&pair);
    for (unsigned i = 0; i < VALUES; i++) {
        pair_clear(&pair);
        write_value(&pair, CONTAINERS);
        assert_same_bytes(&pair);
    }
    pair_fini(&pair);
}

static void lengths_and_integers_at_every_limit_are_those_of_msgpack_c(void **state)
{
    (void)state;
    static const char zeros[65537];
    static const uint32_t lengths[] = {0, 1, 15, 16, 31, 32, 255, 256, 65535, 65536};
    struct pair pair;
    pair_init(&pair);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        write_str(&pair, zeros, lengths[i]);
        write_bin(&pair, zeros, lengths[i]);
        wire_write_array(&pair.ours, lengths[i]);
        msgpack_pack_array(&pair.packer, lengths[i]);
        wire_write_map(&pair.ours, lengths[i]);
        msgpack_pack_map(&pair.packer, lengths[i]);
    }
    for (unsigned bit = 0; bit < 64; bit++) {
        for (uint64_t step = 0; step < 3; step++) {
            uint64_t value = (UINT64_C(1) << bit) - 1 + step;
            write_uint(&pair, value);
            write_int(&pair, (int64_t)value);
            write_int(&pair, (int64_t)(0 - value));
        }
    }
    assert_same_bytes(&pair);
    pair_fini(&pair);
}

static void assert_same_value(struct wire_reader *reader, const msgpack_object *object)
{
    struct wire_token token;
    switch (wire_read(reader, &token)) {
    case WIRE_NIL:
        assert_int_equal(object->type, MSGPACK_OBJECT_NIL);
        break;
    case WIRE_BOOL:
        assert_int_equal(object->type, MSGPACK_OBJECT_BOOLEAN);
        assert_int_equal(token.as.boolean, object->via.boolean);
        break;
    case WIRE_UINT:
        assert_int_equal(object->type, MSGPACK_OBJECT_POSITIVE_INTEGER);
        assert_true(token.as.u == object->via.u64);
        break;
    case WIRE_INT:
        assert_int_equal(object->type, MSGPACK_OBJECT_NEGATIVE_INTEGER);
        assert_true(token.as.i == object->via.i64);
        break;
    case WIRE_FLOAT:
        assert_true(object->type == MSGPACK_OBJECT_FLOAT32 || object->type == MSGPACK_OBJECT_FLOAT64);
        assert_memory_equal(&token.as.f, &object->via.f64, sizeof token.as.f);
        break;
    case WIRE_STR:
        assert_int_equal(object->type, MSGPACK_OBJECT_STR);
        assert_int_equal(token.as.bytes.len, object->via.str.size);
        assert_memory_equal(token.as.bytes.data, object->via.str.ptr, object->via.str.size);
        break;
    case WIRE_BIN:
        assert_int_equal(object->type, MSGPACK_OBJECT_BIN);
        assert_int_equal(token.as.bytes.len, object->via.bin.size);
        assert_memory_equal(token.as.bytes.data, object->via.bin.ptr, object->via.bin.size);
        break;
    case WIRE_EXT:
        assert_int_equal(object->type, MSGPACK_OBJECT_EXT);
        assert_int_equal(token.as.bytes.len, object->via.ext.size);
        assert_memory_equal(token.as.bytes.data, object->via.ext.ptr, object->via.ext.size);
        break;
    case WIRE_ARRAY:
        assert_int_equal(object->type, MSGPACK_OBJECT_ARRAY);
        assert_int_equal(token.as.count, object->via.array.size);
        for (uint32_t i = 0; i < object->via.array.size; i++)
            assert_same_value(reader, &object->via.array.ptr[i]);
        break;
    case WIRE_MAP:
        assert_int_equal(object->type, MSGPACK_OBJECT_MAP);
        assert_int_equal(token.as.count, object->via.map.size);
        for (uint32_t i = 0; i < object->via.map.size; i++) {
            assert_same_value(reader, &object->via.map.ptr[i].key);
            assert_same_value(reader, &object->via.map.ptr[i].val);
        }
        break;
    default:
        fail_msg("msgpack-c reads what we do not");
    }
}

/* msgpack-c takes memory for as many items as a 32-bit count declares, so it must not be asked about what we do not
 * read when such a tag may be in it. */
static bool may_ask_about(struct span bytes)
{
    return !memchr(bytes.data, 0xdd, bytes.len) && !memchr(bytes.data, 0xdf, bytes.len);
}

/* Bytes that may be anything: both must agree on whether a value is there, where it ends and what it is. */
static bool assert_same_reading(struct span bytes)
{
    struct wire_reader reader = wire_reader_of(bytes);
    bool is_whole = wire_skip(&reader);
    if (!is_whole && !may_ask_about(bytes))
        return false;
    msgpack_unpacked unpacked;
    msgpack_unpacked_init(&unpacked);
    size_t used = 0;
    msgpack_unpack_return result = msgpack_unpack_next(&unpacked, (const char *)bytes.data, bytes.len, &used);
    assert_int_equal(is_whole, result == MSGPACK_UNPACK_SUCCESS || result == MSGPACK_UNPACK_EXTRA_BYTES);
    if (is_whole) {
        assert_int_equal(reader.at - bytes.data, used);
        reader = wire_reader_of(bytes);
        assert_same_value(&reader, &unpacked.data);
        assert_int_equal(reader.at - bytes.data, used);
    }
    msgpack_unpacked_destroy(&unpacked);
    return is_whole;
}

static void what_msgpack_c_reads_in_any_bytes_we_read(void **state)
{
    (void)state;
    struct pair pair;
    pair_init(&pair);
    unsigned whole = 0;
    for (unsigned i = 0; i < MUTATIONS; i++) {
        pair_clear(&pair);
        write_value(&pair, 2);
        size_t len = pair.ours.len < MUTATED_MAX ? pair.ours.len : MUTATED_MAX;
        uint8_t *bytes = exact_copy(span_of(pair.ours.data, len));
        for (uint64_t changes = random_below(4); changes > 0; changes--)
            bytes[random_below(len)] = (uint8_t)(random_below(2) ? 0xc0 + random_below(32) : random_bits());
        whole += assert_same_reading(span_of(bytes, len));
        free(bytes);
    }
    assert_in_range(whole, MUTATIONS / 4, MUTATIONS - MUTATIONS / 10);
    pair_fini(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(our_bytes_are_those_of_msgpack_c),
        cmocka_unit_test(lengths_and_integers_at_every_limit_are_those_of_msgpack_c),
        cmocka_unit_test(what_msgpack_c_reads_in_any_bytes_we_read),
    };
    return cmocka_run_group_tests(tests, seed, NULL);
}
