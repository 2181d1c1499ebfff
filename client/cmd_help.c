#include <unistd.h>

#include "client/command.h"
#include "client/complain.h"
#include "client/help.h"
#include "client/out.h"
#include "proto/tocsin_base.h"

int command_help(const struct options *options)
{
    enum command_id command = COMMAND_COUNT;
    if (options->operand_count > 0) {
        int used;
        command = command_find_words(options->operands, &used);
        if (command == COMMAND_COUNT)
            command = command_find(options->operands[0]); /* one name in one word, as main gives it */
        if (command == COMMAND_COUNT) {
            complain("no such command: %s (tocsin help)", options->operands[0]);
            return EXIT_CODE_USAGE;
        }
    }
    struct out out;
    out_init(&out, STDOUT_FILENO);
    if (command == COMMAND_COUNT)
        help_put_overview(&out.text);
    else
        help_put_command(&out.text, command);
    int error = out_flush(&out);
    out_fini(&out);
    return out_code(error);
}
