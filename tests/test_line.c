/* Lines of the log taken apart, and the event within read back. */
#include "tests/test_support.h"

#include "proto/json_read.h"
#include "proto/record.h"
#include "proto/rfc3339.h"
#include "proto/tocsin_base.h"

#define HASH "000102030405060708090a0b0c0d0e1f"

static const char full[] =
    "{\"seq\":7,\"received\":\"2026-11-21T00:30:00.125000Z\",\"time\":\"2026-11-21T09:30:00+09:00\","
    "\"level\":\"Info\",\"category\":\"C\",\"type\":\"T\",\"sourceId\":\"s\",\"summary\":\"m\","
    "\"cause\":\"c\",\"snapshot\":{\"a\":[1,\"x\"]},\"prev\":3,\"producer\":\"p\",\"n\":9,"
    "\"batch\":5,\"hash\":\"" HASH "\"}";

struct malformed {
    const char *from;
    const char *to;
};

static const struct malformed malformed[] = {
#define MALFORMED(from, to) {from, to},
#include "tests/line_malformed.def"
#undef MALFORMED
};

/* `full` with the first `from` replaced. */
static char *full_with(const char *from, const char *to)
{
    const char *found = strstr(full, from);
    assert_non_null(found);
    size_t head = (size_t)(found - full), len = sizeof full - 1 - strlen(from) + strlen(to);
    char *line = malloc(len + 1);
    assert_non_null(line);
    memcpy(line, full, head);
    strcpy(line + head, to);
    strcat(line, found + strlen(from));
    return line;
}

/* Reads from memory of the exact size; the spans of `out` point into it and must not be followed. */
static int read_exactly(const char *text, size_t len, struct line *out)
{
    uint8_t *copy = exact_copy(span_of(text, len));
    int error = line_read(span_of(copy, len), out);
    free(copy);
    return error;
}

/* `full` with a replacement, which must be a line; to be freed. */
static char *read_full_with(const char *from, const char *to, struct line *line)
{
    char *text = full_with(from, to);
    assert_int_equal(read_exactly(text, strlen(text), line), 0);
    assert_int_equal(line_read(span_of_str(text), line), 0);
    return text;
}

static void every_part_of_a_line_is_found(void **state)
{
    (void)state;
    struct line line;
    assert_int_equal(line_read(span_of_str(full), &line), 0);
    assert_int_equal(line.seq, 7);
    assert_int_equal(line.prev, 3);
    assert_int_equal(line.received_us, UINT64_C(1795221000125000));
    assert_int_equal(line.batch, 5);
    assert_int_equal(line.n, 9);
    assert_span_equal(line.producer, "p");
    assert_span_equal(line.hash, HASH);
    assert_span_equal(line.level, "Info");
    assert_span_equal(line.category, "C");
    assert_span_equal(line.type, "T");
    assert_span_equal(line.source_id, "s");
    assert_ptr_equal(line.hashed.data, full);
    assert_int_equal(line.hashed.len, strstr(full, ",\"hash\"") - full);
    const char *members = strstr(full, "\"time\"");
    assert_ptr_equal(line.members.data, members);
    assert_int_equal(line.members.len, strstr(full, ",\"prev\"") - members);
}

static void optional_members_may_be_absent(void **state)
{
    (void)state;
    struct line line;
    char *text = read_full_with("\"cause\":\"c\",", "", &line);
    free(text);
    text = read_full_with(",\"snapshot\":{\"a\":[1,\"x\"]}", "", &line);
    free(text);
    text = read_full_with(",\"cause\":\"c\",\"snapshot\":{\"a\":[1,\"x\"]}", "", &line);
    assert_true(line.members.len > 0 && line.members.data[line.members.len - 2] == 'm');
    free(text);
    text = read_full_with(",\"producer\":\"p\",\"n\":9", "", &line);
    assert_null(line.producer.data);
    assert_int_equal(line.n, 0);
    free(text);
}

static void numbers_reach_from_the_smallest_to_the_largest(void **state)
{
    (void)state;
    struct line line;
    char *text = read_full_with("\"seq\":7", "\"seq\":1", &line);
    assert_int_equal(line.seq, 1);
    free(text);
    text = read_full_with("\"seq\":7", "\"seq\":18446744073709551615", &line);
    assert_true(line.seq == UINT64_MAX);
    free(text);
    text = read_full_with("\"prev\":3", "\"prev\":0", &line);
    assert_int_equal(line.prev, 0);
    free(text);
    text = read_full_with("\"prev\":3", "\"prev\":18446744073709551615", &line);
    assert_true(line.prev == UINT64_MAX);
    free(text);
    text = read_full_with("\"batch\":5", "\"batch\":18446744073709551615", &line);
    assert_true(line.batch == UINT64_MAX);
    free(text);
    text = read_full_with("2026-11-21T00:30:00.125000Z", "1970-01-01T00:00:00.000001Z", &line);
    assert_int_equal(line.received_us, 1);
    free(text);
    text = read_full_with("2026-11-21T00:30:00.125000Z", "9999-12-31T23:59:59.999999Z", &line);
    assert_true(line.received_us == UINT64_C(253402300799999999));
    free(text);
}

