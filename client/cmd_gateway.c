/* tocsin gateway: tells which kinds there are; each is a command of its own. */
#include "client/command.h"
#include "client/complain.h"

int command_gateway(const struct options *options)
{
    if (options->operand_count > 0) {
        complain("no such kind of gateway: %s (tocsin help gateway)", options->operands[0]);
        return EXIT_CODE_USAGE;
    }
    const char *operands[] = {commands[COMMAND_GATEWAY].name, NULL};
    struct options help = {.command = COMMAND_HELP, .operands = operands, .operand_count = 1};
    return command_help(&help);
}
