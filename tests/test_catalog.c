/* The catalog against the two documents that it was made from, and its search. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/catalog.h"
#include "proto/catalog_doc.h"

/* OpenSIPS's Core Events and OvenMediaEngine's Event Specification, row by row as the documents have them; behind them
 * the rows of later versions. OpenSIPS's document names no levels. */
static const struct {
    const char *category, *type, *cause;
    enum tocsin_level level;
    enum catalog_snapshot snapshot;
} documented[] = {
    {"CoreEvent", "E_CORE_THRESHOLD", "", TOCSIN_LEVEL_WARNING, CATALOG_SNAPSHOT},
    {"CoreEvent", "E_CORE_PKG_THRESHOLD", "", TOCSIN_LEVEL_WARNING, CATALOG_SNAPSHOT},
    {"CoreEvent", "E_CORE_SHM_THRESHOLD", "", TOCSIN_LEVEL_WARNING, CATALOG_SNAPSHOT},
    {"CoreEvent", "E_CORE_PROC_AUTO_SCALE", "", TOCSIN_LEVEL_INFO, CATALOG_SNAPSHOT},
    {"CoreEvent", "E_CORE_TCP_DISCONNECT", "", TOCSIN_LEVEL_INFO, CATALOG_SNAPSHOT},
    {"CoreEvent", "E_CORE_SR_STATUS_CHANGED", "", TOCSIN_LEVEL_INFO, CATALOG_SNAPSHOT},
    {"CoreEvent", "E_CORE_LOG", "", TOCSIN_LEVEL_INFO, CATALOG_SNAPSHOT},

    {"ServerEvent", "ServerStarted", "", TOCSIN_LEVEL_INFO, CATALOG_SNAPSHOT},
    {"HostEvent", "HostCreated", "", TOCSIN_LEVEL_INFO, CATALOG_SNAPSHOT},
    {"HostEvent", "HostDeleted", "", TOCSIN_LEVEL_INFO, CATALOG_NO_SNAPSHOT},
    {"AppEvent", "AppCreated", "", TOCSIN_LEVEL_INFO, CATALOG_SNAPSHOT},
    {"AppEvent", "AppDeleted", "", TOCSIN_LEVEL_INFO, CATALOG_NO_SNAPSHOT},
    {"StreamEvent", "StreamCreated", "", TOCSIN_LEVEL_INFO, CATALOG_NO_SNAPSHOT},
    {"StreamEvent", "StreamPrepared", "", TOCSIN_LEVEL_INFO, CATALOG_SNAPSHOT},
    {"StreamEvent", "StreamDeleted", "", TOCSIN_LEVEL_INFO, CATALOG_NO_SNAPSHOT},
    {"StreamEvent", "StreamCreationFailed", "DuplicatedStreamName", TOCSIN_LEVEL_ERROR, CATALOG_NO_SNAPSHOT},
    {"StreamEvent", "AbnormalStreamDetected", "BFrameDetected", TOCSIN_LEVEL_WARNING, CATALOG_SNAPSHOT},
    {"StreamEvent", "AbnormalStreamDetected", "AbnormalIncreasedTimestamp", TOCSIN_LEVEL_WARNING, CATALOG_SNAPSHOT},
    {"StreamEvent", "ScheduledChannelCreated", "", TOCSIN_LEVEL_INFO, CATALOG_SNAPSHOT},
    {"StreamEvent", "ScheduledChannelUpdated", "", TOCSIN_LEVEL_INFO, CATALOG_SNAPSHOT},
    {"StreamEvent", "ScheduledChannelDeleted", "", TOCSIN_LEVEL_INFO, CATALOG_NO_SNAPSHOT},
    {"StreamEvent", "ScheduledChannelItemChanged", "", TOCSIN_LEVEL_INFO, CATALOG_NO_SNAPSHOT},
    {"StreamEvent", "MultiplexChannelCreated", "", TOCSIN_LEVEL_INFO, CATALOG_SNAPSHOT},
    {"StreamEvent", "MultiplexChannelUpdated", "", TOCSIN_LEVEL_INFO, CATALOG_SNAPSHOT},
    {"StreamEvent", "MultiplexChannelDeleted", "", TOCSIN_LEVEL_INFO, CATALOG_NO_SNAPSHOT},
    {"StreamEvent", "RecordingStarted", "", TOCSIN_LEVEL_INFO, CATALOG_SNAPSHOT},
    {"StreamEvent", "RecordingStopped", "", TOCSIN_LEVEL_INFO, CATALOG_SNAPSHOT},
    {"StreamEvent", "PushPublishingStarted", "", TOCSIN_LEVEL_INFO, CATALOG_SNAPSHOT},
    {"StreamEvent", "PushPublishingStopped", "", TOCSIN_LEVEL_INFO, CATALOG_SNAPSHOT},
    {"StreamEvent", "HLSDumpStarted", "", TOCSIN_LEVEL_INFO, CATALOG_SNAPSHOT},
    {"StreamEvent", "HLSDumpStopped", "", TOCSIN_LEVEL_INFO, CATALOG_SNAPSHOT},
    {"RestApiEvent", "RestApiRequested", "", TOCSIN_LEVEL_INFO, CATALOG_OPTIONAL_SNAPSHOT},
    {"RestApiEvent", "RestApiResponded", "", TOCSIN_LEVEL_INFO, CATALOG_OPTIONAL_SNAPSHOT},
    {"AccessControlEvent", "VerifyingSignedPolicyFailed", "", TOCSIN_LEVEL_ERROR, CATALOG_NO_SNAPSHOT},
    {"AccessControlEvent", "VerifyingAdmissionWebhooksFailed", "", TOCSIN_LEVEL_ERROR, CATALOG_OPTIONAL_SNAPSHOT},

    {"ServerEvent", "InternalQueueCongestion", "", TOCSIN_LEVEL_INFO, CATALOG_NO_SNAPSHOT},
    {"StreamEvent", "AbnormalStreamDetected", "AbnormalFpsDetected", TOCSIN_LEVEL_WARNING, CATALOG_SNAPSHOT},
    {"StreamEvent", "AbnormalStreamDetected", "LongKeyFrameIntervalDetected", TOCSIN_LEVEL_WARNING, CATALOG_SNAPSHOT},
    {"StreamEvent", "ScheduledChannelPlaybackError", "FailedToPopPacket", TOCSIN_LEVEL_WARNING, CATALOG_NO_SNAPSHOT},
};

