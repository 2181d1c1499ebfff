/* The command line taken apart, by the tables command.def and option.def. */
#ifndef CLIENT_OPTIONS_H
#define CLIENT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum command_id {
#define COMMAND(id, name, alias, arguments, meaning, examples) COMMAND_##id,
#include "client/command.def"
#undef COMMAND
    COMMAND_COUNT
};

struct command {
    const char *name;
    const char *alias; /* "": none */
    const char *arguments;
    const char *meaning;
    const char *examples;
};

extern const struct command commands[COMMAND_COUNT];

/* Which commands have an option. */
enum option_commands {
#define COMMAND(id, name, alias, arguments, meaning, examples) FOR_##id = 1 << COMMAND_##id,
#include "client/command.def"
#undef COMMAND
    FOR_ANY_GATEWAY = FOR_GATEWAY_OPENSIPS | FOR_GATEWAY_OME | FOR_GATEWAY_JSON,
};

enum option_id {
#define OPTION(id, letter, name, argument, commands, section, meaning) OPTION_##id,
#include "client/option.def"
#undef OPTION
    OPTION_COUNT
};

struct option_entry {
    char letter; /* 0: none */
    const char *name;
    const char *argument; /* "": a flag */
    unsigned commands;
    const char *section;
    const char *meaning;
};

extern const struct option_entry option_table[OPTION_COUNT];

enum exit_code {
#define EXIT_CODE(name, value, meaning) EXIT_CODE_##name = (value),
#include "client/exit_code.def"
#undef EXIT_CODE
};

struct option_value {
    enum option_id id;
    const char *value; /* "" for a flag */
};

struct options {
    enum command_id command;
    struct option_value *values; /* in the order given */
    size_t value_count;
    const char **operands;
    size_t operand_count;
};

/* The command of that name or alias; COMMAND_COUNT: none. */
enum command_id command_find(const char *name);

/* The command that `words` begin with; some have a name of two words. `*used` is how many words it took: 0 for none, and
 * COMMAND_COUNT is returned. `words` end with NULL. */
enum command_id command_find_words(const char *const *words, int *used);

/* Reads the arguments behind the command's name. Texts are borrowed from argv. On a fault it complains and returns
 * false; options_fini is due in any case. */
bool options_read(struct options *options, enum command_id command, int argc, char **argv);
void options_fini(struct options *options);

/* The last value given; NULL: none. */
const char *options_get(const struct options *options, enum option_id id);

static inline bool options_has(const struct options *options, enum option_id id)
{
    return options_get(options, id) != NULL;
}

#endif
