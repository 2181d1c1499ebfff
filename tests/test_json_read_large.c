/* JSON text to MessagePack where there is much of it: heads of every width, many names, and texts made to hurt. */
#include "tests/test_support.h"

#include <stdio.h>
#include <time.h>

#include "proto/json_read.h"
#include "proto/tocsin_base.h"
#include "tests/alloc_support.h"

/* What takes milliseconds when linear and minutes when quadratic must be done in so many seconds under a sanitizer. */
#define PATIENCE_S 10

struct run {
    struct text json;
    struct text out;
    struct json_fault fault;
};

static void begin(struct run *run)
{
    text_init(&run->json);
    text_init(&run->out);
    run->fault = (struct json_fault){0, NULL};
}

static int finish(struct run *run)
{
    assert_false(run->json.failed);
    clock_t start = clock();
    int error = json_read_value(text_span(&run->json), JSON_DEPTH_MAX, &run->out, &run->fault);
    assert_true(clock() - start < (clock_t)PATIENCE_S * CLOCKS_PER_SEC);
    return error;
}

static void end(struct run *run)
{
    text_fini(&run->json);
    text_fini(&run->out);
}

/* {"k0":0,"k1":1,…}, where the member `repeating` has the name of the member `repeated`. Returns the former's offset.
 */
static size_t put_object(struct text *json, uint32_t count, uint32_t repeating, uint32_t repeated)
{
    size_t offset = 0;
    text_put_char(json, '{');
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0)
            text_put_char(json, ',');
        if (i == repeating)
            offset = json->len;
        text_printf(json, "\"k%u\":%u", i == repeating ? repeated : i, i);
    }
    text_put_char(json, '}');
    return offset;
}

static void containers_of_every_size_get_the_shortest_head(void **state)
{
    (void)state;
    static const uint32_t counts[] = {1, 15, 16, 17, 255, 256, 65535, 65536, 100000};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        struct run run;
        struct text expected;
        text_init(&expected);
        begin(&run);
        text_put_char(&run.json, '[');
        put_object(&run.json, counts[i], UINT32_MAX, 0);
        for (uint32_t n = 1; n < counts[i]; n++)
            text_put(&run.json, ",7", 2);
        text_put_char(&run.json, ']');
        wire_write_array(&expected, counts[i]);
        wire_write_map(&expected, counts[i]);
        for (uint32_t n = 0; n < counts[i]; n++) {
            char name[16];
            snprintf(name, sizeof name, "k%u", n);
            wire_write_str(&expected, span_of_str(name));
            wire_write_uint(&expected, n);
        }
        for (uint32_t n = 1; n < counts[i]; n++)
            wire_write_uint(&expected, 7);
        assert_int_equal(finish(&run), 0);
        assert_int_equal(run.out.len, expected.len);
        assert_memory_equal(run.out.data, expected.data, expected.len);
        text_fini(&expected);
        end(&run);
    }
}

static void assert_repeated_name_is_found(uint32_t count, uint32_t repeating, uint32_t repeated)
{
    struct run run;
    begin(&run);
    text_put_str(&run.json, "[{\"k1\":{}},");
    size_t offset = put_object(&run.json, count, repeating, repeated);
    text_put_char(&run.json, ']');
    assert_int_equal(finish(&run), TOCSIN_E_SYNTAX);
    assert_string_equal(run.fault.reason, "repeated member name");
    assert_int_equal(run.fault.offset, offset);
    assert_int_equal(run.out.len, 0);
    end(&run);
}

static void a_repeated_name_is_found_wherever_it_stands(void **state)
{
    (void)state;
    for (uint32_t count = 2; count <= 40; count++)
        for (uint32_t repeating = 1; repeating < count; repeating++)
            for (uint32_t repeated = 0; repeated < repeating; repeated++)
                assert_repeated_name_is_found(count, repeating, repeated);
    for (int i = 0; i < 20; i++) {
        uint32_t repeating = 1 + (uint32_t)random_below(19999);
        assert_repeated_name_is_found(20000, repeating, (uint32_t)random_below(repeating));
    }
}

static void of_several_repeated_names_the_first_is_told(void **state)
{
    (void)state;
    struct run run;
    begin(&run);
    text_put_str(&run.json, "{\"z\":0");
    for (int i = 0; i < 30; i++)
        text_printf(&run.json, ",\"y%d\":0", i);
    text_put_str(&run.json, ",\"x\":0");
    size_t offset = run.json.len + 1;
    text_put_str(&run.json, ",\"x\":0,\"z\":0,\"y3\":0,\"z\":0,\"x\":0}");
    assert_int_equal(finish(&run), TOCSIN_E_SYNTAX);
    assert_int_equal(run.fault.offset, offset);
    end(&run);
}

/* Names of one length, alike but for the last bytes, in falling order. */
static void assert_names_alike_are_read(unsigned count, int alike_len)
{
    struct run run;
    begin(&run);
    text_put_str(&run.json, "{\"\":0");
    for (unsigned i = count; i-- > 0;)
        text_printf(&run.json, ",\"%0*d%06u\":0", alike_len, 0, i);
    text_put_char(&run.json, '}');
    assert_int_equal(finish(&run), 0);
    end(&run);
}

static void names_alike_take_no_quadratic_time(void **state)
{
    (void)state;
    assert_names_alike_are_read(200000, 8);
    assert_names_alike_are_read(1000, 1000);
}

