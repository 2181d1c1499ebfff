/* The tracker: what each event does to the state, and what is told of it. */
#include "tests/test_support.h"

#include <inttypes.h>
#include <stdio.h>

#include "client/tracker/check.h"
#include "client/tracker/grid.h"
#include "client/tracker/publish.h"
#include "client/tracker/sr.h"
#include "client/tracker/state_table.h"
#include "proto/json_read.h"

#define T0 UINT64_C(1800000000000000)

struct world {
    struct tracker tracker;
    uint64_t seq;
    struct text snapshot;
    struct text out;
};

static struct tocsin_text text_of(const char *text)
{
    return (struct tocsin_text){text, text ? strlen(text) : 0};
}

static void begin(struct world *world)
{
    *world = (struct world){0};
    assert_true(tracker_init(&world->tracker, 1));
}

static void end(struct world *world)
{
    assert_false(world->tracker.is_short_of_memory);
    tracker_fini(&world->tracker);
    text_fini(&world->snapshot);
    text_fini(&world->out);
}

/* An event a second. `snapshot` is JSON, NULL: none. */
static void happen_at(struct world *world, uint64_t seq, const char *category, const char *type, const char *source,
                      const char *snapshot)
{
    struct tocsin_message message = {
        .kind = TOCSIN_MESSAGE_EVENT,
        .seq = seq,
        .received_us = T0 + seq * 1000000,
        .category = text_of(category),
        .type = text_of(type),
        .source_id = text_of(source),
        .summary = text_of("what happened"),
    };
    text_clear(&world->snapshot);
    if (snapshot) {
        assert_int_equal(json_read_value(span_of_str(snapshot), 32, &world->snapshot, NULL), 0);
        message.snapshot = (struct tocsin_text){world->snapshot.data, world->snapshot.len};
    }
    tracker_apply(&world->tracker, &message);
}

static void happen(struct world *world, const char *category, const char *type, const char *source,
                   const char *snapshot)
{
    happen_at(world, ++world->seq, category, type, source, snapshot);
}

static void status(struct world *world, const char *snapshot)
{
    happen(world, "CoreEvent", "E_CORE_SR_STATUS_CHANGED", "sip/g/i", snapshot);
}

static const char *ended(struct text *out)
{
    text_put_char(out, '\0');
    assert_false(out->failed);
    return out->data;
}

static const char *sr(struct world *world, enum sr_what what, const char *group, const char *identifier)
{
    struct sr_view view;
    text_clear(&world->out);
    assert_true(sr_view_init(&view, &world->tracker));
    const char *fault = sr_write(&world->out, &view, what, group, identifier, true);
    sr_view_fini(&view);
    return fault ? fault : ended(&world->out);
}

static struct state_view view_of(const struct world *world, uint64_t stale_us)
{
    return (struct state_view){&world->tracker, "", T0 + world->seq * 1000000, stale_us, true};
}

static const struct item *find(const struct world *world, enum item_kind kind, const char *source, const char *name,
                               const char *part)
{
    struct items_key key = {kind, span_of_str(source), span_of_str(name), span_of_str(part)};
    return items_find(world->tracker.items, &key);
}

/* --- OpenSIPS --- */

