#include "broker/security.h"

#include <sodium.h>

#include "broker/access_file.h"
#include "broker/printable.h"
#include "broker/server_key.h"
#include "proto/tocsin_base.h"

/* Each realm with an endpoint must be in the file: one that is misspelled would publish nothing. */
static int read_access(const struct settings *settings, struct access **access, struct text *message)
{
    int result = access_file_read(access, settings->access, message);
    for (size_t i = 0; result == TOCSIN_OK && i < settings->realms.count; i++) {
        const char *name = settings->realms.items[i].door + strlen(DOOR_REALM_PREFIX);
        if (access_find_realm(*access, span_of_str(name)))
            continue;
        text_put_str(message, "access file ");
        printable_quote(message, span_of_str(settings->access));
        text_printf(message, ": the realm %s, which has an endpoint, is not there", name);
        access_free(access);
        result = TOCSIN_E_SYNTAX;
    }
    return result;
}

static int read_both(const struct settings *settings, struct door_key *key, struct access **access,
                     struct text *message)
{
    int result = server_key_read(key, settings->curve_key, message);
    return result == TOCSIN_OK ? read_access(settings, access, message) : result;
}

int security_check(const struct settings *settings, struct text *message)
{
    struct door_key key;
    struct access *access = NULL;
    if (!settings->curve_key)
        return TOCSIN_OK;
    int result = read_both(settings, &key, &access, message);
    sodium_memzero(&key, sizeof key);
    access_free(&access);
    return result;
}

int security_open(struct security *security, const struct settings *settings, void *zmq, struct stats *stats,
                  struct text *message)
{
    struct access *access = NULL;
    denials_init(&security->denials);
    arrivals_init(&security->arrivals);
    security->is_on = settings->curve_key != NULL;
    security->settings = settings;
    if (!security->is_on)
        return TOCSIN_OK;
    sodium_mlock(&security->key, sizeof security->key);
    int result = read_both(settings, &security->key, &access, message);
    if (result != TOCSIN_OK)
        return result;
    security->gate = access_gate_new(access);
    const struct zap_options options = {zmq,   security->gate,      &security->denials,
                                        stats, &security->arrivals, &settings->realms};
    if (security->gate)
        security->zap = zap_start(&options);
    return security->zap ? TOCSIN_OK : TOCSIN_E_NOMEM;
}

const struct door_key *security_key(const struct security *security)
{
    return security->is_on ? &security->key : NULL;
}

int security_try(struct security *security, const struct door *door, void *zmq, struct text *message)
{
    if (!security->is_on)
        return TOCSIN_OK;
    zap_set_quiet(security->zap, true);
    int result = door_try(door, zmq, &security->key, message);
    zap_set_quiet(security->zap, false);
    return result;
}

int security_reload(struct security *security, struct text *message)
{
    struct access *access;
    int result = read_access(security->settings, &access, message);
    if (result == TOCSIN_OK && !access_gate_replace(security->gate, access))
        result = TOCSIN_E_NOMEM;
    if (result == TOCSIN_E_NOMEM)
        text_put_str(message, "out of memory");
    access_gate_put_note(security->gate, security->settings->access, text_span(message));
    return result;
}

void security_close(struct security *security)
{
    zap_stop(&security->zap);
    access_gate_free(&security->gate);
    denials_fini(&security->denials);
    arrivals_fini(&security->arrivals);
    if (security->is_on)
        sodium_munlock(&security->key, sizeof security->key); /* clears it as well */
}
