/* The command line, taken apart: --name VALUE, --name=VALUE, a few letters. Names are never shortened. */
#include "broker/nearest.h"
#include "broker/printable.h"
#include "broker/settings_table.h"

static const struct {
    enum settings_action action;
    char letter; /* 0: none */
    const char *name;
} actions[] = {
#define SETTINGS_ACTION(ID, letter, name, help) {SETTINGS_##ID, letter, name},
#include "broker/settings.def"
};
#define ACTION_COUNT (sizeof actions / sizeof *actions)

/* One argument, split: --NAME[=VALUE] or -L[VALUE]. */
struct argument {
    struct span name;
    const char *value; /* NULL: none attached */
    bool is_short;
};

static struct argument split(const char *text)
{
    struct argument argument = {.is_short = text[1] != '-'};
    if (argument.is_short) {
        argument.name = span_of(text + 1, 1);
        argument.value = text[2] != '\0' ? text + 2 : NULL;
        return argument;
    }
    const size_t len = strcspn(text + 2, "=");
    argument.name = span_of(text + 2, len);
    argument.value = text[2 + len] == '=' ? text + 2 + len + 1 : NULL;
    return argument;
}

static void put_flag(const struct argument *argument, struct text *out)
{
    text_put_str(out, argument->is_short ? "-" : "--");
    printable_put(out, argument->name);
}

static int refuse_unknown(const struct argument *argument, struct text *message)
{
    put_flag(argument, message);
    text_put_str(message, ": there is no such flag");
    if (!argument->is_short) {
        struct nearest nearest = nearest_to(argument->name);
        nearest_offer(&nearest, "config");
        for (size_t i = 0; i < ACTION_COUNT; i++)
            nearest_offer(&nearest, actions[i].name);
        for (size_t id = 0; id < SETTINGS_COUNT; id++)
            nearest_offer(&nearest, settings_table[id].name);
        nearest_put(&nearest, "--", message);
    }
    text_put_str(message, "; --help lists them all");
    return TOCSIN_E_SYNTAX;
}

/* The index of the action that the argument names; ACTION_COUNT where it names none. */
static size_t find_action(const struct argument *argument)
{
    size_t i = 0;
    while (i < ACTION_COUNT && !(argument->is_short ? argument->name.data[0] == (uint8_t)actions[i].letter
                                                    : span_is(argument->name, actions[i].name)))
        i++;
    return i;
}

/* The value attached, or the next argument; a next argument that begins with -- is a flag and no value. */
static int take_value(const struct argument *argument, char *const **at, const char **value, struct text *message)
{
    *value = argument->value;
    if (!*value && (*at)[1] && strncmp((*at)[1], "--", 2) != 0)
        *value = *++*at;
    if (*value)
        return TOCSIN_OK;
    put_flag(argument, message);
    text_put_str(message, ": a value must follow");
    return TOCSIN_E_SYNTAX;
}

static int take_config(struct settings_flags *flags, const struct argument *argument, char *const **at,
                       struct text *message)
{
    if (flags->config) {
        put_flag(argument, message);
        text_put_str(message, ": only one configuration file can be read, and one was named before");
        return TOCSIN_E_SYNTAX;
    }
    return take_value(argument, at, &flags->config, message);
}

static int take_action(struct settings_flags *flags, const struct argument *argument, struct text *message)
{
    const size_t i = find_action(argument);
    if (i == ACTION_COUNT)
        return refuse_unknown(argument, message);
    if (argument->value) {
        put_flag(argument, message);
        text_put_str(message, ": takes no value");
        return TOCSIN_E_SYNTAX;
    }
    flags->action = actions[i].action;
    return TOCSIN_OK;
}

static int take(struct settings_flags *flags, char *const **at, struct text *message)
{
    const struct argument argument = split(**at);
    if (argument.is_short ? argument.name.data[0] == 'c' : span_is(argument.name, "config"))
        return take_config(flags, &argument, at, message);
    const int id = argument.is_short ? -1 : settings_find(argument.name);
    if (id < 0)
        return take_action(flags, &argument, message);
    if (settings_table[id].kind == SETTING_KIND_flag) { /* --salvage alone means yes */
        flags->values[id] = argument.value ? argument.value : "true";
        return TOCSIN_OK;
    }
    return take_value(&argument, at, &flags->values[id], message);
}

int settings_read_flags(struct settings_flags *flags, char *const *argv, struct text *message)
{
    *flags = (struct settings_flags){.action = SETTINGS_RUN};
    if (!argv[0])
        return TOCSIN_OK;
    for (char *const *at = argv + 1; *at; at++) {
        if ((*at)[0] != '-' || (*at)[1] == '\0' || strcmp(*at, "--") == 0) {
            printable_quote(message, span_of_str(*at));
            text_put_str(message, ": tocsind takes flags only; --help lists them");
            return TOCSIN_E_SYNTAX;
        }
        const int error = take(flags, &at, message);
        if (error != TOCSIN_OK)
            return error;
        if (flags->action == SETTINGS_HELP || flags->action == SETTINGS_VERSION)
            return TOCSIN_OK;
    }
    return TOCSIN_OK;
}
