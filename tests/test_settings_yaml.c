/* The configuration file: what it may say, and what is said of files that may not, to the column. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "broker/settings_table.h"
#include "tests/settings_support.h"

struct bad {
    const char *yaml;
    size_t len;
    const char *position;
    const char *reason; /* the beginning of what follows the position */
};

#define BAD(yaml, position, reason)                                                                                    \
    {                                                                                                                  \
        yaml, sizeof(yaml) - 1, position, reason                                                                       \
    }
#define NO_YAML  "this is no YAML: "
#define FORM     "the file must hold lines of the form `name: value`"
#define LIST     "must be single, no list; what begins with [ needs quotes, as \"[::1]:8560\""
#define MAP      "must be single, no map"
#define ONE_LINE "is not allowed: a value is UTF-8 text on one line, without control characters"

static void assert_all_refused(const struct bad *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct loaded loaded;
        char expected[512];
        load_yaml(&loaded, cases[i].yaml, cases[i].len);
        snprintf(expected, sizeof expected, "c.yaml:%s: %s", cases[i].position, cases[i].reason);
        if (loaded.error != TOCSIN_E_SYNTAX || strncmp(loaded.message, expected, strlen(expected)) != 0)
            fail_msg("%s\nshould be refused with %s\nand was answered %s", cases[i].yaml, expected, loaded.message);
        loaded_fini(&loaded);
    }
}
#define ASSERT_ALL_REFUSED(cases) assert_all_refused(cases, sizeof(cases) / sizeof *(cases))

static void what_is_no_yaml_is_refused_where_it_breaks(void **state)
{
    (void)state;
    static const struct bad cases[] = {
        BAD("name: \"a", "1:9",
            NO_YAML "found unexpected end of stream (while scanning a quoted scalar that begins in line 1)"),
        BAD("sync: none\nname: 'a\n\n", "4:1", NO_YAML),
        BAD("name: \"\\q\"", "1:8", NO_YAML),
        BAD("name: \"\\x4\"", "1:10", NO_YAML),
        BAD("name: \"\\ud800\"", "1:10", NO_YAML),
        BAD("name: \"\\U00110000\"", "1:10", NO_YAML),
        BAD("name: a\nlog-zone", "3:1",
            NO_YAML "could not find expected ':' (while scanning a simple key that begins in line 2)"),
        BAD("\tname: a", "1:1", NO_YAML),
        BAD("name:\ta\n\tsync: none", "2:1", NO_YAML),
        BAD("name: a: b", "1:8", NO_YAML),
        BAD("name: @a", "1:7", NO_YAML),
        BAD("name: `a", "1:7", NO_YAML),
        BAD("name: %a", "1:7", NO_YAML),
        BAD("name: |bad\n a", "1:8", NO_YAML),
        BAD("name: |0\n a", "1:8", NO_YAML),
        BAD("name: *", "1:8", NO_YAML),
        BAD("name: &", "1:8", NO_YAML),
        BAD("name: !<", "1:9", NO_YAML),
        BAD("name: ]", "1:7", NO_YAML),
        BAD("name: }", "1:7", NO_YAML),
        BAD("name: ,", "1:7", NO_YAML),
        BAD(": a", "1:1", NO_YAML),
        BAD("{name: a", "2:1", NO_YAML),
        BAD("{name: a]", "1:9", NO_YAML),
        BAD("name: a\n  }", "1:7", "name: \"a }\" is no name"),
        BAD("%YAML 3.0\n---\nname: a", "1:1", NO_YAML),
        BAD("%YAML 1.1\n%YAML 1.1\n---\nname: a", "2:1", NO_YAML),
        BAD("%YAML 1.1\nname: a", "2:1", NO_YAML),
        BAD("%\n", "1:2", NO_YAML),
        BAD("name: a\n...\nlog-zone: utc", "3:1", NO_YAML),
    };
    ASSERT_ALL_REFUSED(cases);
}