static void an_identifier_is_as_opensips_lists_it(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    status(&world,
           "{\"group\":\"core\",\"identifier\":\"main\",\"status\":1,\"details\":\"running\",\"old_status\":-1}");
    status(&world,
           "{\"group\":\"billing\",\"identifier\":\"main\",\"status\":-100,\"details\":\"\\u0416\",\"old_status\":1}");
    status(&world, "{\"group\":\"dispatcher\",\"identifier\":\"b\",\"status\":2,\"old_status\":1}");
    status(&world, "{\"group\":\"dispatcher\",\"identifier\":\"a\",\"status\":-1,\"old_status\":1}");
    assert_string_equal(sr(&world, SR_STATUS, NULL, NULL),
                        "[{\"Name\":\"dispatcher\",\"Identifiers\":[{\"Name\":\"a\",\"Readiness\":false,\"Status\":-1},"
                        "{\"Name\":\"b\",\"Readiness\":true,\"Status\":2}]},"
                        "{\"Name\":\"billing\",\"Identifiers\":[{\"Name\":\"main\",\"Readiness\":false,\"Status\":-100,"
                        "\"Details\":\"Ж\"}]},"
                        "{\"Name\":\"core\",\"Identifiers\":[{\"Name\":\"main\",\"Readiness\":true,\"Status\":1,"
                        "\"Details\":\"running\"}]}]");
    assert_string_equal(sr(&world, SR_STATUS, "BILLING", NULL),
                        "[{\"Name\":\"main\",\"Readiness\":false,\"Status\":-100,\"Details\":\"Ж\"}]");
    assert_string_equal(sr(&world, SR_STATUS, "core", "MAIN"),
                        "{\"Readiness\":true,\"Status\":1,\"Details\":\"running\"}");
    assert_string_equal(sr(&world, SR_STATUS, "dispatcher", "all"),
                        "{\"Readiness\":false,\"Status\":-1,\"Details\":\"aggregated\"}");
    assert_string_equal(
        sr(&world, SR_IDENTIFIERS, NULL, NULL),
        "[{\"Group\":\"dispatcher\",\"Identifiers\":[\"a\",\"b\"]},"
        "{\"Group\":\"billing\",\"Identifiers\":[\"main\"]},{\"Group\":\"core\",\"Identifiers\":[\"main\"]}]");
    assert_string_equal(sr(&world, SR_IDENTIFIERS, "core", NULL), "{\"Group\":\"core\",\"Identifiers\":[\"main\"]}");
    assert_string_equal(sr(&world, SR_REPORTS, "core", "main"),
                        "[{\"Timestamp\":1800000001,\"Date\":\"Fri Jan 15 08:00:01 2027\","
                        "\"Log\":\"status changed from -1 to 1: running\"}]");
    assert_string_equal(sr(&world, SR_STATUS, "nope", NULL), "Group not found");
    assert_string_equal(sr(&world, SR_STATUS, "core", "nope"), "Identity not found");
    assert_string_equal(sr(&world, SR_REPORTS, "core", "nope"), "Identifier not found");
    end(&world);
}

static void names_are_compared_without_regard_to_case_and_details_go_with_the_change(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    status(&world, "{\"group\":\"Billing\",\"identifier\":\"Main\",\"status\":-1,\"details\":\"db\",\"old_status\":1}");
    status(&world, "{\"group\":\"BILLING\",\"identifier\":\"main\",\"status\":7,\"old_status\":-1}");
    assert_string_equal(
        sr(&world, SR_STATUS, NULL, NULL),
        "[{\"Name\":\"Billing\",\"Identifiers\":[{\"Name\":\"Main\",\"Readiness\":true,\"Status\":7}]}]");
    const struct item *item = find(&world, ITEM_STATUS, "sip", "billing", "MAIN");
    assert_non_null(item);
    assert_int_equal(item->as.status.old_status, -1);
    assert_int_equal(item->as.status.missed, 0);
    assert_int_equal(item->since_us, T0 + 2000000);
    end(&world);
}

static void what_is_no_status_counts_for_nothing_and_is_counted(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "{\"group\":\"spoof\",\"identifier\":\"x\",\"status\":\"-1\",\"old_status\":0}",
        "{\"group\":\"g\",\"identifier\":\"x\",\"status\":1.5}",
        "{\"group\":\"g\",\"identifier\":\"x\"}",
        "{\"group\":\"\",\"identifier\":\"x\",\"status\":1}",
        "{\"identifier\":\"x\",\"status\":1}",
        "{\"group\":\"g\",\"identifier\":7,\"status\":1}",
        "[\"g\",\"x\",1]",
        NULL,
    };
    struct world world;
    begin(&world);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        status(&world, wrong[i]);
    assert_string_equal(sr(&world, SR_STATUS, NULL, NULL), "[]");
    assert_int_equal(world.tracker.malformed, sizeof wrong / sizeof *wrong);
    end(&world);
}

