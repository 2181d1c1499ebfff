/* What is printed from settings.def: the manual and the example in the tree, --print-config, --help. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "broker/settings_table.h"
#include "tests/settings_support.h"

/* A file of the tree as a string to free. */
static char *read_tree(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", TOCSIN_SOURCE_DIR, name);
    FILE *const file = fopen(path, "rb");
    if (!file)
        fail_msg("%s cannot be read", path);
    char *const content = calloc(1, 65536);
    assert_non_null(content);
    assert_in_range(fread(content, 1, 65535, file), 1, 65534);
    fclose(file);
    return content;
}

/* Ends the text with a NUL, so that it can be searched. */
static const char *string_of(struct text *text)
{
    text_put_char(text, '\0');
    assert_false(text->failed);
    return text->data;
}

static void the_manuals_table_is_the_one_of_settings_def(void **state)
{
    (void)state;
    static const char begin_mark[] = "<!-- settings: begin -->\n";
    char *const manual = read_tree("docs/CONFIGURATION.md");
    struct text table;
    text_init(&table);
    settings_write_markdown(&table);
    char *const begin = strstr(manual, begin_mark);
    assert_non_null(begin);
    char *const end = strstr(begin, "<!-- settings: end -->\n");
    assert_non_null(end);
    *end = '\0';
    assert_string_equal(begin + strlen(begin_mark),
                        string_of(&table)); /* else: cmake --build … --target settings_docs */
    text_fini(&table);
    free(manual);
}

static void the_manual_names_every_flag_and_variable(void **state)
{
    (void)state;
    char *const manual = read_tree("docs/CONFIGURATION.md");
    for (size_t id = 0; id < SETTINGS_COUNT; id++) {
        char flag[64], env[SETTINGS_ENV_MAX];
        snprintf(flag, sizeof flag, "`--%s`", settings_table[id].name);
        settings_env_name(&settings_table[id], env);
        assert_non_null(strstr(manual, flag));
        assert_non_null(strstr(manual, env));
    }
    free(manual);
}

static void the_example_is_the_one_of_settings_def(void **state)
{
    (void)state;
    char *const example = read_tree("packaging/tocsind.yaml");
    struct text expected;
    text_init(&expected);
    settings_write_example(&expected);
    assert_string_equal(example, string_of(&expected));
    text_fini(&expected);
    free(example);
}

static void the_manual_page_is_the_one_of_settings_def(void **state)
{
    (void)state;
    char *const page = read_tree("packaging/man/tocsind.8");
    struct text expected;
    text_init(&expected);
    settings_write_man(&expected);
    assert_string_equal(page, string_of(&expected));
    for (size_t id = 0; id < SETTINGS_COUNT; id++) {
        char env[SETTINGS_ENV_MAX];
        settings_env_name(&settings_table[id], env);
        assert_non_null(strstr(page, env));
    }
    text_fini(&expected);
    free(page);
}

static void assert_equal_settings(const struct settings *a, const struct settings *b, bool with_worked_out)
{
    for (int id = 0; id < SETTINGS_COUNT; id++) {
        if (settings_table[id].worked_out && !with_worked_out)
            continue;
        struct text texts[2];
        text_init(&texts[0]);
        text_init(&texts[1]);
        settings_put_yaml_value(a, (enum settings_id)id, &texts[0]);
        settings_put_yaml_value(b, (enum settings_id)id, &texts[1]);
        assert_string_equal(string_of(&texts[0]), string_of(&texts[1]));
        text_fini(&texts[0]);
        text_fini(&texts[1]);
    }
}

static void the_example_is_accepted_as_it_is_and_with_every_line_in_force(void **state)
{
    (void)state;
    char *const example = read_tree("packaging/tocsind.yaml");
    struct loaded defaults, as_it_is, in_force;
    load(&defaults, ARGS("--check-config"), NULL);
    load_yaml(&as_it_is, example, strlen(example));
    assert_int_equal(as_it_is.error, TOCSIN_OK);
    for (int id = 0; id < SETTINGS_COUNT; id++)
        assert_int_equal(as_it_is.settings.origins[id].source, SETTINGS_BY_DEFAULT);
    for (char *at = example; (at = strstr(at, "\n#")); at++) /* `#name: value`, not `# prose` */
        if (at[2] != ' ' && at[2] != '\n')
            at[1] = ' ';
    for (char *at = example; (at = strstr(at, "\n ")); at++)
        memmove(at + 1, at + 2, strlen(at + 2) + 1);
    load_yaml(&in_force, example, strlen(example));
    assert_string_equal(in_force.message, "");
    for (int id = 0; id < SETTINGS_COUNT; id++)
        assert_int_equal(in_force.settings.origins[id].source, SETTINGS_BY_FILE);
    assert_equal_settings(&defaults.settings, &in_force.settings, false);
    loaded_fini(&defaults);
    loaded_fini(&as_it_is);
    loaded_fini(&in_force);
    free(example);
}

/* --- --print-config --- */

