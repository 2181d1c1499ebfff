/* The lines of proto/vectors/log taken apart, and the chain through them. */
#include "tests/test_support.h"
#include "tests/vector_support.h"

#include "broker/chain.h"
#include "proto/event.h"
#include "proto/json.h"
#include "proto/json_read.h"

#define HASH_MEMBER_LEN (strlen(",\"hash\":\"\"}") + CHAIN_HEX_LEN)

static void expect_same(const char *what, struct span found, struct span wanted)
{
    if (!span_equals(found, wanted))
        fail_msg("%s: %s\n  is     %.*s\n  not    %.*s", vector_path, what, (int)found.len, (const char *)found.data,
                 (int)wanted.len, (const char *)wanted.data);
}

/* The event of the line as MessagePack has the text that stands in the line. */
static void check_event(const struct line *line)
{
    struct text event, members;
    text_init(&event);
    text_init(&members);
    assert_int_equal(line_read_event(line, &event, NULL), 0);
    struct event view;
    assert_true(event_view(text_span(&event), &view));
    json_write_members(&members, &view);
    expect_same("members", text_span(&members), line->members);
    text_fini(&event);
    text_fini(&members);
}

static void check_line(const json_t *vector)
{
    struct span text = vector_span(vector, "line");
    uint8_t *copy = exact_copy(text);
    struct line line;
    if (line_read(span_of(copy, text.len), &line) != 0)
        fail_msg("%s: a line is not read: %s", vector_path, text.data);
    assert_true(line.seq == vector_uint(vector, "seq"));
    assert_true(line.prev == vector_uint(vector, "prev"));
    assert_true(line.batch == vector_uint(vector, "batch"));
    assert_true(line.received_us == vector_uint(vector, "received_us"));
    if (json_is_null(json_object_get(vector, "producer"))) {
        assert_null(line.producer.data);
        assert_true(line.n == 0);
    } else {
        expect_same("producer", line.producer, vector_span(vector, "producer"));
        assert_true(line.n == vector_uint(vector, "n"));
    }
    expect_same("hashed", line.hashed, span_of(text.data, text.len - HASH_MEMBER_LEN));
    expect_same("hash", line.hash, span_of(text.data + text.len - 2 - CHAIN_HEX_LEN, CHAIN_HEX_LEN));
    check_event(&line);
    free(copy);
}

static void check_lines(const json_t *vector, void *arg)
{
    (void)arg;
    size_t i;
    const json_t *line;
    json_array_foreach(json_object_get(vector, "lines"), i, line) check_line(line);
    assert_true(i > 0);
}

static void every_line_is_taken_apart(void **state)
{
    (void)state;
    assert_true(for_each_vector("log", check_lines, NULL) >= 5);
}

static void expect_hash(const json_t *vector, const char *key, const uint8_t hash[CHAIN_HASH_LEN])
{
    char hex[CHAIN_FULL_HEX_LEN];
    chain_write_full_hex(hex, hash);
    expect_same(key, span_of(hex, sizeof hex), vector_span(vector, key));
}

static void check_chain(const json_t *vector, void *arg)
{
    (void)arg;
    uint8_t hash[CHAIN_HASH_LEN];
    chain_start(hash, vector_span(vector, "log_id"));
    expect_hash(vector, "start", hash);
    struct text file;
    text_init(&file);
    size_t i;
    const json_t *line;
    json_array_foreach(json_object_get(vector, "lines"), i, line)
    {
        struct span wanted = vector_span(line, "line");
        size_t start = file.len;
        text_put(&file, wanted.data, wanted.len - HASH_MEMBER_LEN);
        chain_end_line(hash, &file, start);
        assert_int_equal(file.len, start + wanted.len + 1);
        assert_int_equal(file.data[file.len - 1], '\n');
        expect_same("line", span_of(file.data + start, wanted.len), wanted);
    }
    expect_hash(vector, "end", hash);
    text_fini(&file);
}

static void every_chain_comes_to_the_hash_that_it_should(void **state)
{
    (void)state;
    assert_true(for_each_vector("log", check_chain, NULL) >= 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_is_taken_apart),
        cmocka_unit_test(every_chain_comes_to_the_hash_that_it_should),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
