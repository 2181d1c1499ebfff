/* The access table: what a file may say, and what it then means. */
#include <stdio.h>
#include <unistd.h>

#include "broker/access_file.h"
#include "broker/access_gate.h"
#include "broker/denials.h"
#include "broker/zap.h"
#include "proto/pattern.h"
#include "proto/tocsin_base.h"
#include "tests/test_support.h"

#define SIP   "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"
#define BOARD "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
#define THIRD "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs"

static const char good[] = "keys:\n"
                           "  - name: sip1\n"
                           "    public: \"" SIP "\"\n"
                           "    publish: [\"CoreEvent/sip1\", \"CoreEvent/sip1/*\", \"OpenSipsEvent/sip1*\"]\n"
                           "    producers: [\"sip1*\"]\n"
                           "    limits: {events_per_s: 5000}\n"
                           "  - name: board\n"
                           "    public: \"" BOARD "\"\n"
                           "    live: true # may open the live endpoint\n"
                           "    read: [\"StreamEvent/\", \"CoreEvent/\"]\n"
                           "    not_before: 2026-11-21T00:00:00Z\n"
                           "    not_after: 2026-11-22T00:00:00Z\n";

static struct access *parse(const char *yaml)
{
    struct access *access;
    struct text message;
    uint8_t *copy = exact_copy(span_of_str(yaml));
    text_init(&message);
    int error = access_file_parse(&access, span_of(copy, strlen(yaml)), "a.yaml", &message);
    if (error != TOCSIN_OK)
        fail_msg("%.*s", (int)message.len, message.data);
    text_fini(&message);
    free(copy);
    return access;
}

static const struct access_key *find(const struct access *access, const char *key, uint64_t now_us)
{
    return access_find(access, span_of_str(key), now_us);
}

#define DAY_US UINT64_C(1795219200000000) /* 2026-11-21 */

static void patterns_match_as_stars_say(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        const char *text;
        bool matches;
    } cases[] = {
        {"", "", true},
        {"", "a", false},
        {"*", "", true},
        {"*", "abc", true},
        {"a", "a", true},
        {"a", "ab", false},
        {"a*", "ab", true},
        {"a*", "b", false},
        {"*b", "ab", true},
        {"*b", "ba", false},
        {"a*c", "ac", true},
        {"a*c", "abbc", true},
        {"a*c", "acb", false},
        {"a*b*c", "a1b2c", true},
        {"a*b*c", "a1c2b", false},
        {"*a*", "bab", true},
        {"*aab*", "aaab", true},
        {"ab*ba", "aba", false},
        {"ab*ba", "abba", true},
        {"**", "x", true},
        {"*a*a", "a", false},
        {"CoreEvent/sip1/*", "CoreEvent/sip1", false},
        {"x/*", "x/\xc3\xa4/b", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool matches = pattern_matches(span_of_str(cases[i].pattern), span_of_str(cases[i].text));
        if (matches != cases[i].matches)
            fail_msg("%s on %s", cases[i].pattern, cases[i].text);
    }
}

static void the_file_of_the_manual_means_what_it_says(void **state)
{
    (void)state;
    struct access *access = parse(good);
    assert_int_equal(access_count(access), 2);
    const struct access_key *sip = find(access, SIP, DAY_US);
    assert_non_null(sip);
    assert_string_equal(sip->name, "sip1");
    assert_int_equal(sip->limits.events_per_s, 5000);
    assert_true(access_may_publish(sip));
    assert_false(access_may_stream(sip));
    assert_false(sip->live);
    static const struct {
        const char *category, *source_id, *field;
    } events[] = {
        {"CoreEvent", "sip1", NULL},        {"CoreEvent", "sip1/a", NULL},      {"OpenSipsEvent", "sip10", NULL},
        {"CoreEvent", "sip10", "sourceId"}, {"CoreEvent", "sip2", "sourceId"},  {"StreamEvent", "sip1", "category"},
        {"CoreEven", "t/sip1", "category"}, {"CoreEvents", "sip1", "category"}, {"coreevent", "sip1", "category"},
    };
    for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
        const char *field =
            access_forbids_event(sip, span_of_str(events[i].category), span_of_str(events[i].source_id));
        if (events[i].field)
            assert_string_equal(field, events[i].field);
        else
            assert_null(field);
    }
    assert_true(access_may_produce(sip, span_of_str("sip12")));
    assert_false(access_may_produce(sip, span_of_str("sip")));
    const struct access_key *board = find(access, BOARD, DAY_US);
    assert_non_null(board);
    assert_true(board->live && access_may_stream(board) && !access_may_publish(board) && board->replay);
    assert_true(access_may_produce(board, span_of_str("board")));
    assert_true(access_may_produce(board, span_of_str("board-7")));
    assert_false(access_may_produce(board, span_of_str("board7")));
    assert_false(access_may_produce(board, span_of_str("sip1")));
    assert_null(find(access, THIRD, DAY_US));
    access_free(&access);
}

