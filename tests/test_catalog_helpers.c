/* The printed functions for C make events that the catalog knows and finds complete. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <tocsin_catalog.h>

#include "proto/catalog.h"
#include "proto/event.h"
#include "proto/json.h"

static int set_up(void **state)
{
    *state = tocsin_event_new();
    return *state == NULL;
}

static int tear_down(void **state)
{
    struct tocsin_event *event = *state;
    tocsin_event_free(&event);
    return 0;
}

/* The event encodes, is the catalog's, lacks nothing, and has this JSON image. */
static void assert_event(struct tocsin_event *event, const char *json)
{
    const uint8_t *bytes;
    size_t len;
    assert_int_equal(tocsin_event_encode(event, &bytes, &len), 0);
    struct event view;
    assert_true(event_view(span_of(bytes, len), &view));
    const struct catalog_event *known = catalog_find(view.category, view.type, view.cause);
    assert_non_null(known);
    assert_true(span_is(view.cause, known->cause));
    assert_null(catalog_missing(&view));

    struct text text;
    text_init(&text);
    json_write_event(&text, &view);
    text_put_char(&text, '\0');
    assert_false(text.failed);
    assert_string_equal(text.data, json);
    text_fini(&text);
}

static void plain_parameters_become_the_snapshot_in_their_order(void **state)
{
    struct tocsin_event *event = *state;
    assert_int_equal(tocsin_core_tcp_disconnect(event, "sip-1", "Gone", "192.0.2.7", 40312, "192.0.2.1", 5060, "tcp"),
                     0);
    assert_event(event, "{\"level\":\"Info\",\"category\":\"CoreEvent\",\"type\":\"E_CORE_TCP_DISCONNECT\","
                        "\"sourceId\":\"sip-1\",\"summary\":\"Gone\",\"snapshot\":{\"src_ip\":\"192.0.2.7\","
                        "\"src_port\":40312,\"dst_ip\":\"192.0.2.1\",\"dst_port\":5060,\"proto\":\"tcp\"}}");
}

static void units_are_in_the_names_of_parameters_and_not_of_members(void **state)
{
    struct tocsin_event *event = *state;
    const int64_t time_us = -1;
    assert_int_equal(tocsin_core_threshold(event, "sip-1", "Slow", "dns", time_us, "example.net"), 0);
    assert_event(event, "{\"level\":\"Warning\",\"category\":\"CoreEvent\",\"type\":\"E_CORE_THRESHOLD\","
                        "\"sourceId\":\"sip-1\",\"summary\":\"Slow\",\"snapshot\":{\"source\":\"dns\",\"time\":-1,"
                        "\"extra\":\"example.net\"}}");
}

static void optional_parameters_are_left_out_or_in_their_place(void **state)
{
    struct tocsin_event *event = *state;
    assert_int_equal(tocsin_core_log(event, TOCSIN_LEVEL_ERROR, "sip-1", "Oh", "Nov 21 01:32:22", 7, "ERROR", NULL,
                                     NULL, NULL, "Oh"),
                     0);
    assert_event(event,
                 "{\"level\":\"Error\",\"category\":\"CoreEvent\",\"type\":\"E_CORE_LOG\",\"sourceId\":\"sip-1\","
                 "\"summary\":\"Oh\",\"snapshot\":{\"time\":\"Nov 21 01:32:22\",\"pid\":7,\"level\":\"ERROR\","
                 "\"message\":\"Oh\"}}");
    assert_int_equal(tocsin_core_log(event, TOCSIN_LEVEL_DEBUG, "sip-1", "Oh", "Nov 21 01:32:22", 7, "DBG", "tm",
                                     "relay", "n:", "Oh"),
                     0);
    assert_event(event,
                 "{\"level\":\"Debug\",\"category\":\"CoreEvent\",\"type\":\"E_CORE_LOG\",\"sourceId\":\"sip-1\","
                 "\"summary\":\"Oh\",\"snapshot\":{\"time\":\"Nov 21 01:32:22\",\"pid\":7,\"level\":\"DBG\","
                 "\"module\":\"tm\",\"function\":\"relay\",\"prefix\":\"n:\",\"message\":\"Oh\"}}");
}

static void optional_numbers_at_the_end_are_left_out_or_there(void **state)
{
    struct tocsin_event *event = *state;
    const int64_t from = 4;
    const int64_t to = INT64_MAX;
    assert_int_equal(tocsin_broker_log_salvaged(event, "b", "Damage", "events.log.bad", 80, 3, &from, &to), 0);
    assert_event(event, "{\"level\":\"Error\",\"category\":\"BrokerEvent\",\"type\":\"LogSalvaged\",\"sourceId\":\"b\","
                        "\"summary\":\"Damage\",\"snapshot\":{\"file\":\"events.log.bad\",\"bytes\":80,\"line\":3,"
                        "\"from\":4,\"to\":9223372036854775807}}");
    assert_int_equal(tocsin_broker_log_salvaged(event, "b", "Damage", "events.log.bad", 80, 3, NULL, NULL), 0);
    assert_event(event, "{\"level\":\"Error\",\"category\":\"BrokerEvent\",\"type\":\"LogSalvaged\",\"sourceId\":\"b\","
                        "\"summary\":\"Damage\",\"snapshot\":{\"file\":\"events.log.bad\",\"bytes\":80,\"line\":3}}");
}

static void an_event_without_snapshot_needs_no_more_than_its_source_and_summary(void **state)
{
    struct tocsin_event *event = *state;
    assert_int_equal(tocsin_stream_created(event, "#default#app/cam", "Stream created"), 0);
    assert_event(event, "{\"level\":\"Info\",\"category\":\"StreamEvent\",\"type\":\"StreamCreated\","
                        "\"sourceId\":\"#default#app/cam\",\"summary\":\"Stream created\"}");
}

static void a_cause_is_set_and_a_tree_of_a_snapshot_is_the_callers_to_add(void **state)
{
    struct tocsin_event *event = *state;
    assert_int_equal(tocsin_stream_abnormal_stream_detected_b_frame_detected(event, "#v#a/s", "B-frames"), 0);
    assert_int_equal(tocsin_event_snapshot_json(event, "{\"id\":0,\"type\":\"Video\"}"), 0);
    assert_event(event, "{\"level\":\"Warning\",\"category\":\"StreamEvent\",\"type\":\"AbnormalStreamDetected\","
                        "\"sourceId\":\"#v#a/s\",\"summary\":\"B-frames\",\"cause\":\"BFrameDetected\","
                        "\"snapshot\":{\"id\":0,\"type\":\"Video\"}}");
}

static void the_first_error_is_what_comes_back(void **state)
{
    struct tocsin_event *event = *state;
    assert_int_not_equal(tocsin_core_threshold(event, "sip-1", "Slow", NULL, 1, "extra"), 0);
    assert_int_not_equal(tocsin_event_encode(event, NULL, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(plain_parameters_become_the_snapshot_in_their_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(units_are_in_the_names_of_parameters_and_not_of_members, set_up, tear_down),
        cmocka_unit_test_setup_teardown(optional_parameters_are_left_out_or_in_their_place, set_up, tear_down),
        cmocka_unit_test_setup_teardown(optional_numbers_at_the_end_are_left_out_or_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_event_without_snapshot_needs_no_more_than_its_source_and_summary, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_cause_is_set_and_a_tree_of_a_snapshot_is_the_callers_to_add, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_first_error_is_what_comes_back, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