static void a_change_that_was_missed_shows_in_the_old_status(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    status(&world, "{\"group\":\"g\",\"identifier\":\"i\",\"status\":-1,\"old_status\":1}");
    status(&world, "{\"group\":\"g\",\"identifier\":\"i\",\"status\":-2,\"old_status\":3}");
    assert_int_equal(find(&world, ITEM_STATUS, "sip", "g", "i")->as.status.missed, 1);
    end(&world);
}

static void the_last_reports_are_kept_and_no_more(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    for (int i = 0; i < 2 * ITEMS_REPORTS_MAX + 1; i++)
        status(&world, i % 2 ? "{\"group\":\"g\",\"identifier\":\"i\",\"status\":-1,\"old_status\":1}"
                             : "{\"group\":\"g\",\"identifier\":\"i\",\"status\":1,\"old_status\":-1}");
    const struct item_status *kept = &find(&world, ITEM_STATUS, "sip", "g", "i")->as.status;
    assert_int_equal(kept->report_count, ITEMS_REPORTS_MAX);
    assert_int_equal(kept->reports[0].time_us, T0 + (ITEMS_REPORTS_MAX + 2) * UINT64_C(1000000));
    end(&world);
}

static void a_server_that_is_started_anew_makes_what_was_heard_before_doubtful(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    status(&world, "{\"group\":\"billing\",\"identifier\":\"main\",\"status\":-1,\"old_status\":1}");
    happen(&world, "CoreEvent", "E_CORE_SHM_THRESHOLD", "sip",
           "{\"usage\":95,\"threshold\":90,\"used\":9,\"size\":10}");
    happen(&world, "CoreEvent", "E_CORE_SHM_THRESHOLD", "other",
           "{\"usage\":95,\"threshold\":90,\"used\":9,\"size\":10}");
    struct state_view view = view_of(&world, 0);
    assert_int_equal(check_write(&world.out, &view), CHECK_CRITICAL);
    status(&world,
           "{\"group\":\"core\",\"identifier\":\"main\",\"status\":1,\"details\":\"running\",\"old_status\":-1}");
    assert_true(find(&world, ITEM_STATUS, "sip", "billing", "main")->as.status.is_from_before);
    assert_false(find(&world, ITEM_STATUS, "sip", "core", "main")->as.status.is_from_before);
    assert_true(find(&world, ITEM_MEMORY, "sip", "shm", "")->is_over);
    assert_false(find(&world, ITEM_MEMORY, "other", "shm", "")->is_over);
    assert_int_equal(check_write(&world.out, &view), CHECK_WARNING);
    status(&world, "{\"group\":\"billing\",\"identifier\":\"main\",\"status\":-3,\"old_status\":1}");
    assert_int_equal(find(&world, ITEM_STATUS, "sip", "billing", "main")->as.status.missed, 0);
    assert_int_equal(check_write(&world.out, &view), CHECK_CRITICAL);
    end(&world);
}

static void memory_is_above_its_threshold_until_it_is_told_to_be_below(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    happen(&world, "CoreEvent", "E_CORE_PKG_THRESHOLD", "sip",
           "{\"usage\":30,\"threshold\":30,\"used\":3,\"size\":9,\"pid\":7}");
    happen(&world, "CoreEvent", "E_CORE_PKG_THRESHOLD", "sip",
           "{\"usage\":31,\"threshold\":30,\"used\":3,\"size\":9,\"pid\":7}");
    happen(&world, "CoreEvent", "E_CORE_PKG_THRESHOLD", "sip", "{\"usage\":31,\"threshold\":30}");
    const struct item *memory = find(&world, ITEM_MEMORY, "sip", "pkg", "7");
    assert_true(memory->as.memory.is_over);
    assert_int_equal(memory->since_us, T0 + 1000000);
    assert_int_equal(world.tracker.malformed, 1);
    happen(&world, "CoreEvent", "E_CORE_PKG_THRESHOLD", "sip",
           "{\"usage\":28,\"threshold\":30,\"used\":3,\"size\":9,\"pid\":7}");
    assert_false(memory->as.memory.is_over);
    assert_int_equal(memory->since_us, T0 + 4000000);
    end(&world);
}