static void a_key_is_valid_from_its_first_moment_to_before_its_last(void **state)
{
    (void)state;
    struct access *access = parse(good);
    assert_null(find(access, BOARD, DAY_US - 1));
    assert_non_null(find(access, BOARD, DAY_US));
    assert_non_null(find(access, BOARD, DAY_US + UINT64_C(86399999999)));
    assert_null(find(access, BOARD, DAY_US + UINT64_C(86400000000)));
    assert_true(access_knows(access, span_of_str(BOARD)));
    assert_non_null(find(access, SIP, 0));
    assert_non_null(find(access, SIP, UINT64_MAX - 1));
    access_free(&access);
}

static void what_may_be_read_is_where_filters_and_rights_meet(void **state)
{
    (void)state;
    struct access *access = parse("keys:\n"
                                  "  - {name: a, public: \"" SIP "\", read: [\"A/\", \"B/x\", \"C/whole\\0\"]}\n"
                                  "  - {name: b, public: \"" BOARD "\", read: [\"\"]}\n");
    const struct access_key *key = find(access, SIP, 0);
    struct span out[16];
    static const struct {
        const char *filter;
        size_t len;
        const char *expected; /* NULL: nothing */
        size_t expected_len;
    } cases[] = {
        {"A/", 2, "A/", 2},           {"A/b", 3, "A/b", 3},     {"B", 1, "B/x", 3},
        {"B/y", 3, NULL, 0},          {"B/xy", 4, "B/xy", 4},   {"Z", 1, NULL, 0},
        {"C/whole", 7, "C/whole", 8}, {"C/wholes", 8, NULL, 0}, {"C/whole", 8, "C/whole", 8},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct span filter = span_of(cases[i].filter, cases[i].len);
        size_t count = access_readable(key, &filter, 1, out);
        assert_int_equal(count > 0, cases[i].expected != NULL);
        for (size_t k = 0; k < count; k++)
            assert_true(span_equals(out[k], span_of(cases[i].expected, cases[i].expected_len)));
    }
    assert_int_equal(access_readable(key, NULL, 0, out), 3);
    struct span everything = span_of("", 0);
    assert_int_equal(access_readable(key, &everything, 1, out), 3);
    key = find(access, BOARD, 0);
    assert_true(key->reads_everything);
    access_free(&access);
}

/* What is wrong with a file, and how that is told. */
struct fault {
    const char *yaml;
    const char *line;
    const char *words;
};

static void assert_refused(const char *yaml, const char *line, const char *words)
{
    struct access *access;
    struct text message;
    text_init(&message);
    assert_int_equal(access_file_parse(&access, span_of_str(yaml), "a.yaml", &message), TOCSIN_E_SYNTAX);
    assert_null(access);
    text_put_char(&message, '\0');
    char expected[64];
    snprintf(expected, sizeof expected, "a.yaml:%s:", line);
    if (strncmp(message.data, expected, strlen(expected)) != 0 || !strstr(message.data, words))
        fail_msg("%s\n%s: %s", yaml, line, message.data);
    text_fini(&message);
}

static void assert_each_refused(const struct fault *faults, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_refused(faults[i].yaml, faults[i].line, faults[i].words);
}

#define KEY(members) "keys:\n  - {name: a, public: \"" SIP "\", " members "}\n"