static void bytes_that_are_no_text_are_refused_where_they_stand(void **state)
{
    (void)state;
    static const struct bad cases[] = {
        BAD("name: a\n\xff\xfe", "2:1", NO_YAML),
        BAD("name: \xc3", "1:7", NO_YAML),
        BAD("name: \xc0\xaf", "1:7", NO_YAML),
        BAD("name: \xed\xa0\x80", "1:7", NO_YAML),
        BAD("name: \xf4\x90\x80\x80", "1:7", NO_YAML),
        BAD("# \xc3\xa4\xc3\xb6\nname: \xc3\xa4\x80", "2:8", NO_YAML),
        BAD("name: a\0b", "1:8", NO_YAML),
        BAD("\0", "1:1", NO_YAML),
        BAD("name: a\x1b[31m", "1:8", NO_YAML),
        BAD("name: a\x7f", "1:8", NO_YAML),
        BAD("name: a\xef\xbf\xbe", "1:8", NO_YAML),
        BAD("\xff\xfen\0a\0m\0e\0", "1:1", NO_YAML), /* UTF-16 */
    };
    ASSERT_ALL_REFUSED(cases);
}

static void only_one_map_of_settings_is_taken(void **state)
{
    (void)state;
    static const struct bad cases[] = {
        BAD("name", "1:1", FORM),
        BAD("name a", "1:1", FORM),
        BAD("  # so\n  42", "2:3", FORM),
        BAD("\"\"", "1:1", FORM),
        BAD("- name: a", "1:1", FORM),
        BAD("- name: a\nname: b", "1:1", FORM),
        BAD("[]", "1:1", FORM),
        BAD("[name, a]", "1:1", FORM),
        BAD("!!str", "1:1", FORM),
        BAD("&x", "1:1", FORM),
        BAD("*a", "1:1", FORM),
        BAD("&a\nname: b", "1:1", "anchors (&) and tags (!) are not allowed"),
        BAD("&a {name: b}", "1:1", "anchors (&) and tags (!) are not allowed"),
        BAD("!!map {name: b}", "1:1", "anchors (&) and tags (!) are not allowed"),
        BAD("--- !t\nname: b", "1:5", "anchors (&) and tags (!) are not allowed"),
        BAD("---\nname: a\n--- \nname: b", "3:1", "a second document begins: one is allowed"),
        BAD("---\nname: a\n...\n---\nname: b", "4:1", "a second document begins: one is allowed"),
        BAD("---\n---\n", "2:1", "a second document begins: one is allowed"),
        BAD("%TAG ! tag:x,1:\n---\nname: a", "1:1", "%TAG is not allowed: nothing here has tags"),
        BAD("# \xc3\xa4\r\n%TAG ! tag:x,1:\n---\nname: a", "2:1", "%TAG is not allowed: nothing here has tags"),
    };
    ASSERT_ALL_REFUSED(cases);
}

static void what_is_no_setting_is_refused_with_the_nearest_name(void **state)
{
    (void)state;
    static const struct bad cases[] = {
        BAD("nam: a", "1:1", "\"nam\" is no setting (did you mean name?); tocsind --help lists them all"),
        BAD("\xef\xbb\xbfnam: a", "1:1", "\"nam\" is no setting (did you mean name?)"),
        BAD("name: a\nlog_dir: /a", "2:1", "\"log_dir\" is no setting (did you mean log-dir?)"),
        BAD("logdir: /a", "1:1", "\"logdir\" is no setting (did you mean log-dir?)"),
        BAD("LOG-DIR: /a", "1:1", "\"LOG-DIR\" is no setting (did you mean log-dir?)"),
        BAD("{sync: none, max-topic: 1}", "1:14", "\"max-topic\" is no setting (did you mean max-topics?)"),
        BAD("\"na\\0me\": a", "1:1", "\"na\\x00me\" is no setting"),
        BAD("<<: {name: a}", "1:1", "\"<<\" is no setting; tocsind --help lists them all"),
        BAD("config: a", "1:1", "\"config\" is no setting; tocsind --help lists them all"),
        BAD("help: true", "1:1", "\"help\" is no setting; tocsind --help lists them all"),
        BAD("\"\": a", "1:1", "\"\" is no setting; tocsind --help lists them all"),
        BAD("{}: a", "1:1", "a setting's name " MAP),
        BAD("[a]: b", "1:1", "a setting's name " LIST),
        BAD("? {name: a}\n: b", "1:3", "a setting's name " MAP),
        BAD("? ? ?", "1:3", "a setting's name " MAP),
        BAD("*a : b", "1:1", "a setting's name must be written out: aliases (*) are not allowed"),
        BAD("&k name: b", "1:1", "a setting's name must have no anchor (&)"),
        BAD("!!str name: b", "1:1", "a setting's name must have no tag (!)"),
    };
    ASSERT_ALL_REFUSED(cases);
}