static void an_auto_scaling_group_counts_its_workers(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    static const char *const ups[] = {"up", "up", "down"};
    for (size_t i = 0; i < 3; i++) {
        char snapshot[160];
        snprintf(
            snapshot, sizeof snapshot,
            "{\"group_type\":\"UDP\",\"group_filter\":\"udp:a:1\",\"group_load\":%zu,\"scale\":\"%s\",\"process_id\":3,"
            "\"pid\":4}",
            60 + i, ups[i]);
        happen(&world, "CoreEvent", "E_CORE_PROC_AUTO_SCALE", "sip/UDP/udp:a:1", snapshot);
    }
    const struct item *item = find(&world, ITEM_SCALE, "sip", "UDP", "udp:a:1");
    assert_non_null(item);
    assert_int_equal(item->as.scale.up, 2);
    assert_int_equal(item->as.scale.down, 1);
    assert_int_equal(item->as.scale.load_percent, 62);
    assert_non_null(find(&world, ITEM_SOURCE, "sip", "", ""));
    end(&world);
}

/* --- OvenMediaEngine --- */

static enum item_state state_of(const struct world *world, enum item_kind kind, const char *source, const char *id)
{
    const struct item *item = find(world, kind, source, id, "");
    assert_non_null(item);
    return item->state;
}

static void a_stream_lives_from_created_over_prepared_to_deleted(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    happen(&world, "StreamEvent", "StreamCreated", "#v#a/s", NULL);
    assert_int_equal(state_of(&world, ITEM_STREAM, "#v#a/s", ""), ITEM_STATE_CREATED);
    happen(&world, "StreamEvent", "StreamPrepared", "#v#a/s", NULL);
    assert_int_equal(state_of(&world, ITEM_STREAM, "#v#a/s", ""), ITEM_STATE_PREPARED);
    happen(&world, "StreamEvent", "RecordingStarted", "#v#a/s", "{\"id\":\"r1\"}");
    happen(&world, "StreamEvent", "RecordingStarted", "#v#a/s", "{\"id\":\"r2\"}");
    happen(&world, "StreamEvent", "RecordingStopped", "#v#a/s", "{\"id\":\"r1\"}");
    happen(&world, "StreamEvent", "ScheduledChannelCreated", "#v#a/s", NULL);
    happen(&world, "StreamEvent", "ScheduledChannelItemChanged", "#v#a/s", NULL);
    assert_int_equal(state_of(&world, ITEM_RECORDING, "#v#a/s", "r1"), ITEM_STATE_STOPPED);
    assert_int_equal(state_of(&world, ITEM_RECORDING, "#v#a/s", "r2"), ITEM_STATE_RUNNING);
    happen(&world, "StreamEvent", "StreamDeleted", "#v#a/s", NULL);
    assert_int_equal(state_of(&world, ITEM_STREAM, "#v#a/s", ""), ITEM_STATE_DELETED);
    assert_int_equal(state_of(&world, ITEM_RECORDING, "#v#a/s", "r2"), ITEM_STATE_STOPPED);
    assert_int_equal(state_of(&world, ITEM_SCHEDULE, "#v#a/s", ""), ITEM_STATE_CREATED);
    happen(&world, "StreamEvent", "StreamCreated", "#v#a/s", NULL);
    assert_false(find(&world, ITEM_STREAM, "#v#a/s", "", "")->is_over);
    assert_int_equal(find(&world, ITEM_STREAM, "#v#a/s", "", "")->begun_us, T0 + world.seq * 1000000);
    happen(&world, "StreamEvent", "RecordingStarted", "#v#a/s", NULL);
    assert_int_equal(world.tracker.malformed, 1);
    end(&world);
}