static void what_is_wrong_with_a_file_is_named_with_its_line(void **state)
{
    (void)state;
    static const struct fault faults[] = {
        {"- a\n", "1", "keys:"},
        {"kees: []\n", "1", "keys, and before them maybe realms"},
        {"keys: []\nkeys: []\n", "2", "keys, and before them maybe realms"},
        {"keys: {}\n", "1", "must be a list"},
        {"keys: [a]\n", "1", "a key must stand here"},
        {"keys:\n  - name: a\n", "3", "lacks its name or its public key"},
        {"keys:\n  - public: \"" SIP "\"\n", "3", "lacks its name"},
        {"keys:\n  - name: a b\n", "2", "is no name"},
        {"keys:\n  - name: a\n    public: " SIP "x\n", "3", "is no public key"},
        {"keys:\n  - nane: a\n", "2", "did you mean name?"},
        {"keys:\n  - name: a\n    name: b\n", "3", "given twice"},
        {KEY("publish: x"), "2", "a list must stand here"},
        {KEY("publish: [[x]]"), "2", "must be single"},
        {KEY("publish: [CoreEvent]"), "2", "matches no topic"},
        {KEY("live: yes"), "2", "true or false"},
        {KEY("not_after: tomorrow"), "2", "is no time"},
        {KEY("not_after: 2026-11-21T00:00:00Z, not_before: 2026-11-21T00:00:00Z"), "2", "never valid"},
        {KEY("limits: {events: 1}"), "2", "allowed are events_per_s"},
        {KEY("limits: {events_per_s: 0}"), "2", "above 0"},
        {KEY("limits: {events_per_s: 1e9}"), "2", "above 0"},
        {KEY("limits: {events_per_s: 1, events_per_s: 1}"), "2", "twice"},
        {KEY("limits: 7"), "2", "a map must stand here"},
        {KEY("limits: {connections: 1000001}"), "2", "above 0"},
        {KEY("admin: 1"), "2", "true or false"},
        {KEY("admin: [true]"), "2", "true or false"},
        {KEY("live: &a true"), "2", "no anchor"},
        {"keys:\n  - {name: a, public: \"" SIP "\"}\n  - {name: a, public: \"" BOARD "\"}\n", "3",
         "another key has already, in line 2"},
        {"keys:\n  - {name: a, public: \"" SIP "\"}\n  - {name: b, public: \"" SIP "\"}\n", "3",
         "is that of a in line 2"},
        {"keys: []\n---\nkeys: []\n", "2", "second document"},
    };
    assert_each_refused(faults, sizeof faults / sizeof *faults);
}

static void any_damage_to_a_file_is_refused_or_read_but_never_believed_in_half(void **state)
{
    (void)state;
    char copy[sizeof good];
    struct text message;
    text_init(&message);
    for (size_t i = 0; i < 4000; i++) {
        struct access *access;
        memcpy(copy, good, sizeof good);
        for (size_t k = 0; k <= random_below(3); k++)
            copy[random_below(sizeof good - 1)] = (char)random_below(256);
        text_clear(&message);
        int error = access_file_parse(&access, span_of(copy, random_below(sizeof good)), "a.yaml", &message);
        assert_true((error == TOCSIN_OK) == (access != NULL));
        assert_true(error == TOCSIN_OK || message.len > 0);
        access_free(&access);
    }
    text_fini(&message);
}

static void many_keys_are_found_and_no_others(void **state)
{
    (void)state;
    struct access *access = access_new();
    const struct access_key *other;
    static char keys[3000][CURVE_Z85_LEN + 1];
    for (size_t i = 0; i < 3000; i++) {
        uint8_t bytes[CURVE_KEY_LEN];
        for (size_t k = 0; k < sizeof bytes; k++)
            bytes[k] = (uint8_t)random_below(256);
        curve_key_write(keys[i], bytes);
        if (i % 3 == 0)
            continue;
        struct access_key key = {.not_after = UINT64_MAX};
        memcpy(key.public_key, keys[i], sizeof keys[i]);
        assert_int_equal(access_add(access, &key, &other), TOCSIN_OK);
    }
    assert_int_equal(access_count(access), 2000);
    for (size_t i = 0; i < 3000; i++)
        assert_int_equal(find(access, keys[i], 1) != NULL, i % 3 != 0);
    assert_null(access_find(access, span_of(keys[1], 39), 1));
    access_free(&access);
}

static void a_view_sees_a_new_table_once_and_keeps_the_old_one_alive_until_then(void **state)
{
    (void)state;
    struct access_gate *gate = access_gate_new(parse(good));
    struct access_view view = {.gate = gate}, other = {.gate = gate};
    assert_true(access_view_refresh(&view));
    assert_false(access_view_refresh(&view));
    const struct access_key *sip = find(view.table, SIP, 0);
    assert_true(access_gate_replace(gate, parse("keys: []\n")));
    assert_string_equal(sip->name, "sip1");
    assert_true(access_view_refresh(&view));
    assert_null(find(view.table, SIP, 0));
    assert_true(access_view_refresh(&other));
    access_view_end(&view);
    access_view_end(&other);
    access_gate_free(&gate);
}

static const struct settings_realms realms = {
    .count = 2, .items = {{.door = "live/ops", .endpoint = "ipc://a"}, {.door = "live/public", .endpoint = "ipc://b"}}};

