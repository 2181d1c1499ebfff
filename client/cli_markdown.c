#include <string.h>

#include "client/cli_doc.h"
#include "client/options.h"

/* A cell of a table: a bar would end it. */
static void put_cell(struct text *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '|')
            text_put_char(out, '\\');
        text_put_char(out, *text);
    }
}

static void put_row(struct text *out, const char *name, const char *meaning)
{
    text_put_str(out, "| `");
    put_cell(out, name);
    text_put_str(out, "` | ");
    put_cell(out, meaning);
    text_put_str(out, " |\n");
}

static void put_head(struct text *out, const char *title, const char *first)
{
    text_printf(out, "\n## %s\n\n| %s | meaning |\n|---|---|\n", title, first);
}

static void put_option(struct text *out, const struct option_entry *entry)
{
    text_put_str(out, "| ");
    if (entry->letter)
        text_printf(out, "`-%c`, ", entry->letter);
    text_printf(out, "`--%s", entry->name);
    if (*entry->argument)
        text_put_char(out, ' ');
    put_cell(out, entry->argument);
    text_put_str(out, "` | ");
    put_cell(out, entry->meaning);
    text_put_str(out, " |\n");
}

static void put_command(struct text *out, enum command_id id)
{
    const struct command *command = &commands[id];
    text_printf(out, "\n## tocsin %s\n\n`tocsin %s %s`: %s", command->name, command->name, command->arguments,
                command->meaning);
    if (*command->alias)
        text_printf(out, "; `tocsin %s` is the same", command->alias);
    text_printf(out, ".\n\n```sh\n%s```\n", command->examples);
    const char *section = "";
    for (unsigned i = 0; i < OPTION_COUNT; i++) {
        const struct option_entry *entry = &option_table[i];
        if (!(entry->commands & (1U << id)))
            continue;
        if (strcmp(section, entry->section) != 0)
            text_printf(out, "\n| %s | |\n|---|---|\n", entry->section);
        section = entry->section;
        put_option(out, entry);
    }
}

static void put_guides(struct text *out)
{
#define GUIDE(title, text)                                                                                             \
    text_put_str(out, "\n## " title "\n\n");                                                                           \
    for (const char *at = (text); *at; at++) {                                                                         \
        text_put_char(out, *at);                                                                                       \
        if (*at == '\n' && at[1])                                                                                      \
            text_put_char(out, '\n');                                                                                  \
    }
#include "client/guide.def"
#undef GUIDE
}

static void put_tables(struct text *out)
{
    put_head(out, "Topics", "form");
#define TOPIC_FORM(form, meaning) put_row(out, (form), (meaning));
#include "client/topic_form.def"
#undef TOPIC_FORM
    text_put_str(out, "\nCATEGORY may be `*` for any; the broker then sends everything, and `sub` sorts out.\n");
    put_head(out, "Output (-o)", "form");
#define OUTPUT(id, name, meaning) put_row(out, (name), (meaning));
#include "client/output.def"
#undef OUTPUT
    put_head(out, "Formats (-F)", "form");
#define FORMAT_LETTER(letter, name, meaning) put_row(out, (char[]){'%', (letter), '\0'}, (meaning));
#include "client/format_letter.def"
#undef FORMAT_LETTER
#define FORMAT_FORM(form, meaning) put_row(out, (form), (meaning));
#include "client/format_form.def"
#undef FORMAT_FORM
    put_head(out, "Times", "form");
#define TIME_FORM(form, meaning) put_row(out, (form), (meaning));
#include "client/time_form.def"
#undef TIME_FORM
    put_head(out, "Environment", "variable");
#define VARIABLE(name, meaning) put_row(out, (name), (meaning));
#include "client/variable.def"
#undef VARIABLE
    text_put_str(out, "\nOptions go before. An empty variable counts as not set.\n");
    put_head(out, "Exit codes", "code");
#define EXIT_CODE(name, value, meaning) put_row(out, #value, (meaning));
#include "client/exit_code.def"
#undef EXIT_CODE
    put_head(out, "Exit codes of tocsin verify", "code");
#define VERIFY_CODE(name, value, meaning) put_row(out, #value, (meaning));
#include "client/verify_code.def"
#undef VERIFY_CODE
}

void cli_doc_put_markdown(struct text *out)
{
    text_put_str(
        out,
        "# The command line `tocsin`\n\n"
        "<!-- Printed from the tables in client/*.def (cmake --build BUILD --target cli_docs); do not edit. -->\n\n"
        "| command | meaning |\n|---|---|\n");
    for (unsigned i = 0; i < COMMAND_COUNT; i++)
        put_row(out, commands[i].name, commands[i].meaning);
    text_put_str(out, "\n`tocsin help COMMAND` tells the same in the terminal.\n");
    for (unsigned i = 0; i < COMMAND_COUNT; i++)
        put_command(out, (enum command_id)i);
    put_tables(out);
    put_guides(out);
}
