/* The bridge's pure parts: lanes, signatures, addresses, and what is kept over a restart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "client/alert/bridge.h"
#include "client/alert/lane.h"
#include "client/alert/reach.h"
#include "client/alert/sign.h"
#include "tests/alert_support.h"

#define S UINT64_C(1000000)

/* --- lanes --- */

static const struct target webhook = {.kind = TARGET_WEBHOOK};
static const struct receiver unlimited = {.name = "ops"};

static void make_letter(struct letter *letter, const char *alert, bool is_firing, uint64_t starts_us)
{
    static const struct labels none = {0};
    struct notice notice = {.is_firing = is_firing, .starts_us = starts_us};
    snprintf(notice.fingerprint, sizeof notice.fingerprint, "%32s", alert);
    assert_true(letter_begin(letter, notice.fingerprint, false, &none));
    assert_true(letter_add(letter, &notice));
}

static struct delivery *add_news(struct lane *lane, const char *alert, const char *id, bool is_firing)
{
    bool has_dropped = false;
    struct letter letter;
    make_letter(&letter, alert, is_firing, 1);
    struct delivery *delivery = lane_add(lane, &letter, id, 1, &has_dropped);
    assert_non_null(delivery);
    letter_fini(&letter);
    return delivery;
}

static void add(struct lane *lane, const char *alert, const char *id)
{
    add_news(lane, alert, id, true);
}

static struct delivery *begin_next(struct lane *lane, int64_t now_us)
{
    struct delivery *delivery = lane_next(lane, now_us, UINT64_MAX);
    if (delivery) {
        delivery->is_under_way = true;
        lane->under_way++;
    }
    return delivery;
}

static void an_alerts_notices_go_one_after_the_other_and_others_beside(void **state)
{
    (void)state;
    struct lane lane = {.receiver = &unlimited, .target = &webhook};
    add(&lane, "a", "1");
    add(&lane, "a", "2");
    add(&lane, "b", "3");
    struct delivery *first = begin_next(&lane, 5);
    assert_string_equal(first->id, "1");
    assert_string_equal(begin_next(&lane, 5)->id, "3");
    assert_null(begin_next(&lane, 5));
    first->is_under_way = false;
    lane.under_way--;
    first->due_us = 10;
    assert_null(begin_next(&lane, 9));
    assert_ptr_equal(begin_next(&lane, 10), first);
    lane_remove(&lane, first);
    assert_string_equal(begin_next(&lane, 10)->id, "2");
    lane_fini(&lane);
}

static void a_full_lane_drops_the_oldest_that_is_not_under_way(void **state)
{
    (void)state;
    struct lane lane = {.receiver = &unlimited, .target = &webhook};
    struct letter letter;
    bool has_dropped = false;
    char name[16];
    add(&lane, "0", "first");
    begin_next(&lane, 0);
    for (unsigned i = 1; i < LANE_NOTICES_MAX; i++) {
        snprintf(name, sizeof name, "%u", i);
        add(&lane, name, "more");
    }
    assert_int_equal(lane.dropped, 0);
    make_letter(&letter, "x", true, 1);
    assert_non_null(lane_add(&lane, &letter, "last", 0, &has_dropped));
    letter_fini(&letter);
    assert_true(has_dropped);
    assert_int_equal(lane.count, LANE_NOTICES_MAX);
    assert_int_equal(lane.notices, LANE_NOTICES_MAX);
    assert_int_equal(lane.dropped, 1);
    assert_string_equal(lane.items[0]->id, "first");
    assert_string_equal(lane.items[1]->letter.key + 31, "2");
    assert_string_equal(lane.items[lane.count - 1]->id, "last");
    lane_fini(&lane);
}

static void nothing_goes_before_it_is_settled(void **state)
{
    (void)state;
    struct lane lane = {.receiver = &unlimited, .target = &webhook};
    add_news(&lane, "a", "1", true)->number = 1;
    add_news(&lane, "b", "2", true)->number = 2;
    assert_null(lane_next(&lane, 5, 0));
    assert_string_equal(lane_next(&lane, 5, 1)->id, "1");
    lane_remove(&lane, lane.items[0]);
    assert_null(lane_next(&lane, 5, 1));
    assert_string_equal(lane_next(&lane, 5, 2)->id, "2");
    lane_fini(&lane);
}

/* --- limits --- */