static void assert_reads_back(const char *const *args, const char *const *env)
{
    struct loaded printed, read;
    struct text yaml;
    text_init(&yaml);
    load(&printed, args, env);
    assert_string_equal(printed.message, "");
    settings_write_yaml(&printed.settings, &yaml);
    assert_false(yaml.failed);
    load_yaml(&read, yaml.data, yaml.len);
    assert_string_equal(read.message, "");
    assert_equal_settings(&printed.settings, &read.settings, true);
    text_fini(&yaml);
    loaded_fini(&printed);
    loaded_fini(&read);
}

static void what_is_printed_reads_back_as_the_same(void **state)
{
    (void)state;
    static const char *const names[] = {"null", "~x", "true", "12",  "0x1", "-",  "--x",
                                        "_",    ".",  "...",  "---", "a:b", "no", "1.5"};
    static const char *const directories[] = {"null",
                                              "none",
                                              "a b",
                                              "#x",
                                              "a #b",
                                              "a: b",
                                              "'",
                                              "\"",
                                              "\\",
                                              "\\n",
                                              " a ",
                                              "- a",
                                              "? a",
                                              "*a",
                                              "&a",
                                              "!a",
                                              "|",
                                              ">",
                                              "%a",
                                              "@a",
                                              "`a",
                                              "[a",
                                              "{a",
                                              "a,b",
                                              "\xc3\xa4",
                                              "\xf0\x9f\x9a\xa8",
                                              "\xe2\x80\xa8",
                                              "\xe2\x80\xae",
                                              "\xef\xbb\xbf",
                                              "\xef\xbf\xbe",
                                              "\xef\xbf\xbf",
                                              "\xc2\xad",
                                              "a:",
                                              "=",
                                              "<<",
                                              "1_000",
                                              "0o7",
                                              "2026-11-21"};
    assert_reads_back(ARGS("--print-config"), NULL);
    assert_reads_back(ARGS("--sync=interval=7", "--http=[::1]:0", "--live=none", "--salvage", "--ring-bytes=64KiB",
                           "--max-event-bytes=1024", "--ports-file=/tmp/x y"),
                      ARGS("TOCSIN_STREAM=ipc://@a b", "TOCSIN_LOG_LEVEL=debug"));
    for (size_t i = 0; i < sizeof directories / sizeof *directories; i++) {
        char flag[64];
        snprintf(flag, sizeof flag, "--log-dir=%s", directories[i]);
        assert_reads_back(ARGS(flag), NULL);
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char flag[64];
        struct loaded loaded;
        snprintf(flag, sizeof flag, "--name=%s", names[i]);
        load(&loaded, ARGS(flag), NULL);
        if (loaded.error == TOCSIN_OK)
            assert_reads_back(ARGS(flag), NULL);
        loaded_fini(&loaded);
    }
}

static void each_printed_setting_says_where_it_came_from(void **state)
{
    (void)state;
    struct loaded loaded;
    struct text yaml;
    text_init(&yaml);
    const char *const file = file_with("\nlog-zone: local\n");
    char expected[128];
    snprintf(expected, sizeof expected, "log-zone: local  # %s:2:11\n", file);
    load(&loaded, ARGS("-c", file, "--name", "b", "--print-config"), ARGS("TOCSIN_SYNC=none"));
    settings_write_yaml(&loaded.settings, &yaml);
    const char *const text = string_of(&yaml);
    assert_non_null(strstr(text, "name: b  # --name\n"));
    assert_non_null(strstr(text, expected));
    assert_non_null(strstr(text, "sync: none  # TOCSIN_SYNC in the environment\n"));
    assert_non_null(strstr(text, "max-topics: 1000000  # default\n"));
    text_fini(&yaml);
    loaded_fini(&loaded);
}

/* --- --help --- */

static void help_tells_all_in_eighty_columns(void **state)
{
    (void)state;
    static const char *const others[] = {"-c, --config FILE", "--check-config", "--print-config", "-h, --help",
                                         "-V, --version"};
    struct text help;
    text_init(&help);
    settings_write_help(&help);
    const char *const text = string_of(&help);
    for (size_t id = 0; id < SETTINGS_COUNT; id++) {
        char flag[64], env[SETTINGS_ENV_MAX];
        snprintf(flag, sizeof flag, "\n  --%s", settings_table[id].name);
        settings_env_name(&settings_table[id], env);
        assert_non_null(strstr(text, flag));
        assert_non_null(strstr(text, env));
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_non_null(strstr(text, others[i]));
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
        if (strcspn(line, "\n") > 80)
            fail_msg("wider than 80 columns: %.*s", (int)strcspn(line, "\n"), line);
    text_fini(&help);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_manuals_table_is_the_one_of_settings_def),
        cmocka_unit_test(the_manual_names_every_flag_and_variable),
        cmocka_unit_test(the_example_is_the_one_of_settings_def),
        cmocka_unit_test(the_manual_page_is_the_one_of_settings_def),
        cmocka_unit_test(the_example_is_accepted_as_it_is_and_with_every_line_in_force),
        cmocka_unit_test(what_is_printed_reads_back_as_the_same),
        cmocka_unit_test(each_printed_setting_says_where_it_came_from),
        cmocka_unit_test(help_tells_all_in_eighty_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
