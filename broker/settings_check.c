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

static int check_doors(const struct settings *settings, struct text *message)
{
    static const enum settings_id ids[] = {SETTINGS_ID_ingest, SETTINGS_ID_append, SETTINGS_ID_live,
                                           SETTINGS_ID_stream};
    const char *const doors[] = {settings->ingest, settings->append, settings->live, settings->stream};
    for (size_t a = 0; a < sizeof ids / sizeof *ids; a++) {
        for (size_t b = a + 1; b < sizeof ids / sizeof *ids; b++) {
            if (!doors[a] || !doors[b] || strcmp(doors[a], doors[b]) != 0 || is_wildcard(doors[a]))
                continue;
            put_setting(settings, ids[b], message);
            text_put_str(message, " is the same place as ");
            put_setting(settings, ids[a], message);
            text_put_str(message, ": each door needs its own");
            return TOCSIN_E_SYNTAX;
        }
    }
    return TOCSIN_OK;
}

int settings_check(const struct settings *settings, struct text *message)
{
    const int error = check_ring(settings, message);
    return error == TOCSIN_OK ? check_doors(settings, message) : error;
}