static const struct receiver limited = {.name = "ops", .limit_count = 3, .limit_us = 60000000};

/* What may go goes, and is taken. Returns how many letters that were; counts the alerts in them. */
static size_t let_go(struct lane *lane, int64_t now_us, size_t *alerts)
{
    size_t count = 0;
    struct delivery *delivery;
    while ((delivery = lane_next(lane, now_us, UINT64_MAX)) != NULL) {
        *alerts += delivery->letter.count;
        lane_remove(lane, delivery);
        count++;
    }
    return count;
}

static void what_comes_faster_than_the_limit_is_told_in_one_and_none_is_lost(void **state)
{
    (void)state;
    struct lane lane = {.receiver = &limited, .target = &webhook};
    uint64_t number = 0;
    char name[16];
    size_t alerts = 0;
    for (unsigned i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%u", i);
        add(&lane, name, "single");
    }
    assert_int_equal(lane_choose(&lane, 10, &number), 0);
    assert_int_equal(let_go(&lane, 10, &alerts), 3);
    for (unsigned i = 3; i < 253; i++) {
        snprintf(name, sizeof name, "%u", i);
        add(&lane, name, "more");
    }
    assert_int_equal(lane_choose(&lane, 60000009, &number), 0);
    assert_int_equal(let_go(&lane, 60000009, &alerts), 0);
    assert_true(lane_choose(&lane, 60000010, &number) > 0);
    assert_int_equal(number, 3);
    assert_string_not_equal(lane.items[0]->id, "more");
    assert_int_equal(lane.items[0]->letter.merged, LETTER_NOTICES_MAX);
    assert_int_equal(let_go(&lane, 60000010, &alerts), 3);
    assert_int_equal(alerts, 253);
    assert_int_equal(lane.notices, 0);
    lane_fini(&lane);
}

static void of_merged_news_of_an_alert_the_last_are_told_and_the_others_counted(void **state)
{
    (void)state;
    static const struct receiver slow = {.name = "ops", .limit_count = 1, .limit_us = 60000000};
    struct lane lane = {.receiver = &slow, .target = &webhook};
    uint64_t number = 0;
    struct text remark;
    text_init(&remark);
    add(&lane, "a", "1");
    add(&lane, "b", "2");
    add_news(&lane, "a", "3", false);
    assert_int_equal(lane_choose(&lane, 1, &number), 2);
    const struct letter *letter = &lane.items[0]->letter;
    assert_int_equal(lane.count, 1);
    assert_int_equal(letter->count, 2);
    assert_int_equal(letter->merged, 3);
    assert_int_equal(letter->superseded, 1);
    assert_false(letter->notices[0].is_firing);
    assert_true(letter->notices[1].is_firing);
    letter_put_remark(&remark, letter);
    text_put_char(&remark, '\0');
    assert_string_equal(remark.data,
                        "3 notices came faster than this receiver's rate_limit allows and are one here; 1 of what "
                        "they told was replaced by later news of the same alerts.");
    text_fini(&remark);
    lane_fini(&lane);
}

static void what_was_chosen_once_stays_as_it_is_and_goes_first(void **state)
{
    (void)state;
    static const struct receiver slow = {.name = "ops", .limit_count = 1, .limit_us = 60000000};
    struct lane lane = {.receiver = &slow, .target = &webhook};
    uint64_t number = 0;
    add(&lane, "a", "1");
    lane_choose(&lane, 1, &number);
    add_news(&lane, "a", "2", false);
    add(&lane, "b", "3");
    assert_int_equal(lane_choose(&lane, 60000001, &number), 1);
    assert_int_equal(lane.count, 2);
    struct delivery *first = begin_next(&lane, 60000001);
    assert_string_equal(first->id, "1");
    assert_null(begin_next(&lane, 60000001));
    lane_remove(&lane, first);
    assert_int_equal(begin_next(&lane, 60000001)->letter.merged, 2);
    lane_fini(&lane);
}

static void alertmanagers_and_pagerduty_hear_of_each(void **state)
{
    (void)state;
    static const enum target_kind kinds[] = {TARGET_ALERTMANAGER, TARGET_PAGERDUTY};
    for (size_t i = 0; i < 2; i++) {
        struct target target = {.kind = kinds[i]};
        struct lane lane = {.receiver = &limited, .target = &target};
        uint64_t number = 0;
        size_t alerts = 0;
        for (char name[2] = "a"; *name <= 'z'; ++*name)
            add(&lane, name, "each");
        assert_int_equal(lane_choose(&lane, 1, &number), 0);
        assert_int_equal(let_go(&lane, 1, &alerts), 26);
        lane_fini(&lane);
    }
}

