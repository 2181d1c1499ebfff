#include "client/where.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client/arg.h"
#include "client/complain.h"
#include "client/signals.h"
#include "client/where_reason.h"

#define TIMEOUT_DEFAULT_MS 5000
#define KEY_NAME_MAX       40

struct source {
    enum option_id option;
    const char *flag;
    const char *variable;
};

static const struct source server_source = {OPTION_SERVER, "--server", "TOCSIN_SERVER"};

static const struct source own[ENDPOINT_KIND_COUNT] = {
    [ENDPOINT_INGEST] = {OPTION_INGEST, "--ingest", "TOCSIN_INGEST"},
    [ENDPOINT_APPEND] = {OPTION_APPEND, "--append", "TOCSIN_APPEND"},
    [ENDPOINT_LIVE] = {OPTION_LIVE, "--live", "TOCSIN_LIVE"},
    [ENDPOINT_STREAM] = {OPTION_STREAM, "--stream", "TOCSIN_STREAM"},
};

/* The option, else the variable where it is not empty; `*name` is what speaks. */
static const char *setting(const struct options *options, const struct source *source, const char **name)
{
    const char *value = options_get(options, source->option);
    *name = value ? source->flag : source->variable;
    if (!value)
        value = getenv(source->variable);
    return value && *value ? value : NULL;
}

bool where_set_server_key(struct where *where, const char *name, const char *value)
{
    char error[1024];
    if (tocsin_key_read_public(&where->server_key, value, error, sizeof error) == TOCSIN_OK)
        return true;
    complain("%s: %s", name, error);
    return false;
}

static void point_at_keys(struct where *where)
{
    where->curve = (struct tocsin_curve){
        .server_key = where->server_key.public_key,
        .secret_key = where->key.secret_key,
        .public_key = where->key.public_key,
    };
}

static bool find_keys(const struct options *options, struct where *where)
{
    static const struct source key_source = {OPTION_KEY, "--key", "TOCSIN_KEY"};
    static const struct source server_key_source = {OPTION_SERVER_KEY, "--server-key", "TOCSIN_SERVER_KEY"};
    const char *key_name, *server_key_name;
    const char *key = setting(options, &key_source, &key_name);
    const char *server_key = setting(options, &server_key_source, &server_key_name);
    char error[1024];
    where->has_keys = key && server_key;
    if (!key && !server_key)
        return true;
    if (!key || !server_key) {
        complain("%s goes with %s: the one is the broker's public key, the other your own secret one",
                 key ? key_name : server_key_name, key ? "--server-key" : "--key");
        return false;
    }
    if (tocsin_key_read(&where->key, key, error, sizeof error) != TOCSIN_OK) {
        complain("%s: %s", key_name, error);
        return false;
    }
    where->key_file = key;
    point_at_keys(where);
    return where_set_server_key(where, server_key_name, server_key);
}

const struct tocsin_curve *where_curve(const struct where *where)
{
    return where->has_keys ? &where->curve : NULL;
}

void where_copy_keys(struct where *where, const struct where *from)
{
    where->has_keys = from->has_keys;
    where->key_file = from->key_file;
    where->key = from->key;
    where->server_key = from->server_key;
    point_at_keys(where);
}

bool where_find(const struct options *options, enum endpoint_kind kind, struct where *where)
{
    const char *server_name, *own_name;
    const char *server = setting(options, &server_source, &server_name);
    const char *endpoint = setting(options, &own[kind], &own_name);
    *where = (struct where){.kind = kind, .timeout_ms = TIMEOUT_DEFAULT_MS};
    if (endpoint_choose(endpoint, server, kind, where->endpoint) == 0)
        return arg_duration_ms(options, OPTION_TIMEOUT, &where->timeout_ms) && find_keys(options, where);
    if (endpoint)
        complain("%s: \"%s\" is no endpoint: allowed are tcp://HOST:PORT and ipc://PATH", own_name, endpoint);
    else
        complain("%s: \"%s\" is no server: allowed is HOST or HOST:PORT, the port 65532 at most", server_name, server);
    return false;
}

bool where_is_given(const struct options *options, enum endpoint_kind kind)
{
    const char *name;
    return setting(options, &own[kind], &name) != NULL;
}

size_t where_key_name(const struct where *where, const char **name)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
    *name = "";
    if (!where->key_file)
        return 0;
    const char *slash = strrchr(where->key_file, '/');
    *name = slash ? slash + 1 : where->key_file;
    const char *ending = strstr(*name, ".key_secret");
    size_t len = strspn(*name, allowed);
    if (ending && (size_t)(ending - *name) < len)
        len = (size_t)(ending - *name);
    return len < KEY_NAME_MAX ? len : KEY_NAME_MAX;
}

int where_complain(const struct where *where, int error)
{
    const char *cursor = where->cursor_file ? where->cursor_file : "";
    switch (error) {
    case TOCSIN_E_INTERRUPTED:
        return 128 + signals_caught();
    case TOCSIN_E_INVALID:
        complain("cannot connect to %s: it is no endpoint to connect to, or its host is not known", where->endpoint);
        return EXIT_CODE_USAGE;
    case TOCSIN_E_DENIED:
        complain("%s: the broker does not allow that with this key", where->endpoint);
        return EXIT_CODE_DENIED;
    case TOCSIN_E_UNREACHABLE:
        complain("cannot reach %s: no broker answered within %g s: %s", where->endpoint, where->timeout_ms / 1000.0,
                 where_reason(where));
        return EXIT_CODE_UNREACHABLE;
    case TOCSIN_E_CLOSED:
        complain("%s: another process sends as the same producer, and came later", where->endpoint);
        return EXIT_CODE_UNREACHABLE;
    case TOCSIN_E_SYNTAX:
        complain("--cursor: %s: the file is no cursor", cursor);
        return EXIT_CODE_FAILED;
    case TOCSIN_E_IO:
        complain("--cursor: %s: %s", cursor, strerror(errno));
        return EXIT_CODE_FAILED;
    case TOCSIN_E_LOCKED:
        complain("--cursor: %s: another process uses it", cursor);
        return EXIT_CODE_FAILED;
    case TOCSIN_E_PROTOCOL:
        complain("what answers at %s is no broker of this protocol", where->endpoint);
        return EXIT_CODE_UNREACHABLE;
    default:
        complain("%s: %s", where->endpoint, tocsin_error_text(error));
        return EXIT_CODE_FAILED;
    }
}
