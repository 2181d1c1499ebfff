/* tocsin keygen: a new pair of keys, in two files. */
#include <stdio.h>
#include <string.h>

#include "client/command.h"
#include "client/complain.h"
#include "client/out.h"
#include "client/tocsin_curve.h"

static int complain_of(int error, const char *why)
{
    complain("%s", *why ? why : tocsin_error_text(error));
    return EXIT_CODE_FAILED;
}

int command_keygen(const struct options *options)
{
    char path[1024], error[1536] = "";
    struct tocsin_key key;
    if (options->operand_count != 1 || strlen(options->operands[0]) > sizeof path - 5) {
        complain("what shall the key be called? One name (tocsin help keygen)");
        return EXIT_CODE_USAGE;
    }
    const char *operand = options->operands[0];
    const char *slash = strrchr(operand, '/');
    const char *name = slash ? slash + 1 : operand;
    snprintf(path, sizeof path, "%s.key", operand);
    int result = tocsin_key_make(&key);
    if (result == TOCSIN_OK)
        result = tocsin_key_write(&key, path, name, error, sizeof error);
    explicit_bzero(key.secret_key, sizeof key.secret_key);
    if (result == TOCSIN_E_INVALID) {
        complain("\"%s\" is no name for a key: allowed are 1 to 64 of A-Z a-z 0-9 _ . -", name);
        return EXIT_CODE_USAGE;
    }
    if (result != TOCSIN_OK)
        return complain_of(result, error);
    if (!options_has(options, OPTION_QUIET))
        complain("wrote %s_secret, for its owner alone, and %s", path, path);
    return out_line("%s", key.public_key);
}