static void what_is_gone_takes_along_what_was_within_it(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    happen(&world, "HostEvent", "HostCreated", "v#1", NULL);
    happen(&world, "AppEvent", "AppCreated", "#v_1#a", NULL);
    happen(&world, "AppEvent", "AppCreated", "#v_1#ab", NULL);
    happen(&world, "StreamEvent", "StreamCreated", "#v_1#a/s", NULL);
    happen(&world, "StreamEvent", "StreamCreated", "#v_1#ab/s", NULL);
    happen(&world, "StreamEvent", "StreamCreated", "#v_12#a/s", NULL);
    happen(&world, "AppEvent", "AppDeleted", "#v_1#a", NULL);
    assert_true(find(&world, ITEM_STREAM, "#v_1#a/s", "", "")->is_over);
    assert_false(find(&world, ITEM_STREAM, "#v_1#ab/s", "", "")->is_over);
    happen(&world, "HostEvent", "HostDeleted", "v#1", NULL);
    assert_true(find(&world, ITEM_STREAM, "#v_1#ab/s", "", "")->is_over);
    assert_true(find(&world, ITEM_APP, "#v_1#ab", "", "")->is_over);
    assert_false(find(&world, ITEM_STREAM, "#v_12#a/s", "", "")->is_over);
    end(&world);
}

static void a_server_that_starts_has_nothing_unless_there_are_several(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    happen(&world, "StreamEvent", "StreamCreated", "#v#a/s", NULL);
    happen(&world, "ServerEvent", "ServerStarted", "id-1", NULL);
    assert_true(find(&world, ITEM_STREAM, "#v#a/s", "", "")->is_over);
    happen(&world, "StreamEvent", "StreamCreated", "#v#a/s", NULL);
    happen(&world, "ServerEvent", "ServerStarted", "id-2", NULL);
    assert_false(find(&world, ITEM_STREAM, "#v#a/s", "", "")->is_over);
    end(&world);
}

/* --- sources --- */

static void a_source_is_silent_until_it_is_heard_of_or_gone(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    happen(&world, "CoreEvent", "E_CORE_LOG", "sip", NULL);
    happen(&world, "StreamEvent", "StreamCreated", "#v#a/s", NULL);
    happen(&world, "BrokerEvent", "BrokerStarted", "broker", NULL);
    const struct item *sip = find(&world, ITEM_SOURCE, "sip", "", ""),
                      *cam = find(&world, ITEM_SOURCE, "#v#a/s", "", "");
    assert_null(find(&world, ITEM_SOURCE, "broker", "", ""));
    uint64_t now_us = T0 + 61000000;
    assert_true(tracker_is_silent(&world.tracker, sip, now_us, 60000000));
    assert_false(tracker_is_silent(&world.tracker, sip, now_us - 1, 60000000));
    assert_false(tracker_is_silent(&world.tracker, cam, now_us, 60000000));
    assert_true(tracker_is_silent(&world.tracker, cam, now_us + 1000000, 60000000));
    assert_false(tracker_is_silent(&world.tracker, sip, now_us, 0));
    happen(&world, "StreamEvent", "StreamDeleted", "#v#a/s", NULL);
    assert_false(tracker_is_silent(&world.tracker, cam, now_us + 9000000, 60000000));
    end(&world);
}

static void the_latest_of_a_topic_that_is_known_already_only_tells_that_it_is_alive(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    happen_at(&world, 1, "StreamEvent", "StreamCreated", "#v#a/s", NULL);
    happen_at(&world, 5, "StreamEvent", "StreamPrepared", "#v#a/s", NULL);
    tracker_reach(&world.tracker, 9);
    happen_at(&world, 3, "StreamEvent", "StreamDeleted", "#v#a/s", NULL);
    happen_at(&world, 8, "StreamEvent", "Other", "#v#a/s", NULL);
    assert_int_equal(state_of(&world, ITEM_STREAM, "#v#a/s", ""), ITEM_STATE_PREPARED);
    assert_int_equal(find(&world, ITEM_SOURCE, "#v#a/s", "", "")->received_us, T0 + 8000000);
    happen_at(&world, 10, "StreamEvent", "StreamDeleted", "#v#a/s", NULL);
    assert_int_equal(state_of(&world, ITEM_STREAM, "#v#a/s", ""), ITEM_STATE_DELETED);
    end(&world);
}

/* --- bounds --- */

