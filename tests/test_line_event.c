/* The event of a line of the log, read back as MessagePack. */
#include "tests/test_support.h"

#include "proto/event.h"
#include "proto/json_read.h"
#include "proto/tocsin_base.h"

#define HEAD "\"time\":\"2026-11-21T09:30:00+09:00\",\"level\":\"Info\",\"category\":\"C\",\"type\":\"T\","

static struct line line_of(const char *members)
{
    return (struct line){.members = span_of_str(members)};
}

static void assert_event(const char *members, const char *bytes, size_t len)
{
    struct text out;
    text_init(&out);
    text_put_str(&out, "kept");
    struct line line = line_of(members);
    struct json_fault fault = {0, ""};
    int error = line_read_event(&line, &out, &fault);
    if (error)
        fail_msg("%s: %d at %zu, \"%s\"", members, error, fault.offset, fault.reason);
    assert_int_equal(out.len, 4 + len);
    assert_memory_equal(out.data + 4, bytes, len);
    text_fini(&out);
}

#define ASSERT_EVENT(members, bytes) assert_event(members, bytes, sizeof(bytes) - 1)

#define HEAD_BYTES                                                                                                     \
    "\xa4time\xb9"                                                                                                     \
    "2026-11-21T09:30:00+09:00\xa5level\xa4Info\xa8"                                                                   \
    "category\xa1"                                                                                                     \
    "C\xa4type\xa1T\xa8sourceId"

static void members_become_a_map_in_the_order_of_the_log(void **state)
{
    (void)state;
    ASSERT_EVENT(HEAD "\"sourceId\":\"s\",\"summary\":\"m\"", "\x86" HEAD_BYTES "\xa1s\xa7summary\xa1m");
    ASSERT_EVENT(HEAD "\"sourceId\":\"s\",\"summary\":\"m\",\"cause\":\"c\"",
                 "\x87" HEAD_BYTES "\xa1s\xa7summary\xa1m\xa5"
                 "cause\xa1"
                 "c");
    ASSERT_EVENT(HEAD "\"sourceId\":\"s\",\"summary\":\"m\",\"snapshot\":[1,null]",
                 "\x87" HEAD_BYTES "\xa1s\xa7summary\xa1m\xa8snapshot\x92\x01\xc0");
    ASSERT_EVENT(HEAD "\"sourceId\":\"s\",\"summary\":\"m\",\"cause\":\"c\",\"snapshot\":{\"cause\":1.5}",
                 "\x88" HEAD_BYTES "\xa1s\xa7summary\xa1m\xa5"
                 "cause\xa1"
                 "c\xa8snapshot\x81\xa5"
                 "cause\xcb\x3f\xf8\0\0\0\0\0\0");
}

static void escapes_are_undone(void **state)
{
    (void)state;
    ASSERT_EVENT(HEAD "\"sourceId\":\"\\\"\\u202e\",\"summary\":\"\\\\,\\\"snapshot\\\":1\"",
                 "\x86" HEAD_BYTES "\xa4\"\xe2\x80\xae\xa7summary\xae\\,\"snapshot\":1");
}

static void a_judge_accepts_what_was_read(void **state)
{
    (void)state;
    struct text out;
    text_init(&out);
    struct line line = line_of(HEAD "\"sourceId\":\"s\",\"summary\":\"m\",\"cause\":\"c\",\"snapshot\":{\"a\":-1}");
    assert_int_equal(line_read_event(&line, &out, NULL), 0);
    struct event_judge *judge = event_judge_new(TOCSIN_EVENT_BYTES_MAX, 1);
    struct event event;
    struct refusal refusal;
    assert_int_equal(event_judge(judge, text_span(&out), &event, &refusal), out.len);
    assert_int_equal(refusal.code, TOCSIN_ACCEPTED);
    assert_span_equal(event.cause, "c");
    event_judge_free(&judge);
    text_fini(&out);
}

static void faults_are_told_from_the_start_of_the_members(void **state)
{
    (void)state;
    static const struct {
        const char *members;
        const char *fault_at; /* the fault is at the first place of this */
        const char *reason;
    } faults[] = {
        {HEAD "\"sourceId\":\"\\q\",\"summary\":\"m\"", "\\q", "unknown escape"},
        {HEAD "\"sourceId\":\"s\",\"summary\":\"\\ud800\"", "\\ud800", "lone surrogate"},
        {HEAD "\"sourceId\":\"s\",\"summary\":\"a\xff\"", "\xff", "string holds invalid UTF-8"},
        {HEAD "\"sourceId\":\"s\",\"summary\":\"m\",\"snapshot\":{\"a\":1,\"a\":2}", "\"a\":2", "repeated member name"},
        {HEAD "\"sourceId\":\"s\",\"summary\":\"m\",\"snapshot\":[1,]", "]", "expected a value"},
        {HEAD "\"sourceId\":\"s\",\"summary\":\"m\",\"snapshot\":truth", "truth", "expected a value"},
        {HEAD "\"sourceId\":\"s\",\"summary\":\"m\",\"snapshot\":{\"a\"\"b\"}", "\"b\"", "expected ':'"},
        {HEAD "\"sourceId\":\"s\",\"summary\":\"m\",\"snapshot\":[01]", "01", "malformed number"},
        {HEAD "\"sourceId\":\"s\",\"summary\":\"m\",\"snapshot\":-9223372036854775809", "-92",
         "number is out of range"},
        {HEAD "\"summary\":\"m\",\"sourceId\":\"s\"", ",\"summary\"", "no members of an event"},
        {HEAD "\"sourceId\":\"s\"", "", "no members of an event"},
        {HEAD "\"sourceId\":\"s\",\"summary\":\"m\",\"x\":1", ",\"x\"", "no members of an event"},
        {"", "", "no members of an event"},
    };
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        struct text out;
        text_init(&out);
        text_put_str(&out, "kept");
        struct line line = line_of(faults[i].members);
        struct json_fault fault = {SIZE_MAX, ""};
        assert_int_equal(line_read_event(&line, &out, &fault), TOCSIN_E_SYNTAX);
        assert_string_equal(fault.reason, faults[i].reason);
        const char *at = *faults[i].fault_at ? strstr(faults[i].members, faults[i].fault_at)
                                             : faults[i].members + strlen(faults[i].members);
        assert_int_equal(fault.offset, at - faults[i].members);
        assert_int_equal(out.len, 4);
        assert_int_equal(line_read_event(&line, &out, NULL), TOCSIN_E_SYNTAX);
        text_fini(&out);
    }
}

static void failed_memory_is_told(void **state)
{
    (void)state;
    struct text out;
    text_init(&out);
    out.failed = true;
    struct line line = line_of(HEAD "\"sourceId\":\"s\",\"summary\":\"m\"");
    assert_int_equal(line_read_event(&line, &out, NULL), TOCSIN_E_NOMEM);
    assert_int_equal(out.len, 0);
    text_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_become_a_map_in_the_order_of_the_log),
        cmocka_unit_test(escapes_are_undone),
        cmocka_unit_test(a_judge_accepts_what_was_read),
        cmocka_unit_test(faults_are_told_from_the_start_of_the_members),
        cmocka_unit_test(failed_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