/* `texts` are ended by NULL. */
static void judge(const struct access *access, const char *const *texts, struct zap_verdict *verdict)
{
    struct span frames[16];
    size_t count = 0;
    for (; texts[count]; count++)
        frames[count] = span_of_str(texts[count]);
    uint8_t key[CURVE_KEY_LEN];
    if (count > 6 && curve_key_read(key, frames[6]))
        frames[6] = span_of(key, sizeof key);
    zap_judge(access, &realms, frames, count, DAY_US, verdict);
}

#define FROM_HERE(door, ...) "1.0", "1", door, "127.0.0.1", "", __VA_ARGS__

static const char realms_file[] = "realms:\n"
                                  "  - name: ops\n"
                                  "    topics: [\"StreamEvent/\", \"CoreEvent/sip1\\0\"]\n"
                                  "  - {name: public, topics: [\"StreamEvent/#default#\"]}\n"
                                  "keys:\n"
                                  "  - {name: a, public: \"" SIP "\", live: [public]}\n"
                                  "  - {name: b, public: \"" BOARD "\", live: true}\n";

static bool has(const struct access *access, const char *realm, const char *topic)
{
    return prefix_set_has(access_find_realm(access, span_of_str(realm))->topics, span_of_str(topic));
}

static void a_realm_has_its_topics_and_opens_for_those_who_name_it(void **state)
{
    (void)state;
    struct access *access = parse(realms_file);
    assert_true(has(access, "ops", "StreamEvent/x"));
    assert_true(has(access, "ops", "CoreEvent/sip1"));
    assert_false(has(access, "ops", "CoreEvent/sip10"));
    assert_false(has(access, "public", "StreamEvent/x"));
    const struct access_key *a = find(access, SIP, 0), *b = find(access, BOARD, 0);
    assert_true(access_may_open(a, "live/public"));
    assert_false(access_may_open(a, "live/ops"));
    assert_false(access_may_open(a, "live"));
    assert_true(access_may_open(b, "live/ops"));
    assert_true(access_may_open(b, "live"));
    struct zap_verdict verdict;
    judge(access, (const char *const[]){FROM_HERE("live/public", "CURVE", SIP), NULL}, &verdict);
    assert_string_equal(verdict.status, "200");
    assert_string_equal(verdict.door, "live/public");
    judge(access, (const char *const[]){FROM_HERE("live/ops", "CURVE", SIP), NULL}, &verdict);
    assert_string_equal(verdict.reason, "this door is not for that key");
    judge(access, (const char *const[]){FROM_HERE("live/other", "CURVE", BOARD), NULL}, &verdict);
    assert_string_equal(verdict.reason, "unknown domain");
    access_free(&access);
}

static void a_realm_with_a_fault_is_refused_where_it_stands(void **state)
{
    (void)state;
    static const struct fault faults[] = {
        {"keys: []\nrealms: []\n", "2", "must stand before the keys"},
        {"realms: []\nrealms: []\n", "2", "keys, and before them maybe realms"},
        {"realms: {}\n", "1", "realms must be a list"},
        {"realms:\n  - name: a\n", "3", "lacks its name or its topics"},
        {"realms:\n  - topics: [a]\n", "3", "lacks its name or its topics"},
        {"realms:\n  - {name: a, topics: []}\n", "2", "lacks its name or its topics"},
        {"realms:\n  - {name: a b, topics: [a]}\n", "2", "is no name"},
        {"realms:\n  - {name: a, name: b}\n", "2", "is given twice"},
        {"realms:\n  - {name: a, topic: [b]}\n", "2", "did you mean topics"},
        {"realms:\n  - {name: a, topics: [b]}\n  - {name: a, topics: [b]}\n", "3", "another realm"},
        {"realms:\n  - {name: ops, topics: [b]}\nkeys:\n  - {name: a, live: [opz]}\n", "4",
         "is no realm: they stand before the keys (did you mean ops?)"},
        {"keys:\n  - {name: a, live: {}}\n", "2", "true, false or a list of realms"},
    };
    assert_each_refused(faults, sizeof faults / sizeof *faults);
    char many[1000] = "realms:\n";
    for (int i = 0; i < 9; i++)
        snprintf(many + strlen(many), sizeof many - strlen(many), "  - {name: r%d, topics: [a]}\n", i);
    assert_refused(many, "10", "one realm more than 8");
}

