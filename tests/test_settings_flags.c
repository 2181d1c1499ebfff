/* What the command line may say, the file that it names, and the rules between settings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "broker/nearest.h"
#include "broker/settings_table.h"
#include "tests/settings_support.h"

/* --- the command line --- */

static void wrong_command_lines_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *args[4];
        const char *message;
    } cases[] = {
        {{"--log-dri", "x"}, "--log-dri: there is no such flag (did you mean --log-dir?); --help lists them all"},
        {{"--log_dir=x"}, "--log_dir: there is no such flag (did you mean --log-dir?); --help lists them all"},
        {{"--Name=x"}, "--Name: there is no such flag (did you mean --name?); --help lists them all"},
        {{"--chekc-config"},
         "--chekc-config: there is no such flag (did you mean --check-config?); --help lists them all"},
        {{"--conf", "x"}, "--conf: there is no such flag; --help lists them all"},
        {{"--zzzzzzzz"}, "--zzzzzzzz: there is no such flag; --help lists them all"},
        {{"--=x"}, "--: there is no such flag; --help lists them all"},
        {{"--na\x1b[31mme"}, "--na\\x1b[31mme: there is no such flag; --help lists them all"},
        {{"-x"}, "-x: there is no such flag; --help lists them all"},
        {{"-\xc3\xa4"}, "-\\xc3: there is no such flag; --help lists them all"},
        {{"--name"}, "--name: a value must follow"},
        {{"--name", "--log-dir", "x"}, "--name: a value must follow"},
        {{"-c"}, "-c: a value must follow"},
        {{"--config"}, "--config: a value must follow"},
        {{"-c", "a", "--config=b"}, "--config: only one configuration file can be read, and one was named before"},
        {{"--help=yes"}, "--help: takes no value"},
        {{"-hV"}, "-h: takes no value"},
        {{"file"}, "\"file\": tocsind takes flags only; --help lists them"},
        {{"-"}, "\"-\": tocsind takes flags only; --help lists them"},
        {{"--"}, "\"--\": tocsind takes flags only; --help lists them"},
        {{""}, "\"\": tocsind takes flags only; --help lists them"},
        {{"--salvage", "true"}, "\"true\": tocsind takes flags only; --help lists them"},
        {{"--salvage=maybe"}, "--salvage: \"maybe\" is not allowed: allowed are false, true"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_refused(cases[i].args, NULL, cases[i].message);
}

static void actions_are_found_and_help_comes_first(void **state)
{
    (void)state;
    static const struct {
        const char *args[4];
        enum settings_action action;
    } cases[] = {
        {{NULL}, SETTINGS_RUN},
        {{"--check-config"}, SETTINGS_CHECK},
        {{"--print-config"}, SETTINGS_PRINT},
        {{"-h"}, SETTINGS_HELP},
        {{"--help"}, SETTINGS_HELP},
        {{"-V"}, SETTINGS_VERSION},
        {{"--version"}, SETTINGS_VERSION},
        {{"--help", "--no-such-flag"}, SETTINGS_HELP},
        {{"-c", "/no/such/file", "--version"}, SETTINGS_VERSION},
        {{"--name=also bad", "-h"}, SETTINGS_HELP},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct loaded loaded;
        load(&loaded, cases[i].args, ARGS(cases[i].action == SETTINGS_HELP ? "TOCSIN_SYNC=bad" : "A=b"));
        assert_int_equal(loaded.error, TOCSIN_OK);
        assert_int_equal(loaded.action, cases[i].action);
        loaded_fini(&loaded);
    }
}

static void the_last_of_repeated_flags_counts(void **state)
{
    (void)state;
    struct loaded loaded;
    load(&loaded, ARGS("--name", "a", "--name=b", "--salvage", "--salvage=false"), NULL);
    assert_int_equal(loaded.error, TOCSIN_OK);
    assert_string_equal(loaded.settings.name, "b");
    assert_false(loaded.settings.salvage);
    loaded_fini(&loaded);
}

static void no_arguments_at_all_are_fine(void **state)
{
    (void)state;
    struct settings_flags flags;
    struct text message;
    text_init(&message);
    assert_int_equal(settings_read_flags(&flags, (char *[]){NULL}, &message), TOCSIN_OK);
    assert_int_equal(flags.action, SETTINGS_RUN);
    text_fini(&message);
}

/* --- files, and rules between settings --- */

static void the_file_may_follow_its_letter_at_once(void **state)
{
    (void)state;
    struct loaded loaded;
    char flag[128];
    snprintf(flag, sizeof flag, "-c%s", file_with("name: from-file\n"));
    load(&loaded, ARGS(flag), NULL);
    assert_int_equal(loaded.error, TOCSIN_OK);
    assert_string_equal(loaded.settings.name, "from-file");
    assert_string_equal(loaded.settings.config, flag + 2);
    loaded_fini(&loaded);
}

static void a_fault_in_the_file_names_file_line_and_column(void **state)
{
    (void)state;
    const char *const file = file_with("name: ok\n\nlog-zone:   UTX # zone\n");
    char expected[256];
    snprintf(expected, sizeof expected,
             "%s:3:13: log-zone: \"UTX\" is not allowed: allowed are utc, local (did you mean utc?)", file);
    assert_refused(ARGS("--config", file), NULL, expected);
}

static void a_file_that_cannot_be_read_says_why(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        const char *message;
    } cases[] = {
        {"/no/such/file", "cannot read the configuration file \"/no/such/file\": No such file or directory"},
        {"", "cannot read the configuration file \"\": No such file or directory"},
        {"/", "cannot read the configuration file \"/\": Is a directory"},
        {"/no/\x1b]0;x", "cannot read the configuration file \"/no/\\x1b]0;x\": No such file or directory"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct loaded loaded;
        load(&loaded, ARGS("-c", cases[i].path), NULL);
        assert_int_equal(loaded.error, TOCSIN_E_IO);
        assert_string_equal(loaded.message, cases[i].message);
        loaded_fini(&loaded);
    }
}

static void a_file_without_end_is_refused(void **state)
{
    (void)state;
    assert_refused(ARGS("-c", "/dev/zero"), NULL, "/dev/zero: larger than 1 MiB, which no configuration needs");
}

static void the_ring_must_hold_two_events(void **state)
{
    (void)state;
    struct loaded loaded;
    load(&loaded, ARGS("--max-event-bytes=32MiB"), NULL);
    assert_int_equal(loaded.error, TOCSIN_OK);
    loaded_fini(&loaded);
    const char *const file = file_with("max-event-bytes: 33554433\n");
    char expected[256];
    snprintf(expected, sizeof expected,
             "ring-bytes 64MiB (default) must be at least twice max-event-bytes 33554433 (%s:1:18)", file);
    assert_refused(ARGS("-c", file), NULL, expected);
    assert_refused(ARGS("--ring-bytes=1M"), ARGS("TOCSIN_MAX_EVENT_BYTES=500001"),
                   "ring-bytes 1000000 (--ring-bytes) must be at least twice max-event-bytes 500001 "
                   "(TOCSIN_MAX_EVENT_BYTES in the environment)");
}

static void two_doors_cannot_have_one_place(void **state)
{
    (void)state;
    struct loaded loaded;
    assert_refused(ARGS("--stream=tcp://127.0.0.1:5561"), NULL,
                   "stream tcp://127.0.0.1:5561 (--stream) is the same place as append tcp://127.0.0.1:5561 (default): "
                   "each door needs its own");
    load(&loaded,
         ARGS("--ingest=tcp://127.0.0.1:*", "--append=tcp://127.0.0.1:*", "--live=tcp://127.0.0.1:0",
              "--stream=tcp://127.0.0.1:0"),
         NULL);
    assert_int_equal(loaded.error, TOCSIN_OK);
    loaded_fini(&loaded);
    load(&loaded, ARGS("--ingest=ipc://*", "--append=ipc://*", "--live=none", "--stream=none"), NULL);
    assert_int_equal(loaded.error, TOCSIN_OK);
    loaded_fini(&loaded);
}

/* --- the nearest word --- */

static const char *nearest_of(const char *word)
{
    struct nearest nearest = nearest_to(span_of_str(word));
    nearest_offer(&nearest, "sync");
    nearest_offer(&nearest, "stream");
    nearest_offer(&nearest, "max-event-bytes");
    return nearest.best ? nearest.best : "";
}

static void the_nearest_word_is_one_slip_away_or_a_third(void **state)
{
    (void)state;
    assert_string_equal(nearest_of("sinc"), "sync");
    assert_string_equal(nearest_of("snyc"), "sync"); /* two neighbours swapped are one slip */
    assert_string_equal(nearest_of("syn"), "sync");
    assert_string_equal(nearest_of("syncc"), "sync");
    assert_string_equal(nearest_of("STREAM"), "stream");
    assert_string_equal(nearest_of("sn"), "");
    assert_string_equal(nearest_of("max_event_byte"), "max-event-bytes");
    assert_string_equal(nearest_of("max-event-size"), "max-event-bytes");
    assert_string_equal(nearest_of("min-topics"), "");
    assert_string_equal(nearest_of(""), "");
    assert_string_equal(nearest_of("a-word-that-is-much-too-long-to-be-a-mistyped-name-of-anything-here"), "");
}

static void doors_beyond_this_machine_need_keys_or_a_word_that_they_do_not(void **state)
{
    (void)state;
    static const char *const open_places[] = {
        "--ingest=tcp://*:1",      "--append=tcp://0.0.0.0:1", "--live=tcp://eth0:1", "--stream=tcp://[::]:1",
        "--live=tcp://10.0.0.1:1", "--live=tcp://128.0.0.1:1", "--live=tcp://[::2]:1"};
    struct loaded loaded;
    for (size_t i = 0; i < sizeof open_places / sizeof *open_places; i++) {
        load(&loaded, ARGS(open_places[i]), NULL);
        assert_int_equal(loaded.error, TOCSIN_E_SYNTAX);
        assert_non_null(strstr(loaded.message, "can be reached from other machines"));
        loaded_fini(&loaded);
        load(&loaded, ARGS(open_places[i], "--insecure"), NULL);
        assert_int_equal(loaded.error, TOCSIN_OK);
        loaded_fini(&loaded);
        load(&loaded, ARGS(open_places[i], "--curve-key=/k", "--access=/a"), NULL);
        assert_int_equal(loaded.error, TOCSIN_OK);
        loaded_fini(&loaded);
    }
    load(&loaded, ARGS("--live=tcp://lo:1", "--stream=tcp://[::1]:1", "--append=ipc://x", "--ingest=tcp://127.9.9.9:1"),
         NULL);
    assert_int_equal(loaded.error, TOCSIN_OK);
    loaded_fini(&loaded);
    load(&loaded, ARGS("--curve-key=/k"), NULL);
    assert_int_equal(loaded.error, TOCSIN_E_SYNTAX);
    loaded_fini(&loaded);
    load(&loaded, ARGS("--access=/a"), NULL);
    assert_int_equal(loaded.error, TOCSIN_E_SYNTAX);
    loaded_fini(&loaded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_command_lines_are_refused),
        cmocka_unit_test(actions_are_found_and_help_comes_first),
        cmocka_unit_test(the_last_of_repeated_flags_counts),
        cmocka_unit_test(no_arguments_at_all_are_fine),
        cmocka_unit_test(the_file_may_follow_its_letter_at_once),
        cmocka_unit_test(a_fault_in_the_file_names_file_line_and_column),
        cmocka_unit_test(a_file_that_cannot_be_read_says_why),
        cmocka_unit_test(a_file_without_end_is_refused),
        cmocka_unit_test(the_ring_must_hold_two_events),
        cmocka_unit_test(two_doors_cannot_have_one_place),
        cmocka_unit_test(doors_beyond_this_machine_need_keys_or_a_word_that_they_do_not),
        cmocka_unit_test(the_nearest_word_is_one_slip_away_or_a_third),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
