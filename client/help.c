#include "client/help.h"

#include <stdio.h>
#include <string.h>

#define WIDTH  100
#define INDENT 28

static void put_blanks(struct text *out, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        text_put_char(out, ' ');
}

/* Appends the text broken into lines of at most `width` columns, each behind `indent` blanks; the first line goes on at
 * column `column`. */
static void put_wrapped(struct text *out, const char *text, unsigned column, unsigned indent, unsigned width)
{
    bool is_first = column <= indent;
    put_blanks(out, is_first ? indent - column : 0);
    column = is_first ? indent : column;
    for (is_first = true; *text; is_first = false) {
        unsigned len = (unsigned)strcspn(text, " ");
        if (!is_first && column + 1 + len > width) {
            text_put_char(out, '\n');
            put_blanks(out, indent);
            column = indent;
        } else if (!is_first) {
            text_put_char(out, ' ');
            column++;
        }
        text_put(out, text, len);
        column += len;
        text += len;
        text += strspn(text, " ");
    }
    text_put_char(out, '\n');
}

static void put_option(struct text *out, const struct option_entry *entry)
{
    size_t start = out->len;
    if (entry->letter)
        text_printf(out, "  -%c, --%s", entry->letter, entry->name);
    else
        text_printf(out, "      --%s", entry->name);
    if (*entry->argument)
        text_printf(out, " %s", entry->argument);
    unsigned column = (unsigned)(out->len - start);
    if (column + 2 > INDENT) {
        text_put_char(out, '\n');
        column = 0;
    }
    put_wrapped(out, entry->meaning, column, INDENT, WIDTH);
}

static void put_options(struct text *out, enum command_id command)
{
    const char *section = "";
    for (unsigned i = 0; i < OPTION_COUNT; i++) {
        const struct option_entry *entry = &option_table[i];
        if (!(entry->commands & (1U << command)))
            continue;
        if (strcmp(section, entry->section) != 0)
            text_printf(out, "\n%s:\n", entry->section);
        section = entry->section;
        put_option(out, entry);
    }
}

static void put_examples(struct text *out, const char *examples)
{
    for (const char *end; *examples; examples = end + 1) {
        end = strchr(examples, '\n');
        text_printf(out, "  %.*s\n", (int)(end - examples), examples);
    }
}

static void put_entry(struct text *out, const char *name, const char *meaning)
{
    size_t start = out->len;
    text_printf(out, "  %s", name);
    put_wrapped(out, meaning, (unsigned)(out->len - start), INDENT, WIDTH);
}

static void put_topics(struct text *out)
{
    text_put_str(out, "\nTopics (CATEGORY may be * for any):\n");
#define TOPIC_FORM(form, meaning) put_entry(out, (form), (meaning));
#include "client/topic_form.def"
#undef TOPIC_FORM
}

static void put_format(struct text *out)
{
    text_put_str(out, "\nFormats:\n");
#define FORMAT_LETTER(letter, name, meaning) put_entry(out, (char[]){'%', (letter), '\0'}, (meaning));
#include "client/format_letter.def"
#undef FORMAT_LETTER
#define FORMAT_FORM(form, meaning) put_entry(out, (form), (meaning));
#include "client/format_form.def"
#undef FORMAT_FORM
}

static void put_times(struct text *out)
{
    text_put_str(out, "\nTimes:\n");
#define TIME_FORM(form, meaning) put_entry(out, (form), (meaning));
#include "client/time_form.def"
#undef TIME_FORM
}

static void put_gateways(struct text *out)
{
    size_t len = strlen(commands[COMMAND_GATEWAY].name);
    text_put_str(out, "\nKinds:\n");
    for (unsigned i = 0; i < COMMAND_COUNT; i++) {
        if (strncmp(commands[i].name, commands[COMMAND_GATEWAY].name, len) == 0 && commands[i].name[len] == ' ')
            put_entry(out, commands[i].name + len + 1, commands[i].meaning);
    }
}

/* verify needs no broker, and its verdict is its code */
static void put_verify_codes(struct text *out)
{
    text_put_str(out, "\nExit codes:\n");
#define VERIFY_CODE(name, value, meaning) put_entry(out, #value, (meaning));
#include "client/verify_code.def"
#undef VERIFY_CODE
}

static void put_rest(struct text *out)
{
    text_put_str(out, "\nEnvironment (options go before):\n");
#define VARIABLE(name, meaning) put_entry(out, (name), (meaning));
#include "client/variable.def"
#undef VARIABLE
    text_put_str(out, "\nExit codes:\n");
#define EXIT_CODE(name, value, meaning) put_entry(out, #value, (meaning));
#include "client/exit_code.def"
#undef EXIT_CODE
}

void help_put_overview(struct text *out)
{
    text_put_str(out, "tocsin: publish and follow operational events through a Tocsin broker\n\nCommands:\n");
    for (unsigned i = 0; i < COMMAND_COUNT; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s%s%s", commands[i].name, *commands[i].alias ? ", " : "", commands[i].alias);
        put_entry(out, name, commands[i].meaning);
    }
    text_put_str(out, "\ntocsin help COMMAND tells more, with examples. tocsin --version tells the version.\n");
}

static bool has(enum command_id command, enum option_id id)
{
    return (option_table[id].commands & (1U << command)) != 0;
}

void help_put_command(struct text *out, enum command_id command)
{
    const struct command *entry = &commands[command];
    text_printf(out, "usage: tocsin %s %s\n\n%s", entry->name, entry->arguments, entry->meaning);
    if (*entry->alias)
        text_printf(out, "; the same as tocsin %s", entry->alias);
    text_put_str(out, "\n\n");
    put_examples(out, entry->examples);
    if (command == COMMAND_GATEWAY)
        put_gateways(out);
    put_options(out, command);
    if (has(command, OPTION_TOPIC))
        put_topics(out);
    if (has(command, OPTION_FORMAT))
        put_format(out);
    if (has(command, OPTION_SINCE) || command == COMMAND_PUB || command == COMMAND_VERIFY)
        put_times(out);
    if (command == COMMAND_VERIFY)
        put_verify_codes(out);
    else
        put_rest(out);
}
