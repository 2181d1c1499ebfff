/* The growing buffer: what is put in is there, and the first failure sticks. */
#include "tests/alloc_support.h"
#include "tests/test_support.h"

static void what_is_put_in_comes_out_in_order(void **state)
{
    (void)state;
    struct text text;
    text_init(&text);
    text_put(&text, "ab", 2);
    text_put_str(&text, "cd");
    text_put_char(&text, 'e');
    text_printf(&text, "%d-%s", 42, "x");
    text_put(&text, NULL, 0);
    text_put_str(&text, "");
    assert_text_equal(&text, "abcde42-x");
    text_fini(&text);
}

static void it_grows_through_every_size(void **state)
{
    (void)state;
    struct text text;
    text_init(&text);
    for (size_t i = 0; i < 100000; i++)
        text_put_char(&text, (char)(i % 251));
    assert_int_equal(text.len, 100000);
    assert_true(text.capacity >= text.len);
    for (size_t i = 0; i < text.len; i++)
        assert_int_equal(text.data[i], (char)(i % 251));
    text_fini(&text);
}

static void printed_text_of_any_length_fits(void **state)
{
    (void)state;
    for (int len = 0; len < 600; len++) {
        struct text text;
        text_init(&text);
        text_printf(&text, "%*s", len, "");
        assert_false(text.failed);
        assert_int_equal(text.len, len);
        text_printf(&text, "!");
        assert_int_equal(text.data[text.len - 1], '!');
        text_fini(&text);
    }
}

static void clearing_keeps_the_memory(void **state)
{
    (void)state;
    struct text text;
    text_init(&text);
    assert_true(text_reserve(&text, 1000));
    const char *data = text.data;
    text_put_str(&text, "x");
    text_clear(&text);
    assert_int_equal(text.len, 0);
    assert_true(text_reserve(&text, 1000));
    assert_ptr_equal(text.data, data);
    text_fini(&text);
    assert_null(text.data);
}

static void room_that_is_reserved_is_there(void **state)
{
    (void)state;
    struct text text;
    text_init(&text);
    for (size_t extra = 1; extra < 5000; extra += 7) {
        assert_true(text_reserve(&text, extra));
        assert_true(text.capacity - text.len >= extra);
        memset(text.data + text.len, 'x', extra);
        text.len += extra / 3;
    }
    text_fini(&text);
}

static void assert_failure_sticks(struct text *text)
{
    assert_true(text->failed);
    assert_span_equal(text_span(text), "kept");
    text_put_str(text, "lost");
    text_put_char(text, 'l');
    text_printf(text, "%d", 1);
    assert_false(text_reserve(text, 1));
    assert_false(text_reserve(text, 0));
    assert_span_equal(text_span(text), "kept");

    text_clear(text);
    text_put_str(text, "again");
    assert_text_equal(text, "again");
}

static void a_size_that_no_memory_has_fails_and_the_failure_sticks(void **state)
{
    (void)state;
    const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX / 2, SIZE_MAX / 2 - 3};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct text text;
        text_init(&text);
        text_put_str(&text, "kept");
        unsigned long before = alloc_count;
        assert_false(text_reserve(&text, sizes[i]));
        assert_int_equal(alloc_count, before); /* not even asked for */
        assert_failure_sticks(&text);
        text_fini(&text);
    }
}

static void memory_that_runs_out_fails_and_the_failure_sticks(void **state)
{
    (void)state;
    struct text text;
    text_init(&text);
    text_put_str(&text, "kept");
    alloc_budget = 0;
    assert_false(text_reserve(&text, 100000));
    alloc_budget = ULONG_MAX;
    assert_failure_sticks(&text);
    text_fini(&text);
}

static void printing_without_memory_fails(void **state)
{
    (void)state;
    struct text text;
    text_init(&text);
    alloc_budget = 0;
    text_printf(&text, "%1000d", 1);
    alloc_budget = ULONG_MAX;
    assert_true(text.failed);
    assert_int_equal(text.len, 0);
    text_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_put_in_comes_out_in_order),
        cmocka_unit_test(it_grows_through_every_size),
        cmocka_unit_test(printed_text_of_any_length_fits),
        cmocka_unit_test(clearing_keeps_the_memory),
        cmocka_unit_test(room_that_is_reserved_is_there),
        cmocka_unit_test(a_size_that_no_memory_has_fails_and_the_failure_sticks),
        cmocka_unit_test(memory_that_runs_out_fails_and_the_failure_sticks),
        cmocka_unit_test(printing_without_memory_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
