/* MessagePack token by token: every tag byte, every cut, and the writers' choice of the shortest form. */
#include "tests/test_support.h"

#include <math.h>

#define READ(...) read_exactly((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

/* Reads the one token that these bytes are; every shorter run of them must be cut short. */
static struct wire_token read_exactly(const uint8_t *bytes, size_t len)
{
    struct wire_token token = {WIRE_END, {0}};
    for (size_t cut = 0; cut <= len; cut++) {
        uint8_t *copy = exact_copy(span_of(bytes, cut));
        struct wire_reader reader = wire_reader_of(span_of(copy, cut));
        enum wire_type type = wire_read(&reader, &token);
        assert_int_equal(type, token.type);
        if (cut < len) {
            assert_int_equal(type, WIRE_END);
            assert_ptr_equal(reader.at, copy);
        } else if (type == WIRE_STR || type == WIRE_BIN || type == WIRE_EXT) {
            token.as.bytes.data = bytes + (token.as.bytes.data - copy);
        }
        free(copy);
    }
    return token;
}

static void assert_reads_uint(struct wire_token token, uint64_t value)
{
    assert_int_equal(token.type, WIRE_UINT);
    assert_true(token.as.u == value);
}

static void assert_reads_int(struct wire_token token, int64_t value)
{
    assert_int_equal(token.type, WIRE_INT);
    assert_true(token.as.i == value);
}

static void every_one_byte_integer_is_read(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 0x80; byte++)
        assert_reads_uint(READ((uint8_t)byte), byte);
    for (int value = -32; value < 0; value++)
        assert_reads_int(READ((uint8_t)value), value);
}

static void integers_of_every_width_are_read(void **state)
{
    (void)state;
    assert_reads_uint(READ(0xcc, 0x00), 0);
    assert_reads_uint(READ(0xcc, 0xff), 255);
    assert_reads_uint(READ(0xcd, 0x01, 0x02), 0x0102);
    assert_reads_uint(READ(0xce, 0x01, 0x02, 0x03, 0x04), 0x01020304);
    assert_reads_uint(READ(0xcf, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08), 0x0102030405060708);
    assert_reads_uint(READ(0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), UINT64_MAX);
    assert_reads_int(READ(0xd0, 0x80), INT8_MIN);
    assert_reads_int(READ(0xd1, 0x80, 0x00), INT16_MIN);
    assert_reads_int(READ(0xd2, 0x80, 0x00, 0x00, 0x00), INT32_MIN);
    assert_reads_int(READ(0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0), INT64_MIN);
    assert_reads_int(READ(0xd3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), -1);
}

static void a_signed_form_of_a_positive_integer_is_a_uint(void **state)
{
    (void)state;
    assert_reads_uint(READ(0xd0, 0x7f), 127);
    assert_reads_uint(READ(0xd1, 0x00, 0x00), 0);
    assert_reads_uint(READ(0xd2, 0x7f, 0xff, 0xff, 0xff), INT32_MAX);
    assert_reads_uint(READ(0xd3, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), INT64_MAX);
}

static void nil_and_booleans_are_read(void **state)
{
    (void)state;
    assert_int_equal(READ(0xc0).type, WIRE_NIL);
    assert_int_equal(READ(0xc2).type, WIRE_BOOL);
    assert_false(READ(0xc2).as.boolean);
    assert_true(READ(0xc3).as.boolean);
}

static void floats_are_read_and_float32_is_widened(void **state)
{
    (void)state;
    assert_true(READ(0xca, 0x3f, 0x80, 0x00, 0x00).as.f == 1.0);
    assert_true(READ(0xca, 0x42, 0x6f, 0xc2, 0x8f).as.f == (double)59.94F);
    assert_true(READ(0xca, 0x00, 0x00, 0x00, 0x01).as.f == 0x1p-149);
    assert_true(READ(0xcb, 0x3f, 0xb9, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a).as.f == 0.1);
    assert_true(READ(0xcb, 0, 0, 0, 0, 0, 0, 0, 1).as.f == 0x1p-1074);
    assert_true(signbit(READ(0xca, 0x80, 0x00, 0x00, 0x00).as.f));
    assert_true(isnan(READ(0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0).as.f));
    assert_int_equal(READ(0xcb, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0).type, WIRE_FLOAT);
}

static void assert_reads_bytes(struct wire_token token, enum wire_type type, const char *content)
{
    assert_int_equal(token.type, type);
    assert_span_equal(token.as.bytes, content);
}