/* OpenSIPS's parameters in the order of the wire; ? behind those that may be absent. */
static const struct {
    const char *type, *params;
} opensips_params[] = {
    {"E_CORE_THRESHOLD", "source:str time:int extra:str"},
    {"E_CORE_PKG_THRESHOLD", "usage:int threshold:int used:int size:int pid:int"},
    {"E_CORE_SHM_THRESHOLD", "usage:int threshold:int used:int size:int"},
    {"E_CORE_PROC_AUTO_SCALE", "group_type:str group_filter:str group_load:int scale:str process_id:int pid:int"},
    {"E_CORE_TCP_DISCONNECT", "src_ip:str src_port:int dst_ip:str dst_port:int proto:str"},
    {"E_CORE_SR_STATUS_CHANGED", "group:str identifier:str status:int details:str? old_status:int"},
    {"E_CORE_LOG", "time:str pid:int level:str module:str? function:str? prefix:str? message:str"},
};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static const struct catalog_event *find(const char *category, const char *type, const char *cause)
{
    return catalog_find(span_of_str(category), span_of_str(type),
                        cause == NULL ? span_of(NULL, 0) : span_of_str(cause));
}

static size_t count_world(const char *world)
{
    size_t count = 0;
    for (size_t i = 0; i < catalog_event_count; i++)
        count += strcmp(catalog_events[i].world, world) == 0;
    return count;
}

static void every_world_has_its_rows(void **state)
{
    (void)state;
    assert_int_equal(count_world("OpenSIPS"), 7);
    assert_int_equal(count_world("OvenMediaEngine"), 28 + 4);
    assert_int_equal(count_world("Tocsin"), 17);
    assert_int_equal(COUNT_OF(documented), 7 + 28 + 4);
    assert_int_equal(catalog_event_count, COUNT_OF(documented) + 17);
}

static void every_documented_event_is_found_with_its_level_and_snapshot(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(documented); i++) {
        const struct catalog_event *event = find(documented[i].category, documented[i].type, documented[i].cause);
        assert_non_null(event);
        assert_string_equal(event->category, documented[i].category);
        assert_string_equal(event->type, documented[i].type);
        assert_string_equal(event->cause, documented[i].cause);
        assert_int_equal(event->level, documented[i].level);
        assert_int_equal(event->snapshot, documented[i].snapshot);
    }
}

static void opensips_parameters_are_those_of_the_wire(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(opensips_params); i++) {
        const struct catalog_event *event = find("CoreEvent", opensips_params[i].type, NULL);
        assert_non_null(event);
        struct text params;
        text_init(&params);
        for (size_t j = 0; j < event->param_count; j++)
            text_printf(&params, "%s%s:%s%s", j > 0 ? " " : "", event->params[j].name,
                        catalog_type_word(event->params[j].type), event->params[j].is_required ? "" : "?");
        assert_int_equal(params.len, strlen(opensips_params[i].params));
        assert_memory_equal(params.data, opensips_params[i].params, params.len);
        text_fini(&params);
    }
}

static void every_row_is_found_and_is_the_only_one_of_its_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < catalog_event_count; i++) {
        const struct catalog_event *event = &catalog_events[i];
        assert_ptr_equal(find(event->category, event->type, event->cause), event);
    }
}

static bool is_token(const char *text, size_t max)
{
    size_t len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-");
    return len > 0 && len <= max && text[len] == '\0';
}