static void large_heads_around_large_contents_take_linear_time(void **state)
{
    (void)state;
    struct run run;
    begin(&run);
    /* every level holds 17 members and so moves all that is within it */
    for (unsigned depth = 0; depth + 1 < JSON_DEPTH_MAX; depth++)
        text_put_char(&run.json, '[');
    text_put_char(&run.json, '[');
    for (unsigned i = 0; i < 500000; i++)
        text_put_str(&run.json, "0,");
    text_put_str(&run.json, "0]");
    for (unsigned depth = 0; depth + 1 < JSON_DEPTH_MAX; depth++)
        text_put_str(&run.json, ",0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]");
    assert_int_equal(finish(&run), 0);
    struct wire_reader reader = wire_reader_of(text_span(&run.out));
    assert_true(wire_skip(&reader));
    assert_ptr_equal(reader.at, reader.end);
    end(&run);
}

static void large_objects_in_large_objects_take_linear_time(void **state)
{
    (void)state;
    struct run run;
    begin(&run);
    for (unsigned depth = 0; depth + 1 < JSON_DEPTH_MAX; depth++)
        text_put_str(&run.json, "{\"a\":0,\"b\":");
    put_object(&run.json, 50000, UINT32_MAX, 0);
    for (unsigned depth = 0; depth + 1 < JSON_DEPTH_MAX; depth++)
        text_put_char(&run.json, '}');
    assert_int_equal(finish(&run), 0);
    end(&run);
}

static void endless_opening_brackets_are_refused_at_once(void **state)
{
    (void)state;
    struct run run;
    begin(&run);
    for (unsigned i = 0; i < 1000000; i++)
        text_put_char(&run.json, '[');
    assert_int_equal(finish(&run), TOCSIN_E_SYNTAX);
    assert_string_equal(run.fault.reason, "nested too deep");
    assert_int_equal(run.fault.offset, JSON_DEPTH_MAX);
    assert_true(run.out.capacity < 4096);
    end(&run);
}

static void room_stays_in_proportion_to_the_text(void **state)
{
    (void)state;
    static const char *const members[][2] = {{"\"", "\":0"}, {"\"", "\":1e1"}, {"\"\\u0061", "\":[]"}};
    for (size_t kind = 0; kind < 3; kind++) {
        struct run run;
        begin(&run);
        text_put_char(&run.json, '{');
        for (unsigned i = 0; i < 100000; i++) {
            if (i > 0)
                text_put_char(&run.json, ',');
            text_printf(&run.json, "%s%u%s", members[kind][0], i, members[kind][1]);
        }
        text_put_char(&run.json, '}');
        assert_int_equal(finish(&run), 0);
        assert_true(run.out.capacity <= 8 * run.json.len);
        end(&run);
    }
}

static void a_text_that_has_failed_stays_as_it_was(void **state)
{
    (void)state;
    static const char *const texts[] = {"1", "\"a\"", "\"\\n\"", "[]", "{}", "[1]", "null", "{\"a\":1}"};
    struct text out;
    text_init(&out);
    text_put_str(&out, "kept");
    out.failed = true;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_int_equal(json_read_value(span_of_str(texts[i]), 8, &out, NULL), TOCSIN_E_NOMEM);
        assert_int_equal(out.len, 4);
    }
    text_fini(&out);
}

static void memory_that_runs_out_is_told_wherever_it_does(void **state)
{
    (void)state;
    struct run run;
    begin(&run);
    text_put_str(&run.json, "[\"");
    for (unsigned i = 0; i < 1000; i++)
        text_put_str(&run.json, "\\n");
    text_put_str(&run.json, "\",");
    put_object(&run.json, 5000, UINT32_MAX, 0);
    text_put_char(&run.json, ']');
    unsigned long budget = 0;
    for (;; budget++) {
        text_fini(&run.out);
        text_put_str(&run.out, "kept");
        alloc_budget = budget;
        int error = finish(&run);
        alloc_budget = ULONG_MAX;
        if (error == 0)
            break;
        assert_int_equal(error, TOCSIN_E_NOMEM);
        assert_int_equal(run.out.len, 4);
        assert_true(run.out.failed);
    }
    assert_true(budget > 5);
    end(&run);
}

static void a_text_of_more_than_a_gibibyte_is_refused_unread(void **state)
{
    (void)state;
    struct text out;
    text_init(&out);
    struct json_fault fault = {1, NULL};
    assert_int_equal(json_read_value(span_of("1", (size_t)JSON_TEXT_MAX + 1), 8, &out, &fault), TOCSIN_E_SYNTAX);
    assert_string_equal(fault.reason, "text is longer than 1 GiB");
    assert_int_equal(fault.offset, 0);
    text_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(containers_of_every_size_get_the_shortest_head),
        cmocka_unit_test(a_repeated_name_is_found_wherever_it_stands),
        cmocka_unit_test(of_several_repeated_names_the_first_is_told),
        cmocka_unit_test(names_alike_take_no_quadratic_time),
        cmocka_unit_test(large_heads_around_large_contents_take_linear_time),
        cmocka_unit_test(large_objects_in_large_objects_take_linear_time),
        cmocka_unit_test(endless_opening_brackets_are_refused_at_once),
        cmocka_unit_test(room_stays_in_proportion_to_the_text),
        cmocka_unit_test(a_text_that_has_failed_stays_as_it_was),
        cmocka_unit_test(memory_that_runs_out_is_told_wherever_it_does),
        cmocka_unit_test(a_text_of_more_than_a_gibibyte_is_refused_unread),
    };
    return cmocka_run_group_tests(tests, seed, NULL);
}