static void strings_bin_and_ext_of_every_form_are_read(void **state)
{
    (void)state;
    assert_reads_bytes(READ(0xa0), WIRE_STR, "");
    assert_reads_bytes(READ(0xa2, 'h', 'i'), WIRE_STR, "hi");
    assert_reads_bytes(READ(0xd9, 2, 'h', 'i'), WIRE_STR, "hi");
    assert_reads_bytes(READ(0xda, 0, 2, 'h', 'i'), WIRE_STR, "hi");
    assert_reads_bytes(READ(0xdb, 0, 0, 0, 2, 'h', 'i'), WIRE_STR, "hi");
    assert_reads_bytes(READ(0xc4, 2, 'h', 'i'), WIRE_BIN, "hi");
    assert_reads_bytes(READ(0xc5, 0, 2, 'h', 'i'), WIRE_BIN, "hi");
    assert_reads_bytes(READ(0xc6, 0, 0, 0, 2, 'h', 'i'), WIRE_BIN, "hi");
    assert_reads_bytes(READ(0xc6, 0, 0, 0, 0), WIRE_BIN, "");
    assert_reads_bytes(READ(0xc7, 2, 9, 'h', 'i'), WIRE_EXT, "hi");
    assert_reads_bytes(READ(0xc8, 0, 2, 9, 'h', 'i'), WIRE_EXT, "hi");
    assert_reads_bytes(READ(0xc9, 0, 0, 0, 2, 9, 'h', 'i'), WIRE_EXT, "hi");
    assert_reads_bytes(READ(0xc7, 0, 9), WIRE_EXT, "");
    assert_reads_bytes(READ(0xd4, 9, 'h'), WIRE_EXT, "h");
    assert_reads_bytes(READ(0xd5, 9, 'h', 'i'), WIRE_EXT, "hi");
    assert_reads_bytes(READ(0xd6, 9, 'a', 'b', 'c', 'd'), WIRE_EXT, "abcd");
    assert_reads_bytes(READ(0xd7, 9, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'), WIRE_EXT, "abcdefgh");
    assert_reads_bytes(READ(0xd8, 9, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p'),
                       WIRE_EXT, "abcdefghijklmnop");
}

static void the_tag_that_is_never_used_ends_reading(void **state)
{
    (void)state;
    const uint8_t bytes[] = {0xc1, 0xc0};
    struct wire_reader reader = wire_reader_of(span_of(bytes, sizeof bytes));
    struct wire_token token;
    assert_int_equal(wire_read(&reader, &token), WIRE_END);
    assert_ptr_equal(reader.at, bytes);
    assert_false(wire_skip(&reader));
}

static void assert_count(const uint8_t *bytes, size_t head, size_t following, enum wire_type type, uint32_t count)
{
    uint8_t *copy = calloc(1, head + following + 1); /* what follows are zeros: integers */
    assert_non_null(copy);
    memcpy(copy, bytes, head);
    struct wire_reader reader = {copy, copy + head + following};
    struct wire_token token;
    assert_int_equal(wire_read(&reader, &token), type);
    if (type != WIRE_END) {
        assert_int_equal(token.as.count, count);
        assert_ptr_equal(reader.at, copy + head);
    }
    free(copy);
}

static void a_count_is_believed_only_as_far_as_there_are_bytes(void **state)
{
    (void)state;
    assert_count((const uint8_t[]){0x93}, 1, 3, WIRE_ARRAY, 3);
    assert_count((const uint8_t[]){0x93}, 1, 2, WIRE_END, 0);
    assert_count((const uint8_t[]){0x83}, 1, 6, WIRE_MAP, 3);
    assert_count((const uint8_t[]){0x83}, 1, 5, WIRE_END, 0);
    assert_count((const uint8_t[]){0xdc, 0x01, 0x00}, 3, 256, WIRE_ARRAY, 256);
    assert_count((const uint8_t[]){0xdc, 0x01, 0x00}, 3, 255, WIRE_END, 0);
    assert_count((const uint8_t[]){0xde, 0x01, 0x00}, 3, 512, WIRE_MAP, 256);
    assert_count((const uint8_t[]){0xde, 0x01, 0x00}, 3, 511, WIRE_END, 0);
    assert_count((const uint8_t[]){0xdd, 0x00, 0x01, 0x00, 0x00}, 5, 65536, WIRE_ARRAY, 65536);
    assert_count((const uint8_t[]){0xdd, 0xff, 0xff, 0xff, 0xff}, 5, 65536, WIRE_END, 0);
    assert_count((const uint8_t[]){0xdf, 0x00, 0x01, 0x00, 0x00}, 5, 131072, WIRE_MAP, 65536);
    assert_count((const uint8_t[]){0xdf, 0xff, 0xff, 0xff, 0xff}, 5, 131072, WIRE_END, 0);
    assert_count((const uint8_t[]){0xdf, 0x80, 0x00, 0x00, 0x00}, 5, 0, WIRE_END, 0);
}

static void no_bytes_are_the_end(void **state)
{
    (void)state;
    struct wire_reader reader = wire_reader_of(span_of(NULL, 0));
    struct wire_token token;
    assert_int_equal(wire_read(&reader, &token), WIRE_END);
    assert_false(wire_skip(&reader));
    uint32_t count;
    assert_false(wire_read_map(&reader, &count));
}

static void a_whole_value_is_stepped_over_and_nothing_behind_it(void **state)
{
    (void)state;
    struct text value;
    text_init(&value);
    wire_write_map(&value, 2);
    wire_write_str(&value, span_of_str("a"));
    wire_write_array(&value, 3);
    wire_write_nil(&value);
    wire_write_map(&value, 0);
    wire_write_bin(&value, span_of_str("bin"));
    wire_write_uint(&value, 7);
    wire_write_double(&value, 1.5);
    for (size_t cut = 0; cut <= value.len; cut++) {
        uint8_t *copy = exact_copy(span_of(value.data, cut));
        struct wire_reader reader = wire_reader_of(span_of(copy, cut));
        assert_int_equal(wire_skip(&reader), cut == value.len);
        free(copy);
    }
    size_t len = value.len;
    wire_write_nil(&value);
    struct wire_reader reader = wire_reader_of(text_span(&value));
    assert_true(wire_skip(&reader));
    assert_int_equal(reader.at - (const uint8_t *)value.data, len);
    text_fini(&value);
}

static void a_million_nested_containers_are_stepped_over_without_a_stack(void **state)
{
    (void)state;
    const size_t depth = 1000000;
    uint8_t *bytes = malloc(depth);
    assert_non_null(bytes);
    memset(bytes, 0x91, depth);
    struct wire_reader reader = wire_reader_of(span_of(bytes, depth));
    assert_false(wire_skip(&reader));
    bytes[depth - 1] = 0x90;
    reader = wire_reader_of(span_of(bytes, depth));
    assert_true(wire_skip(&reader));
    assert_ptr_equal(reader.at, bytes + depth);
    free(bytes);
}

static void a_typed_read_of_another_type_moves_nothing(void **state)
{
    (void)state;
    const uint8_t tags[] = {0x05, 0xff, 0xc0, 0xc3, 0xa0, 0x90, 0x80, 0xc1};
    for (size_t i = 0; i < sizeof tags; i++) {
        const struct wire_reader start = wire_reader_of(span_of(&tags[i], 1));
        struct wire_reader reader = start;
        uint32_t count;
        uint64_t number;
        struct span text;
        assert_int_equal(wire_read_array(&reader, &count), tags[i] == 0x90);
        assert_int_equal(reader.at - start.at, tags[i] == 0x90);
        reader = start;
        assert_int_equal(wire_read_map(&reader, &count), tags[i] == 0x80);
        assert_int_equal(reader.at - start.at, tags[i] == 0x80);
        reader = start;
        assert_int_equal(wire_read_uint(&reader, &number), tags[i] == 0x05);
        assert_int_equal(reader.at - start.at, tags[i] == 0x05);
        reader = start;
        assert_int_equal(wire_read_str(&reader, &text), tags[i] == 0xa0);
        assert_int_equal(reader.at - start.at, tags[i] == 0xa0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_one_byte_integer_is_read),
        cmocka_unit_test(integers_of_every_width_are_read),
        cmocka_unit_test(a_signed_form_of_a_positive_integer_is_a_uint),
        cmocka_unit_test(nil_and_booleans_are_read),
        cmocka_unit_test(floats_are_read_and_float32_is_widened),
        cmocka_unit_test(strings_bin_and_ext_of_every_form_are_read),
        cmocka_unit_test(the_tag_that_is_never_used_ends_reading),
        cmocka_unit_test(a_count_is_believed_only_as_far_as_there_are_bytes),
        cmocka_unit_test(no_bytes_are_the_end),
        cmocka_unit_test(a_whole_value_is_stepped_over_and_nothing_behind_it),
        cmocka_unit_test(a_million_nested_containers_are_stepped_over_without_a_stack),
        cmocka_unit_test(a_typed_read_of_another_type_moves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