static void names_obey_the_protocol(void **state)
{
    (void)state;
    for (size_t i = 0; i < catalog_event_count; i++) {
        const struct catalog_event *event = &catalog_events[i];
        assert_true(is_token(event->category, TOCSIN_CATEGORY_MAX));
        assert_true(is_token(event->type, TOCSIN_TYPE_MAX));
        assert_true(event->cause[0] == '\0' || is_token(event->cause, TOCSIN_CAUSE_MAX));
        assert_true(event->meaning[0] != '\0');
    }
}

static void the_events_of_a_category_are_neighbours_in_the_order_of_the_categories(void **state)
{
    (void)state;
    size_t at = 0;
    for (size_t i = 0; i < catalog_category_count; i++) {
        const struct catalog_category *category = &catalog_categories[i];
        size_t begin = at;
        for (; at < catalog_event_count && strcmp(catalog_events[at].category, category->name) == 0; at++)
            assert_string_equal(catalog_events[at].world, category->world);
        assert_true(at > begin);
    }
    assert_int_equal(at, catalog_event_count);
}

static void functions_for_c_have_names_of_their_own(void **state)
{
    (void)state;
    for (size_t i = 0; i < catalog_event_count; i++) {
        char name[CATALOG_NAME_MAX], other[CATALOG_NAME_MAX];
        catalog_function_name(name, &catalog_events[i]);
        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_"), strlen(name));
        for (size_t j = 0; j < i; j++) {
            catalog_function_name(other, &catalog_events[j]);
            assert_string_not_equal(name, other);
        }
    }
}

static void functions_for_c_are_named_after_their_events(void **state)
{
    (void)state;
    char name[CATALOG_NAME_MAX];
    catalog_function_name(name, find("StreamEvent", "StreamCreated", NULL));
    assert_string_equal(name, "tocsin_stream_created");
    catalog_function_name(name, find("StreamEvent", "HLSDumpStarted", NULL));
    assert_string_equal(name, "tocsin_stream_hls_dump_started");
    catalog_function_name(name, find("CoreEvent", "E_CORE_SR_STATUS_CHANGED", NULL));
    assert_string_equal(name, "tocsin_core_sr_status_changed");
    catalog_function_name(name, find("StreamEvent", "AbnormalStreamDetected", "BFrameDetected"));
    assert_string_equal(name, "tocsin_stream_abnormal_stream_detected_b_frame_detected");
}

static void a_cause_that_is_not_known_falls_back_to_the_type(void **state)
{
    (void)state;
    assert_ptr_equal(find("StreamEvent", "StreamCreated", "Whim"), find("StreamEvent", "StreamCreated", NULL));
    assert_ptr_equal(find("StreamEvent", "StreamCreated", ""), find("StreamEvent", "StreamCreated", NULL));
}

static void a_type_known_only_with_causes_needs_one_of_them(void **state)
{
    (void)state;
    assert_null(find("StreamEvent", "AbnormalStreamDetected", NULL));
    assert_null(find("StreamEvent", "AbnormalStreamDetected", "Whim"));
}

static void what_only_resembles_a_known_event_is_unknown(void **state)
{
    (void)state;
    assert_null(find("", "", NULL));
    assert_null(find("StreamEvent", "StreamCreate", NULL));
    assert_null(find("StreamEvent", "StreamCreatedX", NULL));
    assert_null(find("StreamEvent", "streamCreated", NULL));
    assert_null(find("StreamEvent", "StreamCreatex", NULL));
    assert_null(find("ServerEvent", "StreamCreated", NULL));
    assert_null(find("StreamEven", "tStreamCreated", NULL));
    assert_null(find("OpenSipsEvent", "E_SCRIPT", NULL));
    char longest[TOCSIN_TYPE_MAX];
    memset(longest, 'x', sizeof longest);
    for (size_t i = 0; i <= sizeof longest; i++)
        assert_null(
            catalog_find(span_of(longest, i % (TOCSIN_CATEGORY_MAX + 1)), span_of(longest, i), span_of(NULL, 0)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_world_has_its_rows),
        cmocka_unit_test(every_documented_event_is_found_with_its_level_and_snapshot),
        cmocka_unit_test(opensips_parameters_are_those_of_the_wire),
        cmocka_unit_test(every_row_is_found_and_is_the_only_one_of_its_key),
        cmocka_unit_test(names_obey_the_protocol),
        cmocka_unit_test(the_events_of_a_category_are_neighbours_in_the_order_of_the_categories),
        cmocka_unit_test(functions_for_c_have_names_of_their_own),
        cmocka_unit_test(functions_for_c_are_named_after_their_events),
        cmocka_unit_test(a_cause_that_is_not_known_falls_back_to_the_type),
        cmocka_unit_test(a_type_known_only_with_causes_needs_one_of_them),
        cmocka_unit_test(what_only_resembles_a_known_event_is_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
