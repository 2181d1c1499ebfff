/* Records out of what event_flatstore writes. */
#include <stdio.h>

#include "tests/test_support.h"

#include "client/gateway/flatstore.h"

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

static void check_records(const char *bytes, bool is_rest, const char *expected)
{
    char found[256] = "";
    struct span rest = span_of_str(bytes), record;
    size_t taken;
    enum flatstore_found what;
    while (rest.len > 0 && (what = flatstore_next(rest, ',', is_rest, &record, &taken)) != FLATSTORE_MORE) {
        size_t len = strlen(found);
        snprintf(found + len, sizeof found - len, "%c%.*s|", "?R-"[what], (int)record.len, (const char *)record.data);
        rest = span_of(rest.data + taken, rest.len - taken);
    }
    assert_string_equal(found, expected);
}

static void a_record_ends_where_the_next_begins(void **state)
{
    (void)state;
    check_records("E_A,1\nE_B\nE_C,x\n", false, "RE_A,1|RE_B|");
    check_records("E_A,1\nE_B\nE_C,x\n", true, "RE_A,1|RE_B|RE_C,x|");
    check_records("E_A,one\ntwo\n\nE_mail\nE_B\n", true, "RE_A,one\ntwo\n\nE_mail|RE_B|");
    check_records("E_A,1\nE_", false, "");
    check_records("E_A,1\nE_LONG", false, "");
    check_records("E_A,1\nE_a", true, "");
    check_records("tail of something\nE_A,1\nE_B,", false, "-tail of something|RE_A,1|");
    check_records("E_A", true, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_core_events_get_names_and_types),
        cmocka_unit_test(a_log_message_is_named_whatever_of_it_is_missing),
        cmocka_unit_test(values_of_other_events_stay_texts),
        cmocka_unit_test(a_record_ends_where_the_next_begins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
