/* The bundled real events: every line is an event as the protocol has it, and known to the catalog where it should be.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/catalog.h"
#include "proto/event.h"
#include "proto/json.h"
#include "proto/json_read.h"
#include "proto/source_id.h"

static const char ome[] = TOCSIN_SOURCE_DIR "/tests/data/ome-events.log";
static const char opensips[] = TOCSIN_SOURCE_DIR "/tests/data/opensips-core-events.jsonl";

#define ROWS_MAX 128

/* What went by, row by row of the catalog. */
struct tally {
    size_t lines;
    size_t seen[ROWS_MAX];
    size_t incomplete;
};

typedef void visit_function(const struct event *event, struct tally *tally);

static void refuse(const char *path, size_t line, const char *why, struct span field)
{
    fail_msg("%s:%zu: %s %.*s", path, line, why, (int)field.len, (const char *)field.data);
}

/* The line as MessagePack in `packed`, judged. */
static void read_line(struct event_judge *judge, const char *path, size_t number, struct span line, struct text *packed,
                      struct event *event)
{
    struct json_fault fault;
    text_clear(packed);
    if (json_read_value(line, TOCSIN_DEPTH_MAX, packed, &fault) != 0)
        refuse(path, number, fault.reason, span_of("", 0));
    struct refusal refusal;
    assert_int_equal(event_judge(judge, text_span(packed), event, &refusal), packed->len);
    if (refusal.code != TOCSIN_ACCEPTED)
        refuse(path, number, "is refused:", refusal.field);
}

/* MessagePack to JSON to MessagePack is the same. */
static void assert_round_trip(const struct event *event, struct text *json, struct text *again)
{
    text_clear(json);
    text_clear(again);
    json_write_event(json, event);
    assert_int_equal(json_read_value(text_span(json), TOCSIN_DEPTH_MAX, again, NULL), 0);
    struct event copy;
    assert_true(event_view(text_span(again), &copy));
    assert_true(span_equals(copy.summary, event->summary));
    assert_true(span_equals(copy.snapshot, event->snapshot));
}

static void visit_lines(const char *path, visit_function *visit, struct tally *tally)
{
    *tally = (struct tally){0};
    assert_true(catalog_event_count <= ROWS_MAX);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    struct event_judge *judge = event_judge_new(TOCSIN_EVENT_BYTES_MAX, 1);
    assert_non_null(judge);
    struct text packed, json, again;
    text_init(&packed);
    text_init(&json);
    text_init(&again);

    char *line = NULL;
    size_t capacity = 0;
    for (ssize_t len; (len = getline(&line, &capacity, file)) > 0;) {
        assert_int_equal(line[len - 1], '\n');
        tally->lines++;
        struct event event;
        read_line(judge, path, tally->lines, span_of(line, (size_t)len - 1), &packed, &event);
        assert_round_trip(&event, &json, &again);
        const struct catalog_event *known = catalog_find(event.category, event.type, event.cause);
        if (known != NULL)
            tally->seen[known - catalog_events]++;
        tally->incomplete += catalog_missing(&event) != NULL;
        visit(&event, tally);
    }

    free(line);
    text_fini(&packed);
    text_fini(&json);
    text_fini(&again);
    event_judge_free(&judge);
    fclose(file);
}

static const struct catalog_event *known_event(const struct event *event)
{
    return catalog_find(event->category, event->type, event->cause);
}

static void check_ome(const struct event *event, struct tally *tally)
{
    (void)tally;
    const struct catalog_event *known = known_event(event);
    assert_non_null(known);
    assert_string_equal(known->world, "OvenMediaEngine");
    if (known->level_rule[0] == '\0')
        assert_int_equal(event->level, known->level);
    if (known->snapshot != CATALOG_OPTIONAL_SNAPSHOT)
        assert_int_equal(event->snapshot.data != NULL, known->snapshot == CATALOG_SNAPSHOT);
    enum source_id_kind kind = source_id_split(event->source_id).kind;
    if (span_is(event->category, "AppEvent"))
        assert_int_equal(kind, SOURCE_ID_APP);
    if (span_is(event->category, "StreamEvent"))
        assert_int_equal(kind, SOURCE_ID_STREAM);
    if (span_is(event->category, "HostEvent") || span_is(event->category, "ServerEvent"))
        assert_int_equal(kind, SOURCE_ID_NAME);
}

static void every_line_of_ovenmediaengine_is_a_known_event(void **state)
{
    (void)state;
    struct tally tally;
    visit_lines(ome, check_ome, &tally);
    assert_int_equal(tally.lines, 44);
    assert_int_equal(tally.incomplete, 0);
}

/* Rows of a later version than the specification's are not in the file. */
static void every_row_of_ovenmediaengines_specification_is_in_its_file(void **state)
{
    (void)state;
    struct tally tally;
    visit_lines(ome, check_ome, &tally);
    size_t rows = 0;
    for (size_t i = 0; i < catalog_event_count; i++)
        if (strcmp(catalog_events[i].world, "OvenMediaEngine") == 0 &&
            strcmp(catalog_events[i].since, "0.18.1.0") == 0) {
            assert_true(tally.seen[i] > 0);
            rows++;
        }
    assert_int_equal(rows, 28);
}

static void check_opensips(const struct event *event, struct tally *tally)
{
    (void)tally;
    const struct catalog_event *known = known_event(event);
    if (known == NULL) {
        assert_true(span_is(event->category, "OpenSipsEvent"));
        return;
    }
    assert_string_equal(known->world, "OpenSIPS");
    if (known->level_rule[0] == '\0')
        assert_int_equal(event->level, known->level);
    assert_int_equal(source_id_split(event->source_id).kind, SOURCE_ID_NAME);
    assert_true(event->source_id.len >= 10 && memcmp(event->source_id.data, "opensips-1", 10) == 0);
}

/* Incomplete is a status report raised by hand, with a string for its status: seen over UDP and over TCP. */
static void all_seven_core_events_of_opensips_are_in_its_file(void **state)
{
    (void)state;
    struct tally tally;
    visit_lines(opensips, check_opensips, &tally);
    for (size_t i = 0; i < catalog_event_count; i++)
        if (strcmp(catalog_events[i].world, "OpenSIPS") == 0)
            assert_true(tally.seen[i] > 0);
    assert_true(tally.lines > 200 && tally.lines <= 400);
    assert_int_equal(tally.incomplete, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_of_ovenmediaengine_is_a_known_event),
        cmocka_unit_test(every_row_of_ovenmediaengines_specification_is_in_its_file),
        cmocka_unit_test(all_seven_core_events_of_opensips_are_in_its_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