static void a_setting_given_twice_is_refused_at_the_second(void **state)
{
    (void)state;
    static const struct bad cases[] = {
        BAD("name: a\nname: b", "2:1", "name is set twice, here and in line 1"),
        BAD("name : a\n\"name\": a", "2:1", "name is set twice, here and in line 1"),
        BAD("sync: none\nname: a\n\n\n  \nsync: none", "6:1", "sync is set twice, here and in line 1"),
        BAD("{name: a, sync: none, name: b}", "1:23", "name is set twice, here and in line 1"),
    };
    ASSERT_ALL_REFUSED(cases);
}

static void what_is_no_single_value_is_refused(void **state)
{
    (void)state;
    static const struct bad cases[] = {
        BAD("name:", "1:6", "name: no value is given"),
        BAD("name: ~", "1:7", "name: no value is given"),
        BAD("name: null\nsync: none", "1:7", "name: no value is given"),
        BAD("name: # comment\nsync: none", "1:6", "name: no value is given"),
        BAD("{name}", "1:6", "name: no value is given"),
        BAD("name:\n  first: a", "2:3", "a value " MAP),
        BAD("name: {a: b", "1:7", "a value " MAP),
        BAD("name: [a", "1:7", "a value " LIST),
        BAD("http: [::1]:8560", "1:7", "a value " LIST),
        BAD("name:\n- a", "2:1", "a value " LIST),
        BAD("name: &a b", "1:7", "a value must have no anchor (&)"),
        BAD("name: *b", "1:7", "a value must be written out: aliases (*) are not allowed"),
        BAD("name: !!str b", "1:7", "a value must have no tag (!)"),
        BAD("name: ! b", "1:7", "a value must have no tag (!)"),
        BAD("name: !!binary aGk=", "1:7", "a value must have no tag (!)"),
    };
    ASSERT_ALL_REFUSED(cases);
}

static void a_wrong_value_is_refused_where_it_begins(void **state)
{
    (void)state;
    static const struct bad cases[] = {
        BAD("name: a b", "1:7", "name: \"a b\" is no name"),
        BAD("name: a\n  - b", "1:7", "name: \"a - b\" is no name"),
        BAD("name: |\n  two\n  lines", "1:7", "name: \"two\\x0alines\" " ONE_LINE),
        BAD("name: >\n  folded\n", "1:7", "name: \"folded\\x0a\" " ONE_LINE),
        BAD("name: 'a\n\n  b'", "1:7", "name: \"a\\x0ab\" " ONE_LINE),
        BAD("log-dir: \"/a\\0b\"", "1:10", "log-dir: \"/a\\x00b\" " ONE_LINE),
        BAD("log-dir: \"/a\\x9bb\"", "1:10", "log-dir: \"/a\\xc2\\x9bb\" " ONE_LINE),
        BAD("log-dir: ''", "1:10", "log-dir: the path is empty"),
        BAD("log-zone: Utc", "1:11", "log-zone: \"Utc\" is not allowed: allowed are utc, local (did you mean utc?)"),
        BAD("{log-zone: utc, sync: bach}", "1:23", "sync: \"bach\" is not allowed: allowed are batch, "),
        BAD("max-topics: 1_000", "1:13", "max-topics: \"1_000\" is no whole number"),
        BAD("max-topics: 0x10", "1:13", "max-topics: \"0x10\" is no whole number"),
        BAD("max-topics: 1e3", "1:13", "max-topics: \"1e3\" is no whole number"),
        BAD("max-topics: -1", "1:13", "max-topics: \"-1\" is no whole number"),
        BAD("salvage: yes", "1:10", "salvage: \"yes\" is not allowed: allowed are false, true"),
        BAD("max-event-bytes: 1 KiB", "1:18", "max-event-bytes: \"1 KiB\" is no size"),
        BAD("ingest: tcp://localhost:1", "1:9", "ingest: \"tcp://localhost:1\" names a host"),
        BAD("# Gr\xc3\xb6\xc3\x9f"
            "e\nname: \xc3\xa4",
            "2:7", "name: \"\xc3\xa4\" is no name"),
        BAD("{ log-dir: '\xc3\xa4', sync: x }", "1:23", "sync: \"x\" is not allowed"),
    };
    ASSERT_ALL_REFUSED(cases);
}