static void memory_is_bounded_and_what_is_forgotten_is_counted(void **state)
{
    (void)state;
    struct items *items = items_new(100, (size_t)1 << 20, 7);
    assert_non_null(items);
    for (int i = 0; i < 1000; i++) {
        char name[32];
        snprintf(name, sizeof name, "source-%d", i);
        struct items_key key = {.kind = ITEM_STREAM, .source = span_of_str(name)};
        struct item *item = items_obtain(items, &key);
        assert_non_null(item);
        items_touch(items, item, i == 950);
    }
    assert_int_equal(items_forgotten(items), 900);
    assert_int_equal(items_count(items, ITEM_STREAM, false) + items_count(items, ITEM_STREAM, true), 100);
    struct items_key over = {.kind = ITEM_STREAM, .source = span_of_str("source-950")};
    assert_null(items_find(items, &over)); /* what is over goes first */
    struct items_key kept = {.kind = ITEM_STREAM, .source = span_of_str("source-899")};
    assert_non_null(items_find(items, &kept));
    static char large[700000];
    memset(large, 'x', sizeof large);
    for (int i = 0; i < 3; i++) {
        struct items_key key = {.kind = ITEM_HOST, .source = span_of_str(i == 0 ? "a" : i == 1 ? "b" : "c")};
        struct item *item = items_obtain(items, &key);
        assert_true(items_set_text(items, item, span_of(large, sizeof large)));
        items_touch(items, item, false);
    }
    assert_int_equal(items_count(items, ITEM_HOST, false), 1);
    items_free(&items);
}

/* --- what was told --- */

#define TOLD_BAD "{\"subject\":\"status\",\"source\":\"sip\",\"name\":\"g\",\"part\":\"i\",\"ok\":false}"

static void what_was_told_is_not_told_again_until_it_changes(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    struct state_view view = view_of(&world, 0);
    status(&world, "{\"group\":\"g\",\"identifier\":\"i\",\"status\":-1,\"old_status\":1}");
    struct item *item = verdict_next_untold(&view, NULL);
    assert_non_null(item);
    assert_int_equal(item->kind, ITEM_STATUS);
    assert_null(verdict_next_untold(&view, item));
    happen(&world, "StatusEvent", "StatusChanged", "sip/g/i", TOLD_BAD);
    assert_null(verdict_next_untold(&view, NULL));
    assert_null(find(&world, ITEM_SOURCE, "sip/g/i", "", ""));
    status(&world, "{\"group\":\"g\",\"identifier\":\"i\",\"status\":1,\"old_status\":-1}");
    assert_ptr_equal(verdict_next_untold(&view, NULL), item);
    happen(&world, "StatusEvent", "StatusChanged", "sip/g/i", "{\"subject\":\"status\",\"source\":\"sip\"}");
    assert_int_equal(world.tracker.malformed, 1);
    end(&world);
}

static void a_source_that_was_told_silent_is_known_before_its_last_event_comes(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    happen_at(&world, 5, "StatusEvent", "StatusChanged", "sip",
              "{\"subject\":\"source\",\"source\":\"sip\",\"ok\":false,\"lastSeenUs\":1800000000000001}");
    const struct item *item = find(&world, ITEM_SOURCE, "sip", "", "");
    assert_true(item->is_told_bad);
    tracker_reach(&world.tracker, 9);
    happen_at(&world, 3, "CoreEvent", "E_CORE_LOG", "sip", NULL);
    assert_int_equal(item->received_us, T0 + 3000000);
    assert_true(item->is_told_bad);
    end(&world);
}

static void a_change_becomes_an_event_whatever_the_names_hold(void **state)
{
    (void)state;
    struct world world;
    struct tocsin_event *event = tocsin_event_new();
    struct text scratch = {0};
    begin(&world);
    status(&world,
           "{\"group\":\"g\\n\\u009b\",\"identifier\":\"i\",\"status\":-1,\"details\":\"a\\nb\",\"old_status\":1}");
    struct state_view view = view_of(&world, 0);
    struct item *item = verdict_next_untold(&view, NULL);
    assert_non_null(item);
    assert_int_equal(publish_compose(event, &scratch, item, true), 0);
    static char group[3000];
    memset(group, 'x', sizeof group - 1);
    memcpy(group, "{\"group\":\"", 10);
    memcpy(group + 2900, "\xd0\x96\",\"identifier\":\"i\",\"status\":-1}",
           sizeof "\xd0\x96\",\"identifier\":\"i\",\"status\":-1}");
    status(&world, group);
    item->is_told_bad = true;
    item = verdict_next_untold(&view, NULL);
    assert_non_null(item);
    assert_int_equal(publish_compose(event, &scratch, item, true), 0);
    tocsin_event_free(&event);
    text_fini(&scratch);
    end(&world);
}

