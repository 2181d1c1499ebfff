/* The settings of tocsind: flags over environment over file over defaults. The list is settings.def. */
#ifndef BROKER_SETTINGS_H
#define BROKER_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/doors.h"
#include "broker/log.h"
#include "proto/span.h"
#include "proto/text.h"
#include "proto/tocsin_base.h"

enum settings_zone {
#define SETTINGS_ZONE(ID, word) SETTINGS_ZONE_##ID,
#include "broker/settings.def"
};

enum settings_sync_mode {
#define SETTINGS_SYNC(ID, word) SETTINGS_SYNC_##ID,
#include "broker/settings.def"
};

struct settings_sync {
    enum settings_sync_mode mode;
    uint64_t interval_ms; /* 0 but for SETTINGS_SYNC_INTERVAL */
};

struct settings_realm {
    char door[sizeof DOOR_REALM_PREFIX + DOOR_REALM_NAME_MAX]; /* live/NAME */
    char endpoint[256];
};

struct settings_realms {
    size_t count;
    struct settings_realm items[DOOR_REALMS_MAX];
};

struct settings_address {
    char *host; /* an IPv4 or IPv6 address in figures, without brackets; NULL: none */
    uint16_t port;
};

/* The value of an age or a size where there is no limit. */
#define SETTINGS_NEVER UINT64_MAX

/* How much of a disk is to stay free: the larger of both. */
struct settings_room {
    uint64_t bytes;
    unsigned percent;
};

enum settings_source { SETTINGS_BY_DEFAULT, SETTINGS_BY_FILE, SETTINGS_BY_ENVIRONMENT, SETTINGS_BY_FLAG };

struct settings_origin {
    enum settings_source source;
    size_t line; /* where the value stands in the file, from 1; 0 for other sources */
    size_t column;
};

enum settings_id {
#define SETTING(field, ...) SETTINGS_ID_##field,
#include "broker/settings.def"
    SETTINGS_COUNT
};

#define SETTING_KIND(kind, c_type, ...) typedef c_type settings_kind_##kind;
#include "broker/settings.def"

/* One member a row of settings.def: char *name, *log_dir; enum settings_zone log_zone; struct settings_sync sync;
 * char *ingest, *append, *live, *stream (NULL: none); struct settings_address http; uint64_t max_event_bytes … Strings
 * are UTF-8 without control characters and belong to the struct. */
struct settings {
#define SETTING(field, name, kind, ...) settings_kind_##kind field;
#include "broker/settings.def"
    struct settings_origin origins[SETTINGS_COUNT];
    char *config; /* the file that was read; NULL: none */
};

enum settings_action {
    SETTINGS_RUN,
#define SETTINGS_ACTION(ID, letter, name, help) SETTINGS_##ID,
#include "broker/settings.def"
};

/* Fills in the defaults. log_dir depends on the environment and stays NULL until settings_load.
 * Errors: TOCSIN_E_NOMEM. settings_fini is due in any case. */
int settings_init(struct settings *settings);

/* Frees what the settings own. */
void settings_fini(struct settings *settings);

/* Reads flags, environment and file over the defaults of settings_init, and checks the whole. `argv` includes the
 * program's name; `argv` and `envp` end with NULL. For SETTINGS_HELP and SETTINGS_VERSION nothing but the flags is
 * looked at. On an error `message` holds one sentence, safe to print, that says where it is, what is wrong and what is
 * allowed.
 * Errors: TOCSIN_E_SYNTAX (usage, or a wrong value anywhere), TOCSIN_E_IO (the file cannot be read), TOCSIN_E_NOMEM
 * (then `message` may be empty). */
int settings_load(struct settings *settings, char *const *argv, char *const *envp, enum settings_action *action,
                  struct text *message);

/* Largest configuration file. */
#define SETTINGS_FILE_MAX 1048576

/* Reads a whole YAML file that is in memory; `file` is its name in messages, and becomes settings->config. Values are
 * checked one by one; rules between settings are not. Errors as settings_load. */
int settings_read_yaml(struct settings *settings, struct span yaml, const char *file, struct text *message);

/* Checks the rules that bind several settings. Errors: TOCSIN_E_SYNTAX. */
int settings_check(const struct settings *settings, struct text *message);

/* The text of --print-config: YAML that reads back as the same settings. */
void settings_write_yaml(const struct settings *settings, struct text *out);

/* The text of --help. */
void settings_write_help(struct text *out);

/* The table of docs/CONFIGURATION.md, packaging/tocsind.yaml and packaging/man/tocsind.8. */
void settings_write_markdown(struct text *out);
void settings_write_example(struct text *out);
void settings_write_man(struct text *out);

#endif
