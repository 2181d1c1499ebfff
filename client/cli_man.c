#include <string.h>

#include "client/cli_doc.h"
#include "client/options.h"
#include "proto/roff.h"

static void put_option(struct text *out, const struct option_entry *entry)
{
    text_put_str(out, ".TP\n");
    if (entry->letter)
        text_printf(out, "\\fB\\-%c\\fR, ", entry->letter);
    text_put_str(out, "\\fB\\-\\-");
    roff_put(out, entry->name);
    text_put_str(out, "\\fR");
    if (*entry->argument) {
        text_put_str(out, " \\fI");
        roff_put(out, entry->argument);
        text_put_str(out, "\\fR");
    }
    text_put_char(out, '\n');
    roff_put(out, entry->meaning);
    text_put_char(out, '\n');
}

static void put_command(struct text *out, enum command_id id)
{
    const struct command *command = &commands[id];
    text_printf(out, ".SH TOCSIN %s\n.B tocsin %s\n", command->name, command->name);
    roff_put(out, command->arguments);
    text_put_str(out, "\n.PP\n");
    roff_put(out, command->meaning);
    if (*command->alias)
        text_printf(out, "; the same as\n.B tocsin %s", command->alias);
    text_put_str(out, "\n.PP\n.nf\n");
    roff_put(out, command->examples);
    text_put_str(out, ".fi\n");
    const char *section = "";
    for (unsigned i = 0; i < OPTION_COUNT; i++) {
        const struct option_entry *entry = &option_table[i];
        if (!(entry->commands & (1U << id)))
            continue;
        if (strcmp(section, entry->section) != 0)
            text_printf(out, ".SS %s\n", entry->section);
        section = entry->section;
        put_option(out, entry);
    }
}

static void put_tables(struct text *out)
{
    text_put_str(out, ".SH TOPICS\nCATEGORY may be * for any.\n");
#define TOPIC_FORM(form, meaning) roff_put_entry(out, (form), (meaning));
#include "client/topic_form.def"
#undef TOPIC_FORM
    text_put_str(out, ".SH OUTPUT\n");
#define OUTPUT(id, name, meaning) roff_put_entry(out, (name), (meaning));
#include "client/output.def"
#undef OUTPUT
    text_put_str(out, ".SH FORMATS\n");
#define FORMAT_LETTER(letter, name, meaning) roff_put_entry(out, (char[]){'%', (letter), '\0'}, (meaning));
#include "client/format_letter.def"
#undef FORMAT_LETTER
#define FORMAT_FORM(form, meaning) roff_put_entry(out, (form), (meaning));
#include "client/format_form.def"
#undef FORMAT_FORM
    text_put_str(out, ".SH TIMES\n");
#define TIME_FORM(form, meaning) roff_put_entry(out, (form), (meaning));
#include "client/time_form.def"
#undef TIME_FORM
    text_put_str(out, ".SH ENVIRONMENT\nOptions go before. An empty variable counts as not set.\n");
#define VARIABLE(name, meaning) roff_put_entry(out, (name), (meaning));
#include "client/variable.def"
#undef VARIABLE
    text_put_str(out, ".SH EXIT STATUS\n");
#define EXIT_CODE(name, value, meaning) roff_put_entry(out, #value, (meaning));
#include "client/exit_code.def"
#undef EXIT_CODE
    text_put_str(out, ".SS Of tocsin verify\n");
#define VERIFY_CODE(name, value, meaning) roff_put_entry(out, #value, (meaning));
#include "client/verify_code.def"
#undef VERIFY_CODE
}

static void put_guide(struct text *out, const char *title, const char *paragraphs)
{
    text_printf(out, ".SH %s\n", title);
    for (const char *end; *paragraphs; paragraphs = end + 1) {
        end = strchr(paragraphs, '\n');
        char paragraph[2048];
        size_t len = (size_t)(end - paragraphs) < sizeof paragraph ? (size_t)(end - paragraphs) : sizeof paragraph - 1;
        memcpy(paragraph, paragraphs, len);
        paragraph[len] = '\0';
        text_put_str(out, ".PP\n");
        roff_put(out, paragraph);
        text_put_char(out, '\n');
    }
}

void cli_doc_put_man(struct text *out)
{
    text_put_str(out,
                 ".\\\" Printed from the tables in client/*.def (cmake --build BUILD --target cli_docs); do not edit.\n"
                 ".TH TOCSIN 1 \"\" \"tocsin " TOCSIN_VERSION "\"\n.SH NAME\n"
                 "tocsin \\- publish and follow operational events through a Tocsin broker\n"
                 ".SH SYNOPSIS\n");
    for (unsigned i = 0; i < COMMAND_COUNT; i++) {
        text_printf(out, ".B tocsin %s\n", commands[i].name);
        roff_put(out, commands[i].arguments);
        text_put_str(out, "\n.br\n");
    }
    for (unsigned i = 0; i < COMMAND_COUNT; i++)
        put_command(out, (enum command_id)i);
    put_tables(out);
#define GUIDE(title, text) put_guide(out, (title), (text));
#include "client/guide.def"
#undef GUIDE
    text_put_str(out, ".SH SEE ALSO\n.BR tocsind (8)\n");
}