/* --- telling --- */

static void a_check_names_what_is_wrong_without_breaking_its_own_line(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    struct state_view view = view_of(&world, 0);
    assert_int_equal(check_write(&world.out, &view), CHECK_UNKNOWN);
    assert_string_equal(ended(&world.out), "TOCSIN UNKNOWN - nothing was ever heard of these topics\n");
    text_clear(&world.out);
    status(&world,
           "{\"group\":\"g|h\",\"identifier\":\"i\",\"status\":-1,\"details\":\"a\\n\\u001b[31m\",\"old_status\":1}");
    assert_int_equal(check_write(&world.out, &view), CHECK_CRITICAL);
    assert_string_equal(ended(&world.out), "TOCSIN CRITICAL - sip g/h/i not ready (-1, a\\u000a\\u001b[31m) | "
                                           "not_ready=1;;0;0;1 sources=1 streams=0 recordings=0 pushes=0\n");
    end(&world);
}

static void nothing_of_an_event_reaches_the_table_raw(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    status(&world, "{\"group\":\"g\\u001b[2J\",\"identifier\":\"i\\n\",\"status\":-1,\"details\":\"\\u009b1m\\u202e\","
                   "\"old_status\":1}");
    happen(&world, "StreamEvent", "StreamCreated", "#v#a/\xe2\x80\xae", NULL);
    struct state_view view = view_of(&world, 1);
    assert_true(state_table_write(&world.out, &view, false));
    const char *table = ended(&world.out);
    assert_null(strchr(table, 0x1b));
    assert_null(strstr(table, "\xc2\x9b"));
    assert_null(strstr(table, "\xe2\x80\xae"));
    assert_non_null(strstr(table, "g\\u001b[2J"));
    end(&world);
}

static void a_screen_cuts_lines_and_keeps_colours_whole(void **state)
{
    (void)state;
    struct text out = {0};
    grid_clip(&out, span_of_str("\033[1mabc\033[0mdef\nж2345\nthird\n"), 4, 2);
    assert_string_equal(ended(&out), "\033[1mabc\033[0md\nж234");
    text_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_identifier_is_as_opensips_lists_it),
        cmocka_unit_test(names_are_compared_without_regard_to_case_and_details_go_with_the_change),
        cmocka_unit_test(what_is_no_status_counts_for_nothing_and_is_counted),
        cmocka_unit_test(a_change_that_was_missed_shows_in_the_old_status),
        cmocka_unit_test(the_last_reports_are_kept_and_no_more),
        cmocka_unit_test(a_server_that_is_started_anew_makes_what_was_heard_before_doubtful),
        cmocka_unit_test(memory_is_above_its_threshold_until_it_is_told_to_be_below),
        cmocka_unit_test(an_auto_scaling_group_counts_its_workers),
        cmocka_unit_test(a_stream_lives_from_created_over_prepared_to_deleted),
        cmocka_unit_test(what_is_gone_takes_along_what_was_within_it),
        cmocka_unit_test(a_server_that_starts_has_nothing_unless_there_are_several),
        cmocka_unit_test(a_source_is_silent_until_it_is_heard_of_or_gone),
        cmocka_unit_test(the_latest_of_a_topic_that_is_known_already_only_tells_that_it_is_alive),
        cmocka_unit_test(memory_is_bounded_and_what_is_forgotten_is_counted),
        cmocka_unit_test(what_was_told_is_not_told_again_until_it_changes),
        cmocka_unit_test(a_source_that_was_told_silent_is_known_before_its_last_event_comes),
        cmocka_unit_test(a_change_becomes_an_event_whatever_the_names_hold),
        cmocka_unit_test(a_check_names_what_is_wrong_without_breaking_its_own_line),
        cmocka_unit_test(nothing_of_an_event_reaches_the_table_raw),
        cmocka_unit_test(a_screen_cuts_lines_and_keeps_colours_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
