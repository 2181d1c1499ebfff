/* tocsin reload: has the broker read its access file again. */
#include <inttypes.h>

#include "client/command.h"
#include "client/complain.h"
#include "client/signals.h"
#include "client/tocsin_stream.h"
#include "client/where.h"

int command_reload(const struct options *options)
{
    struct where where;
    char fault[1024] = "";
    uint64_t keys = 0;
    if (!where_find(options, ENDPOINT_STREAM, &where))
        return EXIT_CODE_USAGE;
    if (options->operand_count > 0) {
        complain("reload takes no arguments (tocsin help reload)");
        return EXIT_CODE_USAGE;
    }
    signals_catch();
    struct tocsin_stream_options stream = {
        .stream = where.endpoint, .connect_timeout_ms = where.timeout_ms, .curve = where_curve(&where)};
    int error = tocsin_reload(&stream, &keys, fault, sizeof fault);
    if (error == TOCSIN_E_SYNTAX) {
        complain("nothing has changed: %s", fault);
        return EXIT_CODE_FAILED;
    }
    if (error && fault[0] != '\0') {
        bool is_denied = error == TOCSIN_E_DENIED;
        complain("%s: the broker %s: %s", where.endpoint, is_denied ? "does not allow that" : "cannot do that now",
                 fault);
        return is_denied ? EXIT_CODE_DENIED : EXIT_CODE_UNREACHABLE;
    }
    if (error)
        return where_complain(&where, error);
    if (!options_has(options, OPTION_QUIET))
        complain("the access file is in force: %" PRIu64 " keys", keys);
    return EXIT_CODE_OK;
}