static void pauses_double_to_five_minutes_with_full_jitter(void **state)
{
    (void)state;
    assert_int_equal(lane_pause_us(1, 0), 0);
    assert_in_range(lane_pause_us(1, UINT32_MAX), 999999, 1000000);
    assert_in_range(lane_pause_us(3, 1u << 31), 1999999, 2000001);
    assert_in_range(lane_pause_us(9, UINT32_MAX), 255999999, 256000000);
    for (unsigned attempts = 10; attempts < 3000; attempts += 7)
        assert_in_range(lane_pause_us(attempts, UINT32_MAX), 299999990, 300000000);
}

/* --- signatures --- */

/* The example of the specification of Standard Webhooks. */
static void a_signature_is_that_of_standard_webhooks(void **state)
{
    (void)state;
    struct sign_key key;
    char signature[SIGN_SIGNATURE_MAX];
    assert_true(sign_key_read(&key, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
    sign_write(signature, &key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, span_of_str("{\"test\": 2432232314}"));
    assert_string_equal(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

static void secrets_of_another_form_or_length_are_refused(void **state)
{
    (void)state;
    struct sign_key key;
    assert_false(sign_key_read(&key, "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
    assert_false(sign_key_read(&key, "whsec_"));
    assert_false(sign_key_read(&key, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2La"));
    assert_false(sign_key_read(&key, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS!"));
}

/* --- addresses --- */

static bool is_private(const char *text)
{
    struct sockaddr_storage address = {.ss_family = strchr(text, ':') ? AF_INET6 : AF_INET};
    void *bytes = address.ss_family == AF_INET ? (void *)&((struct sockaddr_in *)&address)->sin_addr
                                               : (void *)&((struct sockaddr_in6 *)&address)->sin6_addr;
    assert_int_equal(inet_pton(address.ss_family, text, bytes), 1);
    return reach_is_private((struct sockaddr *)&address);
}

static void private_addresses_are_known_in_every_form(void **state)
{
    (void)state;
    static const char *const inside[] = {
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.255.255",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fd00::1",
        "fc00::1",
        "ff02::1",
        "::127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:db8::1",
        "2001::1",
    };
    static const char *const outside[] = {"1.1.1.1",     "9.255.255.255", "11.0.0.1",       "172.15.255.255",
                                          "172.32.0.0",  "192.167.0.1",   "100.128.0.1",    "223.255.255.255",
                                          "2606:4700::", "2a00:1450::1",  "::ffff:1.1.1.1", "64:ff9b::101:101"};
    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++) {
        if (!is_private(inside[i]))
            fail_msg("%s is taken for public", inside[i]);
    }
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
        if (is_private(outside[i]))
            fail_msg("%s is taken for private", outside[i]);
    }
    struct sockaddr local = {.sa_family = AF_UNIX};
    assert_true(reach_is_private(&local));
}

/* --- over a restart --- */

static const char all_kinds[] =
    "receivers:\n"
    "  ops: [webhook: {url: 'http://192.0.2.1/'}, alertmanager: {url: 'http://192.0.2.2/'}]\n"
    "  team: {targets: [webhook: {url: 'http://192.0.2.1/'}], group_by: [alertname], "
    "group_wait: 2500ms, group_interval: 6s}\n"
    "inhibit_rules:\n"
    "- {source_matchers: [alertname=State], target_matchers: [alertname=Each], equal: "
    "[sourceId]}\n"
    "rules:\n"
    "- {name: Each, match: {type: Bad}, keep_firing_for: 7s, receiver: ops}\n"
    "- {name: State, match: {type: Down}, clear: {type: Up}, for: 4s, receiver: ops}\n"
    "- {name: Count, match: {type: Bad}, count: {at_least: 3, within: 5s}, receiver: ops}\n"
    "- {name: Absent, match: {type: Beat}, absent: 6s, receiver: ops}\n"
    "- {name: New, match: {type: Bad}, by: [sourceId], new: 3s, receiver: team}\n"
    "- {name: Grouped, match: {type: Bad}, keep_firing_for: 3s, receiver: team}\n";

/* What the alert Each of s1 does is nobody's concern for a while. */
static void silence(struct bridge *bridge)
{
    struct silences silences;
    struct text message;
    text_init(&message);
    assert_true(silences_read(&silences,
                              span_of_str("[{\"id\":\"0123456789abcdef\",\"startsAt\":\"1970-01-01T00:00:20Z\","
                                          "\"endsAt\":\"1970-01-01T00:01:10Z\",\"matchers\":[{\"name\":\"sourceId\","
                                          "\"value\":\"s1\"},{\"name\":\"alertname\",\"value\":\"Each\"}]}]"),
                              &message));
    bridge_silence(bridge, &silences);
}

static void begin(struct bridge *bridge, const char *yaml, struct text *out)
{
    struct rules_file file;
    struct text message;
    text_init(&message);
    if (!rules_file_parse(&file, span_of_str(yaml), "rules.yaml", &message))
        fail_msg("%.*s", (int)message.len, message.data);
    assert_true(bridge_init(bridge, &file, S, S));
    bridge->out = out;
    bridge->is_json = true;
    bridge->shows_notices = true;
    silence(bridge);
}

/* Ends the bridge and goes on with a new one, of what the first has kept. */
static void restart(struct bridge *bridge, const char *yaml, struct text *out)
{
    struct text saved;
    text_init(&saved);
    bridge_save(bridge, &saved);
    bridge_fini(bridge);
    begin(bridge, yaml, out);
    struct wire_reader reader = wire_reader_of(text_span(&saved));
    assert_true(bridge_restore(bridge, &reader));
    assert_ptr_equal(reader.at, reader.end);
    text_fini(&saved);
}

/* What happens each second, from a seed. */
static void live(struct bridge *bridge, struct text *out, unsigned restart_each)
{
    static const char *const types[] = {"Bad", "Down", "Up", "Beat", "Other"};
    struct alert_support support;
    char json[256];
    unsigned number = 12345;
    alert_support_init(&support);
    for (unsigned second = 2; second < 120; second++) {
        number = number * 1103515245u + 12345u;
        snprintf(json, sizeof json,
                 "{\"level\":\"Info\",\"category\":\"C\",\"type\":\"%s\",\"sourceId\":\"s%u\",\"summary\":\"at %u\"}",
                 types[(number >> 16) % 5], (number >> 20) % 3, second);
        bridge_take(bridge, alert_support_message(&support, json, second * S), second * S);
        bridge_advance(bridge, second * S + S / 2, second * S + S / 2);
        if (restart_each > 0 && second % restart_each == 0)
            restart(bridge, all_kinds, out);
    }
    alert_support_fini(&support);
}

static void restarts_at_every_moment_change_nothing(void **state)
{
    (void)state;
    struct bridge bridge;
    struct text whole, parts;
    text_init(&whole);
    text_init(&parts);
    begin(&bridge, all_kinds, &whole);
    live(&bridge, &whole, 0);
    size_t waiting = notifier_waiting(bridge.notifier);
    bridge_fini(&bridge);
    for (unsigned each = 1; each < 8; each += 3) {
        begin(&bridge, all_kinds, &parts);
        live(&bridge, &parts, each);
        assert_int_equal(notifier_waiting(bridge.notifier), waiting);
        bridge_fini(&bridge);
        assert_int_equal(parts.len, whole.len);
        assert_memory_equal(parts.data, whole.data, whole.len);
        text_clear(&parts);
    }
    for (const char *const *name = (const char *const[]){"Each", "State", "Count", "Absent", "New", "silencedBy",
                                                         "inhibitedBy", "\"notice\"", NULL};
         *name; name++)
        if (!memmem(whole.data, whole.len, *name, strlen(*name)))
            fail_msg("%s", *name);
    text_fini(&whole);
    text_fini(&parts);
}

static void a_state_that_is_cut_short_or_altered_is_refused_or_read_but_never_breaks_anything(void **state)
{
    (void)state;
    struct bridge bridge;
    struct text saved;
    text_init(&saved);
    begin(&bridge, all_kinds, NULL);
    live(&bridge, NULL, 0);
    bridge_save(&bridge, &saved);
    bridge_fini(&bridge);
    for (size_t len = 0; len < saved.len; len += 1 + saved.len / 300) {
        struct wire_reader reader = wire_reader_of(span_of(saved.data, len));
        begin(&bridge, all_kinds, NULL);
        assert_false(bridge_restore(&bridge, &reader));
        bridge_fini(&bridge);
        saved.data[len] = (char)~saved.data[len];
        reader = wire_reader_of(text_span(&saved));
        begin(&bridge, all_kinds, NULL);
        bridge_restore(&bridge, &reader);
        bridge_fini(&bridge);
        saved.data[len] = (char)~saved.data[len];
    }
    text_fini(&saved);
}

static void a_rule_with_other_labels_ends_the_alert_and_begins_the_other(void **state)
{
    (void)state;
    struct bridge bridge;
    struct alert_support support;
    struct text out;
    text_init(&out);
    alert_support_init(&support);
    begin(&bridge, "rules:\n- {name: R, match: {type: Down}, clear: {type: Up}}\n", NULL);
    bridge_take(&bridge,
                alert_support_message(&support,
                                      "{\"level\":\"Info\",\"category\":\"C\",\"type\":\"Down\",\"sourceId\":\"s\","
                                      "\"summary\":\"x\"}",
                                      2 * S),
                2 * S);
    restart(&bridge, "rules:\n- {name: R, match: {type: Down}, clear: {type: Up}, labels: {severity: info}}\n", &out);
    text_put_char(&out, '\0');
    const char *firing = strstr(out.data, "\"status\":\"firing\""),
               *resolved = strstr(out.data, "\"status\":\"resolved\"");
    assert_true(firing && resolved && strstr(firing, "severity") && !strstr(resolved, "severity"));
    assert_int_equal(dispatch_count(bridge.dispatch), 1);
    bridge_fini(&bridge);
    alert_support_fini(&support);
    text_fini(&out);
}

static void whoever_was_told_of_an_alert_is_told_of_its_end_when_its_rule_is_gone(void **state)
{
    (void)state;
    struct bridge bridge;
    struct alert_support support;
    struct text saved;
    text_init(&saved);
    alert_support_init(&support);
    begin(&bridge, all_kinds, NULL);
    bridge_take(&bridge,
                alert_support_message(&support,
                                      "{\"level\":\"Info\",\"category\":\"C\",\"type\":\"Bad\",\"sourceId\":\"s\","
                                      "\"summary\":\"x\"}",
                                      2 * S),
                2 * S);
    assert_int_equal(notifier_waiting(bridge.notifier), 2);
    restart(&bridge, "receivers: {ops: [webhook: {url: 'http://192.0.2.1/'}]}\nrules: []\n", NULL);
    assert_int_equal(dispatch_count(bridge.dispatch), 0);
    assert_int_equal(notifier_waiting(bridge.notifier), 2); /* of the webhook */
    notifier_save(bridge.notifier, &saved);
    assert_non_null(memmem(saved.data, saved.len, "Each", 4));
    text_fini(&saved);
    bridge_fini(&bridge);
    alert_support_fini(&support);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_alerts_notices_go_one_after_the_other_and_others_beside),
        cmocka_unit_test(a_full_lane_drops_the_oldest_that_is_not_under_way),
        cmocka_unit_test(nothing_goes_before_it_is_settled),
        cmocka_unit_test(what_comes_faster_than_the_limit_is_told_in_one_and_none_is_lost),
        cmocka_unit_test(of_merged_news_of_an_alert_the_last_are_told_and_the_others_counted),
        cmocka_unit_test(what_was_chosen_once_stays_as_it_is_and_goes_first),
        cmocka_unit_test(alertmanagers_and_pagerduty_hear_of_each),
        cmocka_unit_test(pauses_double_to_five_minutes_with_full_jitter),
        cmocka_unit_test(a_signature_is_that_of_standard_webhooks),
        cmocka_unit_test(secrets_of_another_form_or_length_are_refused),
        cmocka_unit_test(private_addresses_are_known_in_every_form),
        cmocka_unit_test(restarts_at_every_moment_change_nothing),
        cmocka_unit_test(a_state_that_is_cut_short_or_altered_is_refused_or_read_but_never_breaks_anything),
        cmocka_unit_test(whoever_was_told_of_an_alert_is_told_of_its_end_when_its_rule_is_gone),
        cmocka_unit_test(a_rule_with_other_labels_ends_the_alert_and_begins_the_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
