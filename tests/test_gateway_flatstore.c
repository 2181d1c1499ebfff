/* Records out of what event_flatstore writes. */
#include <stdio.h>

#include "tests/test_support.h"

#include "client/gateway/flatstore.h"
#include "proto/tocsin_base.h"

static void check_document(const char *record, const char *expected)
{
    struct text out;
    text_init(&out);
    flatstore_put_document(&out, span_of_str(record), ',');
    text_put_char(&out, '\0');
    assert_string_equal(out.data, expected);
    text_fini(&out);
}

#define BEGIN "{\"jsonrpc\":\"2.0\",\"method\":"

static void values_of_core_events_get_names_and_types(void **state)
{
    (void)state;
    check_document("E_CORE_SR_STATUS_CHANGED,core,main,1,running,-1",
                   BEGIN "\"E_CORE_SR_STATUS_CHANGED\",\"params\":{\"group\":\"core\",\"identifier\":\"main\","
                         "\"status\":1,\"details\":\"running\",\"old_status\":-1}}");
    check_document("E_CORE_SR_STATUS_CHANGED,g,i,x,-1",
                   BEGIN "\"E_CORE_SR_STATUS_CHANGED\",\"params\":{\"group\":\"g\",\"identifier\":\"i\","
                         "\"status\":\"x\",\"old_status\":-1}}");
}

static void a_log_message_is_named_whatever_of_it_is_missing(void **state)
{
    (void)state;
    check_document("E_CORE_LOG,t,1,INFO,m", BEGIN "\"E_CORE_LOG\",\"params\":{\"time\":\"t\",\"pid\":1,"
                                                  "\"level\":\"INFO\",\"message\":\"m\"}}");
    check_document("E_CORE_LOG,t,1,INFO,p:,m", BEGIN "\"E_CORE_LOG\",\"params\":{\"time\":\"t\",\"pid\":1,"
                                                     "\"level\":\"INFO\",\"prefix\":\"p:\",\"message\":\"m\"}}");
    check_document("E_CORE_LOG,t,1,INFO,mod,f,m",
                   BEGIN "\"E_CORE_LOG\",\"params\":{\"time\":\"t\",\"pid\":1,\"level\":\"INFO\",\"module\":\"mod\","
                         "\"function\":\"f\",\"message\":\"m\"}}");
    check_document("E_CORE_LOG,t,1,INFO,mod,f,p:,m",
                   BEGIN "\"E_CORE_LOG\",\"params\":{\"time\":\"t\",\"pid\":1,\"level\":\"INFO\",\"module\":\"mod\","
                         "\"function\":\"f\",\"prefix\":\"p:\",\"message\":\"m\"}}");
    check_document("E_CORE_LOG,t,1", BEGIN "\"E_CORE_LOG\",\"params\":[\"t\",\"1\"]}");
}

static void values_of_other_events_stay_texts(void **state)
{
    (void)state;
    check_document("E_X", BEGIN "\"E_X\"}");
    check_document("E_X,", BEGIN "\"E_X\",\"params\":[\"\"]}");
    check_document("E_X,a \"b\",-4,\\\n\x01",
                   BEGIN "\"E_X\",\"params\":[\"a \\\"b\\\"\",\"-4\",\"\\\\\\u000a\\u0001\"]}");
}

static enum follow_begin begins(struct span bytes)
{
    return flatstore_begins(bytes, ',');
}

/* What a file of this content holds, where nothing more comes (`is_at_rest`) or something may. */
static void check_records(const char *content, bool is_at_rest, const char *expected)
{
    const struct follow_form form = {begins, is_at_rest ? 0 : INT64_C(3600000000000)};
    char found[4096] = "";
    struct follow_reader reader;
    struct follow_reader_line record;
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(fwrite(content, 1, strlen(content), file), strlen(content));
    fflush(file);
    follow_reader_init(&reader, &form, 8);
    follow_reader_begin(&reader, fileno(file), 0);
    while (follow_reader_peek(&reader, &record) == TOCSIN_OK) {
        size_t len = strlen(found);
        bool is_whole = record.len == record.text.len;
        snprintf(found + len, sizeof found - len, is_whole ? "%.*s|" : "%.*s+%zu|", (int)record.text.len,
                 (const char *)record.text.data, (size_t)record.len - record.text.len);
        assert_int_equal(record.offset, reader.offset);
        follow_reader_take(&reader, &record);
    }
    assert_string_equal(found, expected);
    follow_reader_fini(&reader);
    fclose(file);
}

static void a_record_ends_where_the_next_begins(void **state)
{
    (void)state;
    check_records("E_A,1\nE_B\nE_C,x\n", false, "E_A,1|E_B|");
    check_records("E_A,1\nE_B\nE_C,x\n", true, "E_A,1|E_B|E_C,x|");
    check_records("E_A,1\n2\n\nE_b\nE_B\n", true, "E_A,1\n2\n+4|E_B|");
    check_records("E_A,1\nE_", false, "");
    check_records("E_A,1\nE_LONG", false, "");
    check_records("E_A,1\nE_a", true, "");
    check_records("tail\nE_A,1\nE_B,", false, "tail|E_A,1|");
    check_records("E_A", true, "");
    check_records("", true, "");
}

static void a_record_of_any_length_ends_there_too(void **state)
{
    (void)state;
    enum { LEN = 200000 };
    char *content = calloc(1, LEN + 64);
    assert_non_null(content);
    for (size_t step = 1; step < 140; step += 3) { /* the LF, and the name behind it, cross the ends of what is read */
        size_t len = 131072 - 8 + step;
        memset(content, '\n', len); /* each might be an end */
        memcpy(content, "E_A,xxxx", 8);
        strcpy(content + len, "\nE_NEXT,1\n");
        char expected[64];
        snprintf(expected, sizeof expected, "E_A,xxxx+%zu|E_NEXT,1|", len - 8);
        check_records(content, true, expected);
    }
    free(content);
}

static void a_name_that_is_too_long_for_a_type_is_none(void **state)
{
    (void)state;
    char name[TOCSIN_TYPE_MAX + 3] = "E_";
    memset(name + 2, 'A', TOCSIN_TYPE_MAX - 2);
    assert_int_equal(begins(span_of(name, TOCSIN_TYPE_MAX)), FOLLOW_BEGIN_OPEN);
    name[TOCSIN_TYPE_MAX] = ',';
    assert_int_equal(begins(span_of(name, TOCSIN_TYPE_MAX + 1)), FOLLOW_BEGIN_YES);
    name[TOCSIN_TYPE_MAX] = 'A';
    name[TOCSIN_TYPE_MAX + 1] = ',';
    assert_int_equal(begins(span_of(name, TOCSIN_TYPE_MAX + 2)), FOLLOW_BEGIN_NO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_core_events_get_names_and_types),
        cmocka_unit_test(a_log_message_is_named_whatever_of_it_is_missing),
        cmocka_unit_test(values_of_other_events_stay_texts),
        cmocka_unit_test(a_record_ends_where_the_next_begins),
        cmocka_unit_test(a_record_of_any_length_ends_there_too),
        cmocka_unit_test(a_name_that_is_too_long_for_a_type_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