static void no_content_passes_for_a_key(void **state)
{
    (void)state;
#define TAIL "\\\",\\\"prev\\\":1,\\\"batch\\\":1,\\\"hash\\\":\\\"" HASH "\\\"}"
    static const char *const texts[] = {"\"" TAIL "\"", "\"\\\\" TAIL "\"", "\"\\\\\\\\" TAIL "\\\\\"",
                                        "\"\\n" TAIL "\""};
#undef TAIL
    struct line line;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char *text = read_full_with("\"m\"", texts[i], &line);
        assert_int_equal(line.prev, 3);
        free(text);
        text = read_full_with("{\"a\":[1,\"x\"]}", texts[i], &line);
        assert_int_equal(line.batch, 5);
        free(text);
    }
    char *text = read_full_with("{\"a\":[1,\"x\"]}", "{\"prev\":1,\"batch\":1,\"hash\":\"" HASH "\"}", &line);
    assert_int_equal(line.prev, 3);
    assert_memory_equal(span_end(line.members), ",\"prev\":3,", 10);
    free(text);
}

static void snapshots_of_every_kind_are_stepped_over(void **state)
{
    (void)state;
    static const char *const snapshots[] = {
        "null",
        "true",
        "false",
        "0",
        "-1.5e-05",
        "\"\"",
        "\"\\\\\"",
        "\"[\"",
        "\"}\"",
        "[]",
        "{}",
        "[[]]",
        "[{},{}]",
        "[null]",
        "{\"]\":\"[\"}",
        "1e+16",
        "[\"\\\"]\"]",
        "\"\\ud83d\\ude00\"",
        "\"\x7f\xc3\xa4\"",
    };
    struct line line;
    for (size_t i = 0; i < sizeof snapshots / sizeof snapshots[0]; i++) {
        char *text = read_full_with("{\"a\":[1,\"x\"]}", snapshots[i], &line);
        const uint8_t *end = span_end(line.members);
        assert_memory_equal(end - strlen(snapshots[i]), snapshots[i], strlen(snapshots[i]));
        free(text);
    }
}

static void malformed_lines_are_refused(void **state)
{
    (void)state;
    size_t count = sizeof malformed / sizeof malformed[0];
    assert_true(count >= 150);
    for (size_t i = 0; i < count; i++) {
        char *text = full_with(malformed[i].from, malformed[i].to);
        struct line line;
        int error = read_exactly(text, strlen(text), &line);
        if (error != TOCSIN_E_SYNTAX)
            fail_msg("%s for %s: %d", malformed[i].to, malformed[i].from, error);
        free(text);
    }
}

static void every_cut_of_a_line_is_refused(void **state)
{
    (void)state;
    struct line line;
    for (size_t len = 0; len < sizeof full - 1; len++)
        assert_int_equal(read_exactly(full, len, &line), TOCSIN_E_SYNTAX);
    assert_int_equal(line_read((struct span){NULL, 0}, &line), TOCSIN_E_SYNTAX);
}

static void a_nul_anywhere_is_refused(void **state)
{
    (void)state;
    struct line line;
    char text[sizeof full];
    for (size_t at = 0; at < sizeof full; at++) {
        memcpy(text, full, sizeof full);
        text[at] = '\0';
        assert_int_equal(read_exactly(text, at < sizeof full - 1 ? sizeof full - 1 : sizeof full, &line),
                         TOCSIN_E_SYNTAX);
    }
}

static void snapshots_nested_beyond_bounds_are_refused(void **state)
{
    (void)state;
    char snapshot[200];
    struct line line;
    for (size_t depth = 60; depth <= 70; depth++) {
        memset(snapshot, '[', depth);
        memset(snapshot + depth, ']', depth);
        snapshot[2 * depth] = '\0';
        char *text = full_with("{\"a\":[1,\"x\"]}", snapshot);
        assert_int_equal(read_exactly(text, strlen(text), &line), depth <= 64 ? 0 : TOCSIN_E_SYNTAX);
        free(text);
    }
}

static void what_record_write_line_writes_is_read(void **state)
{
    (void)state;
    struct text bytes, text;
    text_init(&bytes);
    text_init(&text);
    begin_event(&bytes, 7);
    put_pair(&bytes, "time", "2026-11-21T09:30:00.125+09:00");
    wire_write_str(&bytes, span_of_str("snapshot"));
    wire_write_str(&bytes, span_of_str("\",\"prev\":1"));
    struct record record = {12, 11, UINT64_C(1795221000125000), {.level = TOCSIN_LEVEL_TRACE}};
    assert_true(event_view(text_span(&bytes), &record.event));
    char received[RFC3339_US_LEN];
    rfc3339_write_us(received, record.received_us);
    struct provenance provenance = {span_of_str("ome-1"), 4, 10};
    record_write_line(&text, &record, span_of(received, sizeof received), &provenance);
    size_t hashed_len = text.len;
    text_put_str(&text, ",\"hash\":\"" HASH "\"}");

    struct line line;
    assert_int_equal(line_read(text_span(&text), &line), 0);
    assert_int_equal(line.seq, 12);
    assert_int_equal(line.prev, 11);
    assert_int_equal(line.received_us, record.received_us);
    assert_int_equal(line.batch, 10);
    assert_int_equal(line.n, 4);
    assert_span_equal(line.producer, "ome-1");
    assert_int_equal(line.hashed.len, hashed_len);
    assert_span_equal(line.source_id, "#default#app/stream");
    text_fini(&bytes);
    text_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_part_of_a_line_is_found),
        cmocka_unit_test(optional_members_may_be_absent),
        cmocka_unit_test(numbers_reach_from_the_smallest_to_the_largest),
        cmocka_unit_test(no_content_passes_for_a_key),
        cmocka_unit_test(snapshots_of_every_kind_are_stepped_over),
        cmocka_unit_test(malformed_lines_are_refused),
        cmocka_unit_test(every_cut_of_a_line_is_refused),
        cmocka_unit_test(a_nul_anywhere_is_refused),
        cmocka_unit_test(snapshots_nested_beyond_bounds_are_refused),
        cmocka_unit_test(what_record_write_line_writes_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
