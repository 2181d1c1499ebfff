#include "client/options.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "client/complain.h"

const struct command commands[COMMAND_COUNT] = {
#define COMMAND(id, name, alias, arguments, meaning, examples)                                                         \
    [COMMAND_##id] = {(name), (alias), (arguments), (meaning), (examples)},
#include "client/command.def"
#undef COMMAND
};

const struct option_entry option_table[OPTION_COUNT] = {
#define OPTION(id, letter, name, argument, commands, section, meaning)                                                 \
    [OPTION_##id] = {(letter), (name), (argument), (commands), (section), (meaning)},
#include "client/option.def"
#undef OPTION
};

enum command_id command_find(const char *name)
{
    for (unsigned i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(name, commands[i].name) == 0 || (*commands[i].alias && strcmp(name, commands[i].alias) == 0))
            return (enum command_id)i;
    }
    return COMMAND_COUNT;
}

/* "gateway json" and the words gateway, json */
static bool is_two_words(const char *name, const char *const *words)
{
    size_t len = strlen(words[0]);
    return strncmp(name, words[0], len) == 0 && name[len] == ' ' && strcmp(name + len + 1, words[1]) == 0;
}

enum command_id command_find_words(const char *const *words, int *used)
{
    *used = 0;
    if (!words[0])
        return COMMAND_COUNT;
    for (unsigned i = 0; i < COMMAND_COUNT && words[1]; i++) {
        if (is_two_words(commands[i].name, words)) {
            *used = 2;
            return (enum command_id)i;
        }
    }
    enum command_id command = command_find(words[0]);
    *used = command != COMMAND_COUNT;
    return command;
}

static bool has_command(const struct option_entry *entry, enum command_id command)
{
    return (entry->commands & (1U << command)) != 0;
}

static enum option_id find_letter(enum command_id command, char letter)
{
    for (unsigned i = 0; i < OPTION_COUNT; i++) {
        if (option_table[i].letter == letter && has_command(&option_table[i], command))
            return (enum option_id)i;
    }
    return OPTION_COUNT;
}

static enum option_id find_name(enum command_id command, const char *name, size_t len)
{
    for (unsigned i = 0; i < OPTION_COUNT; i++) {
        const struct option_entry *entry = &option_table[i];
        if (strncmp(entry->name, name, len) == 0 && entry->name[len] == '\0' && has_command(entry, command))
            return (enum option_id)i;
    }
    return OPTION_COUNT;
}

static bool refuse(const struct options *options, const char *what, const char *option)
{
    complain("%s%s (tocsin help %s)", what, option, commands[options->command].name);
    return false;
}

static bool is_place(const char *argument)
{
    static const char *const places[] = {"FILE", "DIR", "HOST", "ENDPOINT"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (strncmp(argument, places[i], strlen(places[i])) == 0)
            return true;
    }
    return false;
}

/* A place without a name is mostly a variable of the shell that is not set: nobody means the default by that. */
static bool add(struct options *options, enum option_id id, const char *value)
{
    if (*value == '\0' && is_place(option_table[id].argument))
        return refuse(options, "its value is empty: --", option_table[id].name);
    options->values[options->value_count++] = (struct option_value){id, value};
    return true;
}

/* --name, --name=VALUE, --name VALUE. `*next` is the argument behind, and is taken where it is the value. */
static bool read_long(struct options *options, const char *argument, char ***next)
{
    const char *name = argument + 2, *equals = strchr(name, '=');
    enum option_id id = find_name(options->command, name, equals ? (size_t)(equals - name) : strlen(name));
    if (id == OPTION_COUNT)
        return refuse(options, "unknown option ", argument);
    bool is_flag = *option_table[id].argument == '\0';
    if (is_flag && equals)
        return refuse(options, "takes no value: ", argument);
    if (is_flag || equals)
        return add(options, id, equals ? equals + 1 : "");
    if (!**next)
        return refuse(options, "needs a value: ", argument);
    return add(options, id, *(*next)++);
}

/* -q, -qv, -C5, -C 5, -qC5 */
static bool read_letters(struct options *options, const char *argument, char ***next)
{
    for (const char *at = argument + 1; *at; at++) {
        enum option_id id = find_letter(options->command, *at);
        char name[] = {'-', *at, '\0'};
        if (id == OPTION_COUNT)
            return refuse(options, "unknown option ", (unsigned char)*at < 0x80 ? name : argument);
        if (*option_table[id].argument == '\0') {
            add(options, id, "");
            continue;
        }
        if (at[1] == '\0' && !**next)
            return refuse(options, "needs a value: ", name);
        return add(options, id, at[1] ? at + 1 : *(*next)++);
    }
    return true;
}

bool options_read(struct options *options, enum command_id command, int argc, char **argv)
{
    size_t count = 0; /* letters and operands, more than there can be values */
    for (int i = 0; i < argc; i++)
        count += strlen(argv[i]) + 1;
    *options = (struct options){.command = command};
    options->values = calloc(count + 1, sizeof *options->values);
    options->operands = calloc((size_t)argc + 1, sizeof *options->operands);
    if (!options->values || !options->operands) {
        complain("out of memory");
        return false;
    }
    bool is_behind_options = false;
    for (char **next = argv; *next;) {
        const char *argument = *next++;
        bool is_read = true;
        if (is_behind_options || argument[0] != '-' || argument[1] == '\0')
            options->operands[options->operand_count++] = argument;
        else if (strcmp(argument, "--") == 0)
            is_behind_options = true;
        else if (argument[1] == '-')
            is_read = read_long(options, argument, &next);
        else
            is_read = read_letters(options, argument, &next);
        if (!is_read)
            return false;
    }
    return true;
}

void options_fini(struct options *options)
{
    free(options->values);
    free(options->operands);
}

const char *options_get(const struct options *options, enum option_id id)
{
    for (size_t i = options->value_count; i > 0; i--) {
        if (options->values[i - 1].id == id)
            return options->values[i - 1].value;
    }
    return NULL;
}
