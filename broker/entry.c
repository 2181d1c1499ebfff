#include "broker/entry.h"

#include "proto/tocsin_base.h"

static int open_doors(struct entry *entry, const struct settings *settings, void *zmq, struct text *message)
{
    const struct door_key *key = security_key(&entry->security);
    int result = door_open_ingest(&entry->ingest, zmq, key, settings->ingest, settings->max_event_bytes, message);
    if (result == TOCSIN_OK)
        result = door_open_append(&entry->append, zmq, key, settings->append, settings->max_event_bytes, message);
    if (result == TOCSIN_OK)
        result = door_open_live(&entry->live, "live", zmq, key, settings->live, settings->live_hwm, message);
    for (size_t i = 0; result == TOCSIN_OK && i < settings->realms.count; i++) {
        const struct settings_realm *realm = &settings->realms.items[i];
        result = door_open_live(&entry->realms[i], realm->door, zmq, key, realm->endpoint, settings->live_hwm, message);
    }
    if (result == TOCSIN_OK)
        result = door_open_stream(&entry->stream, zmq, key, settings->stream, message);
    return result;
}

static int try_doors(struct entry *entry, void *zmq, struct text *message)
{
    enum { DOORS = 4 };
    const struct door *const doors[DOORS] = {&entry->ingest, &entry->append, &entry->live, &entry->stream};
    int result = TOCSIN_OK;
    for (size_t i = 0; result == TOCSIN_OK && i < DOORS; i++)
        result = security_try(&entry->security, doors[i], zmq, message);
    for (size_t i = 0; result == TOCSIN_OK && i < DOOR_REALMS_MAX; i++)
        result = security_try(&entry->security, &entry->realms[i], zmq, message);
    return result;
}

enum exit_code entry_open(struct entry *entry, const struct settings *settings, void *zmq, struct stats *stats,
                          struct text *message)
{
    int result = security_open(&entry->security, settings, zmq, stats, message);
    if (result == TOCSIN_E_NOMEM) {
        text_put_str(message, "out of memory, or of file descriptors");
        return EXIT_CODE_FAILED;
    }
    if (result != TOCSIN_OK)
        return EXIT_CODE_USAGE;
    if (open_doors(entry, settings, zmq, message) != TOCSIN_OK)
        return EXIT_CODE_UNAVAILABLE;
    return try_doors(entry, zmq, message) == TOCSIN_OK ? EXIT_CODE_OK : EXIT_CODE_FAILED;
}

void entry_close(struct entry *entry, int linger_ms)
{
    door_close(&entry->ingest, 0);
    door_close(&entry->append, linger_ms);
    door_close(&entry->live, linger_ms);
    door_close(&entry->stream, linger_ms);
    for (size_t i = 0; i < DOOR_REALMS_MAX; i++)
        door_close(&entry->realms[i], linger_ms);
    security_close(&entry->security);
}
