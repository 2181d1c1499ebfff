/* The catalog's check of snapshots. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/catalog.h"
#include "proto/wire.h"

static const struct catalog_event *find(const char *category, const char *type)
{
    return catalog_find(span_of_str(category), span_of_str(type), span_of(NULL, 0));
}

enum { KEEP_ALL = -1 };

static void write_value(struct text *out, enum catalog_param_type type)
{
    switch (type) {
    case CATALOG_STR:
        wire_write_str(out, span_of_str("text"));
        break;
    case CATALOG_INT:
        wire_write_int(out, -1);
        break;
    case CATALOG_BOOL:
        wire_write_bool(out, false);
        break;
    case CATALOG_FLOAT:
        wire_write_double(out, 0.5);
        break;
    case CATALOG_ARRAY:
        wire_write_array(out, 1);
        wire_write_map(out, 0);
        break;
    case CATALOG_OBJECT:
        wire_write_map(out, 1);
        wire_write_str(out, span_of_str("id")); /* a name that the level above may miss */
        wire_write_uint(out, 1);
        break;
    case CATALOG_ANY:
        wire_write_nil(out);
        break;
    }
}

/* A snapshot with every parameter, last first, save one that is left out, or one that has another type. */
static void write_snapshot(struct text *out, const struct catalog_event *event, int without, int wrong)
{
    text_clear(out);
    wire_write_map(out, (uint32_t)event->param_count + 1 - (without == KEEP_ALL ? 0 : 1));
    wire_write_str(out, span_of_str("something else"));
    wire_write_map(out, 0);
    for (int i = (int)event->param_count - 1; i >= 0; i--) {
        enum catalog_param_type type = event->params[i].type;
        if (i == without)
            continue;
        wire_write_str(out, span_of_str(event->params[i].name));
        write_value(out, i != wrong ? type : type == CATALOG_STR ? CATALOG_INT : CATALOG_STR);
    }
    assert_false(out->failed);
}

static const struct catalog_param *missing(const struct catalog_event *event, struct span snapshot)
{
    struct event view = {.category = span_of_str(event->category),
                         .type = span_of_str(event->type),
                         .cause = event->cause[0] == '\0' ? span_of(NULL, 0) : span_of_str(event->cause),
                         .snapshot = snapshot};
    return catalog_missing(&view);
}

static void a_complete_snapshot_lacks_nothing(void **state)
{
    (void)state;
    struct text snapshot;
    text_init(&snapshot);
    for (size_t i = 0; i < catalog_event_count; i++) {
        write_snapshot(&snapshot, &catalog_events[i], KEEP_ALL, KEEP_ALL);
        assert_null(missing(&catalog_events[i], text_span(&snapshot)));
    }
    text_fini(&snapshot);
}

static void each_required_parameter_left_out_or_of_another_type_is_named(void **state)
{
    (void)state;
    struct text snapshot;
    text_init(&snapshot);
    for (size_t i = 0; i < catalog_event_count; i++) {
        const struct catalog_event *event = &catalog_events[i];
        for (size_t j = 0; j < event->param_count; j++) {
            const struct catalog_param *expected = event->params[j].is_required ? &event->params[j] : NULL;
            write_snapshot(&snapshot, event, (int)j, KEEP_ALL);
            assert_ptr_equal(missing(event, text_span(&snapshot)), expected);
            write_snapshot(&snapshot, event, KEEP_ALL, (int)j);
            assert_ptr_equal(missing(event, text_span(&snapshot)), expected);
        }
    }
    text_fini(&snapshot);
}

static const struct catalog_param *first_required(const struct catalog_event *event)
{
    for (size_t i = 0; i < event->param_count; i++)
        if (event->params[i].is_required)
            return &event->params[i];
    return NULL;
}

static void without_a_snapshot_the_first_required_parameter_is_missing(void **state)
{
    (void)state;
    static const uint8_t positional[] = {0x92, 0x01, 0x02};
    for (size_t i = 0; i < catalog_event_count; i++) {
        const struct catalog_event *event = &catalog_events[i];
        assert_ptr_equal(missing(event, span_of(NULL, 0)), first_required(event));
        assert_ptr_equal(missing(event, span_of(positional, sizeof positional)), first_required(event));
    }
}

static void an_optional_snapshot_may_be_absent_and_an_unknown_event_may_be_anything(void **state)
{
    (void)state;
    assert_null(missing(find("RestApiEvent", "RestApiResponded"), span_of(NULL, 0)));
    struct event unknown = {.category = span_of_str("CoreEvent"), .type = span_of_str("E_CORE_NEW")};
    assert_null(catalog_missing(&unknown));
}

/* catalog_missing sees only what has been judged; even so it must stay within the bytes. */
static void a_snapshot_cut_anywhere_is_read_within_its_bytes(void **state)
{
    (void)state;
    const struct catalog_event *event = find("StreamEvent", "PushPublishingStarted");
    struct text snapshot;
    text_init(&snapshot);
    write_snapshot(&snapshot, event, KEEP_ALL, KEEP_ALL);
    for (size_t len = 1; len < snapshot.len; len++) {
        uint8_t *cut = malloc(len);
        assert_non_null(cut);
        memcpy(cut, snapshot.data, len);
        (void)missing(event, span_of(cut, len));
        free(cut);
    }
    text_fini(&snapshot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_complete_snapshot_lacks_nothing),
        cmocka_unit_test(each_required_parameter_left_out_or_of_another_type_is_named),
        cmocka_unit_test(without_a_snapshot_the_first_required_parameter_is_missing),
        cmocka_unit_test(an_optional_snapshot_may_be_absent_and_an_unknown_event_may_be_anything),
        cmocka_unit_test(a_snapshot_cut_anywhere_is_read_within_its_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