static void assert_accepted(const char *yaml, enum settings_id id, const char *value)
{
    struct loaded loaded;
    load_yaml(&loaded, yaml, strlen(yaml));
    if (loaded.error != TOCSIN_OK)
        fail_msg("%s\nwas refused: %s", yaml, loaded.message);
    assert_string_equal(value_of(&loaded, id), value);
    loaded_fini(&loaded);
}

static void yaml_may_say_a_value_in_its_many_ways(void **state)
{
    (void)state;
    assert_accepted("name: a", SETTINGS_ID_name, "a");
    assert_accepted("name: a\r\nsync: none\r\n", SETTINGS_ID_sync, "none");
    assert_accepted("\xef\xbb\xbfname: a", SETTINGS_ID_name, "a");
    assert_accepted("%YAML 1.2\n---\nname: a\n...\n", SETTINGS_ID_name, "a");
    assert_accepted("{name: a, sync: none}", SETTINGS_ID_sync, "none");
    assert_accepted("? name\n: a\n", SETTINGS_ID_name, "a");
    assert_accepted("'name': \"\\x61\"", SETTINGS_ID_name, "a");
    assert_accepted("name: 'null'", SETTINGS_ID_name, "\"null\"");
    assert_accepted("name: |-\n  a\n", SETTINGS_ID_name, "a");
    assert_accepted("name: >-\n  a\n", SETTINGS_ID_name, "a");
    assert_accepted("max-topics: '17' # a string is as good\n", SETTINGS_ID_max_topics, "17");
    assert_accepted("log-dir: '%TAG'", SETTINGS_ID_log_dir, "\"%TAG\"");
    assert_accepted("http: \"[::1]:1\"", SETTINGS_ID_http, "\"[::1]:1\"");
    assert_accepted("ports-file: none", SETTINGS_ID_ports_file, "none");
}