static void the_handler_lets_in_whom_the_file_names_at_the_doors_that_are_theirs(void **state)
{
    (void)state;
    struct access *access = parse(good);
    static const struct {
        const char *frames[9]; /* ended by NULL */
        const char *status;
    } cases[] = {
        {{FROM_HERE("ingest", "CURVE", SIP)}, "200"},
        {{FROM_HERE("append", "CURVE", SIP)}, "200"},
        {{FROM_HERE("live", "CURVE", SIP)}, "400"},
        {{FROM_HERE("stream", "CURVE", SIP)}, "400"},
        {{FROM_HERE("live", "CURVE", BOARD)}, "200"},
        {{FROM_HERE("stream", "CURVE", BOARD)}, "200"},
        {{FROM_HERE("ingest", "CURVE", BOARD)}, "400"},
        {{FROM_HERE("ingest", "CURVE", THIRD)}, "400"},
        {{FROM_HERE("", "CURVE", SIP)}, "400"},
        {{FROM_HERE("global", "CURVE", SIP)}, "400"},
        {{FROM_HERE("ingest", "NULL")}, "400"},
        {{FROM_HERE("ingest", "PLAIN", "admin", "x")}, "400"},
        {{FROM_HERE("ingest", "GSSAPI", SIP)}, "400"},
        {{FROM_HERE("ingest", "CURVE")}, "500"},
        {{FROM_HERE("ingest", "CURVE", "short")}, "500"},
        {{FROM_HERE("ingest", "CURVE", SIP, SIP)}, "500"},
        {{"1.1", "1", "ingest", "127.0.0.1", "", "CURVE", SIP}, "500"},
        {{"1.0", "1", "ingest"}, "500"},
        {{""}, "500"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct zap_verdict verdict;
        judge(access, cases[i].frames, &verdict);
        if (strcmp(verdict.status, cases[i].status) != 0)
            fail_msg("case %zu: %s %s", i, verdict.status, verdict.reason);
    }
    access_free(&access);
}

static void denials_are_summed_up_and_told_again_only_after_a_while(void **state)
{
    (void)state;
    struct denials denials;
    struct denial out;
    denials_init(&denials);
    struct denial one = {.door = "ingest", .reason = "unknown key", .count = 1};
    denial_put(one.key, sizeof one.key, span_of_str(SIP));
    denial_put(one.address, sizeof one.address, span_of_str("127.0.0.1"));
    assert_false(denials_next(&denials, 1, &out));
    denials_note(&denials, &one);
    denials_note(&denials, &one);
    assert_true(denials_next(&denials, 1, &out));
    assert_int_equal(out.count, 2);
    assert_string_equal(out.key, SIP);
    denials_note(&denials, &one);
    assert_false(denials_next(&denials, DENIALS_REPEAT_US, &out));
    assert_true(denials_next(&denials, DENIALS_REPEAT_US + 1, &out));
    assert_int_equal(out.count, 1);
    for (unsigned i = 0; i < 500; i++) {
        snprintf(one.address, sizeof one.address, "10.0.0.%u", i);
        denials_note(&denials, &one);
    }
    uint64_t told = 0, kinds = 0;
    while (denials_next(&denials, DENIALS_REPEAT_US + 2, &out)) {
        told += out.count;
        kinds++;
    }
    assert_int_equal(told, 500);
    assert_true(kinds <= DENIALS_MAX);
    char small[4];
    denial_put(small, sizeof small, span_of_str("abcdef"));
    assert_string_equal(small, "abc");
    denials_fini(&denials);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_match_as_stars_say),
        cmocka_unit_test(the_file_of_the_manual_means_what_it_says),
        cmocka_unit_test(a_key_is_valid_from_its_first_moment_to_before_its_last),
        cmocka_unit_test(what_may_be_read_is_where_filters_and_rights_meet),
        cmocka_unit_test(what_is_wrong_with_a_file_is_named_with_its_line),
        cmocka_unit_test(any_damage_to_a_file_is_refused_or_read_but_never_believed_in_half),
        cmocka_unit_test(many_keys_are_found_and_no_others),
        cmocka_unit_test(a_view_sees_a_new_table_once_and_keeps_the_old_one_alive_until_then),
        cmocka_unit_test(a_realm_has_its_topics_and_opens_for_those_who_name_it),
        cmocka_unit_test(a_realm_with_a_fault_is_refused_where_it_stands),
        cmocka_unit_test(the_handler_lets_in_whom_the_file_names_at_the_doors_that_are_theirs),
        cmocka_unit_test(denials_are_summed_up_and_told_again_only_after_a_while),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
