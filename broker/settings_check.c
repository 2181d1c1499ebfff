/* Rules that bind several settings. */
#include <stdlib.h>

#include "broker/printable.h"
#include "broker/settings_table.h"

/* Appends `name VALUE (where it came from)`. */
static void put_setting(const struct settings *settings, enum settings_id id, struct text *out)
{
    const struct setting *const setting = &settings_table[id];
    text_printf(out, "%s ", setting->name);
    setting_kinds[setting->kind].write((const char *)settings + setting->offset, out);
    text_put_str(out, " (");
    settings_put_place(id, settings->origins[id], settings->config, out);
    text_put_char(out, ')');
}

static int check_ring(const struct settings *settings, struct text *message)
{
    if (settings->ring_bytes / 2 >= settings->max_event_bytes)
        return TOCSIN_OK;
    put_setting(settings, SETTINGS_ID_ring_bytes, message);
    text_put_str(message, " must be at least twice ");
    put_setting(settings, SETTINGS_ID_max_event_bytes, message);
    return TOCSIN_E_SYNTAX;
}

/* An endpoint where libzmq chooses the place: two doors may have the same text. */
static bool is_wildcard(const char *endpoint)
{
    const size_t len = strlen(endpoint);
    return strcmp(endpoint, "ipc://*") == 0 ||
           (strncmp(endpoint, "tcp://", 6) == 0 && (endpoint[len - 1] == '*' || strcmp(endpoint + len - 2, ":0") == 0));
}

static const enum settings_id door_ids[] = {SETTINGS_ID_ingest, SETTINGS_ID_append, SETTINGS_ID_live,
                                            SETTINGS_ID_stream};

#define DOOR_IDS (sizeof door_ids / sizeof *door_ids)

/* The doors, and behind them those of the realms. */
static size_t door_count(const struct settings *settings)
{
    return DOOR_IDS + settings->realms.count;
}

static enum settings_id door_id(size_t i)
{
    return i < DOOR_IDS ? door_ids[i] : SETTINGS_ID_realms;
}

static const char *door_at(const struct settings *settings, size_t i)
{
    if (i >= DOOR_IDS)
        return settings->realms.items[i - DOOR_IDS].endpoint;
    return *(char *const *)((const char *)settings + settings_table[door_ids[i]].offset);
}

static int check_doors(const struct settings *settings, struct text *message)
{
    for (size_t a = 0; a < door_count(settings); a++) {
        for (size_t b = a + 1; b < door_count(settings); b++) {
            const char *one = door_at(settings, a), *other = door_at(settings, b);
            if (!one || !other || strcmp(one, other) != 0 || is_wildcard(one))
                continue;
            put_setting(settings, door_id(b), message);
            text_put_str(message, " is the same place as ");
            put_setting(settings, door_id(a), message);
            text_put_str(message, ": each door needs its own");
            return TOCSIN_E_SYNTAX;
        }
    }
    return TOCSIN_OK;
}

/* True for an endpoint that other machines can reach. */
static bool is_open(const char *endpoint)
{
    static const char *const local[] = {"tcp://127.", "tcp://[::1]:", "tcp://lo:"};
    bool is_tcp = endpoint && strncmp(endpoint, "tcp://", 6) == 0;
    for (size_t i = 0; is_tcp && i < sizeof local / sizeof *local; i++)
        is_tcp = strncmp(endpoint, local[i], strlen(local[i])) != 0;
    return is_tcp;
}

static int check_security(const struct settings *settings, struct text *message)
{
    if (!settings->curve_key != !settings->access) {
        put_setting(settings, settings->curve_key ? SETTINGS_ID_curve_key : SETTINGS_ID_access, message);
        text_printf(message, " goes with %s, which is not given: one says who the broker is, the other who may come",
                    settings->curve_key ? "access" : "curve-key");
        return TOCSIN_E_SYNTAX;
    }
    if (settings->realms.count > 0 && !settings->access) {
        put_setting(settings, SETTINGS_ID_realms, message);
        text_put_str(message, " goes with access, which is not given: it says what a realm has, and who may open it");
        return TOCSIN_E_SYNTAX;
    }
    for (size_t i = 0; i < door_count(settings) && !settings->curve_key && !settings->insecure; i++) {
        if (!is_open(door_at(settings, i)))
            continue;
        put_setting(settings, door_id(i), message);
        text_put_str(message,
                     " can be reached from other machines, and nothing there would be encrypted or asked who it "
                     "is: give curve-key and access (`tocsin init` makes them), or listen at 127.0.0.1 only, or "
                     "say insecure if that is what you want");
        return TOCSIN_E_SYNTAX;
    }
    return TOCSIN_OK;
}

int settings_check(const struct settings *settings, struct text *message)
{
    int error = check_ring(settings, message);
    if (error == TOCSIN_OK)
        error = check_doors(settings, message);
    return error == TOCSIN_OK ? check_security(settings, message) : error;
}