static void an_empty_file_sets_nothing(void **state)
{
    (void)state;
    static const char *const files[] = {"",           "\n", "# only\n# comments", "---\n", "--- ~\n", "null",
                                        "---\n...\n", "{}", "\xef\xbb\xbf"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        assert_accepted(files[i], SETTINGS_ID_sync, "batch");
}

/* --- size --- */

/* A megabyte that begins with `head` and goes on with `unit`. */
static char *megabyte_of(const char *head, const char *unit)
{
    char *const bytes = malloc(SETTINGS_FILE_MAX + 1);
    assert_non_null(bytes);
    size_t len = strlen(head);
    memcpy(bytes, head, len);
    for (const size_t unit_len = strlen(unit); len < SETTINGS_FILE_MAX; len += unit_len)
        memcpy(bytes + len, unit, unit_len < SETTINGS_FILE_MAX - len ? unit_len : SETTINGS_FILE_MAX - len);
    return bytes;
}

static void a_megabyte_of_anything_is_refused_at_once(void **state)
{
    (void)state;
    static const struct {
        const char *head;
        const char *unit;
        const char *position;
    } cases[] = {
        {"", "[", "1:1"},
        {"", "{", "1:2"},
        {"", "- ", "1:1"},
        {"", "? ", "1:3"},
        {"", "a", "1:1"},
        {"", ": ", "1:1"},
        {"", "---\n", "2:1"},
        {"", "%TAG !a! b\n", "1:1"},
        {"", "name: a\n", "2:1"},
        {"\"", "a", "1:1048577"},
        {"name: ", "[", "1:7"},
        {"name: ", "&a ", "1:7"},
        {"name: |\n", " a\n", "1:7"},
        {"name: \"", "a\n ", "1:7"},
        {"name: {", ",", "1:7"},
        {"name:", " ", "1:6"},
        {"log-dir: /", "a", "1:10"},
        {"log-dir: /", "a\n ", "1:10"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *bytes = megabyte_of(cases[i].head, cases[i].unit);
        char expected[64];
        struct loaded loaded;
        if (cases[i].head[0] != '\0' && strchr(cases[i].head, '"') && strlen(cases[i].head) > 1)
            bytes[SETTINGS_FILE_MAX - 1] = '"';
        load_yaml(&loaded, bytes, SETTINGS_FILE_MAX);
        snprintf(expected, sizeof expected, "c.yaml:%s: ", cases[i].position);
        assert_int_equal(loaded.error, TOCSIN_E_SYNTAX);
        if (strncmp(loaded.message, expected, strlen(expected)) != 0)
            fail_msg("%s%s…: %s", cases[i].head, cases[i].unit, loaded.message);
        assert_true(strlen(loaded.message) < 512);
        loaded_fini(&loaded);
        free(bytes);
    }
}

static void a_file_may_have_a_megabyte_and_no_byte_more(void **state)
{
    (void)state;
    char *const bytes = megabyte_of("name: a\n", "\n");
    struct loaded loaded;
    load_yaml(&loaded, bytes, SETTINGS_FILE_MAX);
    assert_int_equal(loaded.error, TOCSIN_OK);
    assert_string_equal(loaded.settings.name, "a");
    loaded_fini(&loaded);
    bytes[SETTINGS_FILE_MAX] = '\n';
    load_yaml(&loaded, bytes, SETTINGS_FILE_MAX + 1);
    assert_int_equal(loaded.error, TOCSIN_E_SYNTAX);
    assert_string_equal(loaded.message, "c.yaml: larger than 1 MiB, which no configuration needs");
    loaded_fini(&loaded);
    free(bytes);
}

/* Each prefix of a good file is judged without a step beyond its end. */
static void a_file_cut_anywhere_is_judged_within_its_bytes(void **state)
{
    (void)state;
    static const char yaml[] =
        "%YAML 1.1\n---\nname: \"a\\x62\\u0063\"\nhttp: '[::1]:1'\nsync: none # \xc3\xa4\xf0\x9f\x9a\xa8\n"
        "log-dir: |-\n  /x\n? max-topics\n: 5\n...\n";
    for (size_t len = 0; len < sizeof yaml; len++) {
        struct loaded loaded;
        load_yaml(&loaded, yaml, len);
        assert_true(loaded.error == TOCSIN_OK || loaded.error == TOCSIN_E_SYNTAX);
        loaded_fini(&loaded);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_yaml_is_refused_where_it_breaks),
        cmocka_unit_test(bytes_that_are_no_text_are_refused_where_they_stand),
        cmocka_unit_test(only_one_map_of_settings_is_taken),
        cmocka_unit_test(what_is_no_setting_is_refused_with_the_nearest_name),
        cmocka_unit_test(a_setting_given_twice_is_refused_at_the_second),
        cmocka_unit_test(what_is_no_single_value_is_refused),
        cmocka_unit_test(a_wrong_value_is_refused_where_it_begins),
        cmocka_unit_test(yaml_may_say_a_value_in_its_many_ways),
        cmocka_unit_test(an_empty_file_sets_nothing),
        cmocka_unit_test(a_megabyte_of_anything_is_refused_at_once),
        cmocka_unit_test(a_file_may_have_a_megabyte_and_no_byte_more),
        cmocka_unit_test(a_file_cut_anywhere_is_judged_within_its_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
