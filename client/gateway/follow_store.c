#include "client/gateway/follow_store.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/complain.h"

#define KEY_MAX      40 /* of its name, in that of the producer */
#define BOOT_ID_PATH "/proc/sys/kernel/random/boot_id"

/* "unknown" where the system does not tell. */
static void read_boot_id(char *boot_id)
{
    ssize_t len = 0;
    int fd = open(BOOT_ID_PATH, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        len = read(fd, boot_id, FOLLOW_BOOT_ID_LEN);
        close(fd);
    }
    if (len == FOLLOW_BOOT_ID_LEN)
        boot_id[FOLLOW_BOOT_ID_LEN] = '\0';
    else
        snprintf(boot_id, FOLLOW_BOOT_ID_LEN + 1, "unknown");
}

static void begin(struct follow_state *state, const char *producer, struct span key)
{
    uint8_t random[8];
    char hex[2 * sizeof random + 1];
    randombytes_buf(random, sizeof random);
    sodium_bin2hex(hex, sizeof hex, random, sizeof random);
    int key_len = key.len < KEY_MAX ? (int)key.len : KEY_MAX;
    if (producer)
        snprintf(state->producer, sizeof state->producer, "%s", producer);
    else
        snprintf(state->producer, sizeof state->producer, "%.*s%s%s-%s", key_len, (const char *)key.data,
                 key_len > 0 ? "-" : "", state->kind, hex);
    read_boot_id(state->boot_id);
}

static bool read_state(struct follow_store *store, const char *producer)
{
    struct follow_state *state = &store->state;
    const char *path = store->file.path;
    char boot_id[FOLLOW_BOOT_ID_LEN + 1];
    int error = follow_state_read(state, text_span(&store->text));
    if (error == TOCSIN_E_NOMEM) {
        complain("out of memory");
        return false;
    }
    if (error) {
        complain(
            "--state: %s is damaged, or no state of this gateway. Without it nobody knows which lines are in the log "
            "already: to begin anew, delete it",
            path);
        return false;
    }
    if (producer && strcmp(producer, state->producer) != 0) {
        complain("--producer: %s belongs to the producer %s", path, state->producer);
        return false;
    }
    read_boot_id(boot_id);
    store->has_booted = strcmp(boot_id, state->boot_id) != 0;
    memcpy(state->boot_id, boot_id, sizeof boot_id);
    return true;
}

bool follow_store_open(struct follow_store *store, const char *kind, const char *path, const char *producer,
                       struct span key)
{
    *store = (struct follow_store){.file.lock_fd = -1};
    follow_state_init(&store->state, kind);
    text_init(&store->text);
    if (sodium_init() < 0) {
        complain("cannot begin: the system has no random numbers");
        return false;
    }
    int error = kept_file_open(&store->file, path);
    if (!error)
        error = kept_file_read(&store->file, FOLLOW_STATE_MAX, &store->text);
    switch (error) {
    case TOCSIN_OK:
    case TOCSIN_E_FULL: /* no state of ours is so long: reading says so */
        return read_state(store, producer);
    case TOCSIN_E_END:
        store->is_new = true;
        begin(&store->state, producer, key);
        return true;
    case TOCSIN_E_LOCKED:
        complain("--state: another process uses %s", path);
        return false;
    default:
        complain("--state: %s: %s", path, error == TOCSIN_E_IO ? strerror(errno) : "out of memory");
        return false;
    }
}

bool follow_store_keep(struct follow_store *store)
{
    text_clear(&store->text);
    follow_state_put(&store->text, &store->state);
    errno = ENOMEM;
    return !store->text.failed && kept_file_write(&store->file, text_span(&store->text)) == TOCSIN_OK;
}

void follow_store_close(struct follow_store *store)
{
    follow_state_fini(&store->state);
    text_fini(&store->text);
    kept_file_close(&store->file);
}
