/* The tables of commands and options, and the command lines that are read by them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "client/help.h"
#include "client/options.h"

#define READ(options, command, ...)                                                                                    \
    options_read(options, command, (int)(sizeof((char *[]){__VA_ARGS__}) / sizeof(char *)) - 1, (char *[]){__VA_ARGS__})

static void no_command_has_two_options_of_one_name(void **state)
{
    (void)state;
    for (unsigned i = 0; i < OPTION_COUNT; i++) {
        const struct option_entry *one = &option_table[i];
        assert_true(one->commands != 0);
        assert_true(*one->meaning && *one->section);
        for (unsigned j = i + 1; j < OPTION_COUNT; j++) {
            const struct option_entry *other = &option_table[j];
            if (!(one->commands & other->commands))
                continue;
            assert_string_not_equal(one->name, other->name);
            assert_true(one->letter == 0 || one->letter != other->letter);
        }
    }
}

static void every_option_is_in_the_help_of_its_commands(void **state)
{
    (void)state;
    for (unsigned command = 0; command < COMMAND_COUNT; command++) {
        struct text help;
        text_init(&help);
        help_put_command(&help, (enum command_id)command);
        text_put_char(&help, '\0');
        for (unsigned i = 0; i < OPTION_COUNT; i++) {
            char name[64] = "--";
            strncat(name, option_table[i].name, sizeof name - 3);
            if (option_table[i].commands & (1U << command))
                assert_non_null(strstr(help.data, name));
        }
        for (const char *line = help.data; *line; line += strcspn(line, "\n") + 1)
            assert_true(strcspn(line, "\n") <= 100);
        text_fini(&help);
    }
}

static void values_are_taken_in_every_spelling(void **state)
{
    (void)state;
    struct options options;
    assert_true(
        READ(&options, COMMAND_SUB, "-qvC5", "--wait=3s", "--output", "json", "-t", "A", "-tB", "C", "--", "-D", NULL));
    assert_true(options_has(&options, OPTION_QUIET));
    assert_true(options_has(&options, OPTION_VERBOSE));
    assert_string_equal(options_get(&options, OPTION_LIMIT), "5");
    assert_string_equal(options_get(&options, OPTION_WAIT), "3s");
    assert_string_equal(options_get(&options, OPTION_OUTPUT), "json");
    assert_string_equal(options_get(&options, OPTION_TOPIC), "B");
    assert_null(options_get(&options, OPTION_EXCLUDE));
    assert_int_equal(options.operand_count, 2);
    assert_string_equal(options.operands[0], "C");
    assert_string_equal(options.operands[1], "-D");
    options_fini(&options);
}

static void an_empty_value_is_a_value_and_a_minus_an_operand(void **state)
{
    (void)state;
    struct options options;
    assert_true(READ(&options, COMMAND_PUB, "-m", "", "--cause=", "-", NULL));
    assert_string_equal(options_get(&options, OPTION_SUMMARY), "");
    assert_string_equal(options_get(&options, OPTION_CAUSE), "");
    assert_int_equal(options.operand_count, 1);
    assert_string_equal(options.operands[0], "-");
    options_fini(&options);
}

static void an_empty_place_is_refused_for_nobody_means_the_default_by_it(void **state)
{
    (void)state;
    struct options options;
    assert_false(READ(&options, COMMAND_PUB, "-s", "", NULL));
    options_fini(&options);
    assert_false(READ(&options, COMMAND_PUB, "--spool=", NULL));
    options_fini(&options);
    assert_false(READ(&options, COMMAND_SUB, "--live", "", NULL));
    options_fini(&options);
    assert_false(READ(&options, COMMAND_GATEWAY_OME, "--state", "", NULL));
    options_fini(&options);
}

static void the_same_letter_means_what_the_command_says(void **state)
{
    (void)state;
    struct options options;
    assert_true(READ(&options, COMMAND_PUB, "-F", "file", NULL));
    assert_string_equal(options_get(&options, OPTION_FILE), "file");
    options_fini(&options);
    assert_true(READ(&options, COMMAND_SUB, "-F", "%s", NULL));
    assert_string_equal(options_get(&options, OPTION_FORMAT), "%s");
    options_fini(&options);
}

static void a_wrong_option_is_a_fault(void **state)
{
    (void)state;
    struct options options;
    char *const wrong[] = {"--nope", "--quiet=yes", "--wait", "-W", "-Z", "-qZ", "--", "--=", "-\xff"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        bool is_good = strcmp(wrong[i], "--") == 0;
        assert_int_equal(READ(&options, COMMAND_SUB, wrong[i], NULL), is_good);
        options_fini(&options);
    }
    assert_false(READ(&options, COMMAND_SUB, "--snapshot", "1", NULL)); /* an option of another command */
    options_fini(&options);
}

static void commands_are_found_by_name_and_alias(void **state)
{
    (void)state;
    assert_int_equal(command_find("sub"), COMMAND_SUB);
    assert_int_equal(command_find("tail"), COMMAND_SUB);
    assert_int_equal(command_find("pub"), COMMAND_PUB);
    assert_int_equal(command_find(""), COMMAND_COUNT);
    assert_int_equal(command_find("pubs"), COMMAND_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_command_has_two_options_of_one_name),
        cmocka_unit_test(every_option_is_in_the_help_of_its_commands),
        cmocka_unit_test(values_are_taken_in_every_spelling),
        cmocka_unit_test(an_empty_value_is_a_value_and_a_minus_an_operand),
        cmocka_unit_test(an_empty_place_is_refused_for_nobody_means_the_default_by_it),
        cmocka_unit_test(the_same_letter_means_what_the_command_says),
        cmocka_unit_test(a_wrong_option_is_a_fault),
        cmocka_unit_test(commands_are_found_by_name_and_alias),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
