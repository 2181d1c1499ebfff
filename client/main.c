/* tocsin: finds the command, reads its options, runs it. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "client/command.h"
#include "client/complain.h"
#include "client/tocsin.h"

static int (*const runs[COMMAND_COUNT])(const struct options *options) = {
    [COMMAND_PUB] = command_pub,       [COMMAND_SUB] = command_sub,   [COMMAND_QUERY] = command_query,
    [COMMAND_REPLAY] = command_replay, [COMMAND_INFO] = command_info, [COMMAND_VERIFY] = command_verify,
    [COMMAND_HELP] = command_help,
};

static int print_version(void)
{
    printf("tocsin %s\n", tocsin_version());
    return fflush(stdout) == 0 ? EXIT_CODE_OK : EXIT_CODE_FAILED;
}

/* help for the command whose options asked for it */
static int help_for(enum command_id command)
{
    const char *operand = commands[command].name;
    struct options options = {.command = COMMAND_HELP, .operands = &operand, .operand_count = 1};
    return command_help(&options);
}

static int run(enum command_id command, int argc, char **argv)
{
    struct options options;
    int code = EXIT_CODE_USAGE;
    if (options_read(&options, command, argc, argv)) {
        if (options_has(&options, OPTION_HELP))
            code = help_for(command);
        else if (options_has(&options, OPTION_VERSION))
            code = print_version();
        else
            code = runs[command](&options);
    }
    options_fini(&options);
    return code;
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    tzset();
    if (argc < 2) {
        complain("which command? (tocsin help)");
        return EXIT_CODE_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--version") == 0)
        return print_version();
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        name = commands[COMMAND_HELP].name;
    enum command_id command = command_find(name);
    if (command == COMMAND_COUNT) {
        complain("no such command: %s (tocsin help)", name);
        return EXIT_CODE_USAGE;
    }
    return run(command, argc - 2, argv + 2);
}
