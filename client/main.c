/* tocsin: finds the command, reads its options, runs it. */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "client/command.h"
#include "client/complain.h"
#include "client/out.h"
#include "client/tocsin.h"

static int (*const runs[COMMAND_COUNT])(const struct options *options) = {
    [COMMAND_PUB] = command_pub,
    [COMMAND_SUB] = command_sub,
    [COMMAND_QUERY] = command_query,
    [COMMAND_REPLAY] = command_replay,
    [COMMAND_INFO] = command_info,
    [COMMAND_RELOAD] = command_reload,
    [COMMAND_VERIFY] = command_verify,
    [COMMAND_GATEWAY] = command_gateway,
    [COMMAND_GATEWAY_OPENSIPS] = command_gateway_opensips,
    [COMMAND_GATEWAY_OME] = command_gateway_ome,
    [COMMAND_GATEWAY_JSON] = command_gateway_json,
    [COMMAND_STATUS] = command_status,
    [COMMAND_ALERT] = command_alert,
    [COMMAND_ALERT_TEST] = command_alert_test,
    [COMMAND_ALERT_CHECK] = command_alert_check,
    [COMMAND_ALERT_EXPLAIN] = command_alert_explain,
    [COMMAND_ALERT_SILENCE] = command_alert_silence,
    [COMMAND_LOG] = command_log,
    [COMMAND_INIT] = command_init,
    [COMMAND_KEYGEN] = command_keygen,
    [COMMAND_HELP] = command_help,
};

static int print_version(void)
{
    return out_line("tocsin %s", tocsin_version());
}

/* help for the command whose options asked for it */
static int help_for(enum command_id command)
{
    const char *operands[] = {commands[command].name, NULL};
    struct options options = {.command = COMMAND_HELP, .operands = operands, .operand_count = 1};
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

/* A standard descriptor that we were started without would go to the next file or socket, which then got what is meant
 * for people. What stands in for it fails when it is read or written, as a closed one does. */
static void hold_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
            return;
    }
}

int main(int argc, char **argv)
{
    hold_standard_descriptors();
    signal(SIGPIPE, SIG_IGN);
    tzset();
    if (argc < 2) {
        complain("which command? (tocsin help)");
        return EXIT_CODE_USAGE;
    }
    if (strcmp(argv[1], "--version") == 0)
        return print_version();
    static char help[] = "help";
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        argv[1] = help;
    int used;
    enum command_id command = command_find_words((const char *const *)argv + 1, &used);
    if (command == COMMAND_COUNT) {
        complain("no such command: %s (tocsin help)", argv[1]);
        return EXIT_CODE_USAGE;
    }
    return run(command, argc - 1 - used, argv + 1 + used);
}
