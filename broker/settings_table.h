/* Within settings*.c: the rows of settings.def at run time, and the one function through which every value goes. */
#ifndef BROKER_SETTINGS_TABLE_H
#define BROKER_SETTINGS_TABLE_H

#include "broker/settings.h"

enum setting_kind {
#define SETTING_KIND(kind, ...) SETTING_KIND_##kind,
#include "broker/settings.def"
    SETTING_KIND_COUNT
};

struct setting {
    const char *name;
    const char *value;      /* the default; an example where worked_out is given */
    const char *worked_out; /* NULL: the default is `value` */
    const char *help;
    uint64_t min;
    uint64_t max;
    enum setting_kind kind;
    size_t offset; /* of the member in struct settings */
};

struct setting_kind_ops {
    const char *metavar;
    /* Reads `value`, UTF-8 without control characters, into the member. On TOCSIN_E_SYNTAX the member is untouched and
     * `why` is appended: what is wrong and what is allowed. */
    int (*read)(const struct setting *setting, struct span value, void *field, struct text *why);
    /* Appends the member as it would be written in a file, unquoted. */
    void (*write)(const void *field, struct text *out);
    void (*release)(void *field);
};

extern const struct setting settings_table[SETTINGS_COUNT];
extern const struct setting_kind_ops setting_kinds[SETTING_KIND_COUNT];

#define SETTING_KIND(kind, ...)                                                                                        \
    int setting_read_##kind(const struct setting *setting, struct span value, void *field, struct text *why);          \
    void setting_write_##kind(const void *field, struct text *out);
#include "broker/settings.def"

/* NULL when libzmq can bind to it as far as its text tells, else what is wrong. */
const char *setting_check_endpoint(struct span value);

/* True for one byte of a name. */
bool setting_is_label_byte(uint8_t byte);

void setting_release_string(void *field);
void setting_release_address(void *field);
void setting_release_nothing(void *field);

/* Replaces the string in a member of type char *. Errors: TOCSIN_E_NOMEM. */
int setting_set_string(void *field, struct span value);

/* Appends `"value" what`, the beginning of most complaints. */
void setting_complain(struct text *why, struct span value, const char *what);

/* The index of `value` among `words`; -1 with a complaint when it is none of them. */
int setting_read_choice(struct span value, const char *const *words, size_t count, struct text *why);

struct settings_unit {
    const char *suffix;
    uint64_t factor;
};

/* Reads digits and one of the suffixes. False for anything else; what is too large to count is UINT64_MAX. */
bool settings_read_number(struct span value, const struct settings_unit *units, size_t unit_count, uint64_t *number);

/* The row with this name; -1 where there is none. */
int settings_find(struct span name);

/* Sets one setting from text, and remembers where it came from. On an error `message` is the whole sentence; `file` is
 * the name for SETTINGS_BY_FILE (else NULL). */
int settings_set(struct settings *settings, enum settings_id id, struct span value, struct settings_origin origin,
                 const char *file, struct text *message);

/* Appends where a setting was set, as a message begins: `FILE:3:7: name`, `TOCSIN_NAME in the environment`, `--name`.
 */
void settings_put_place(enum settings_id id, struct settings_origin origin, const char *file, struct text *out);

/* Writes the environment variable's name; `out` holds SETTINGS_ENV_MAX bytes. */
#define SETTINGS_ENV_MAX 48
void settings_env_name(const struct setting *setting, char *out);

/* The value of a variable of `envp`; NULL where it is unset or empty. */
const char *settings_env_value(char *const *envp, const char *name);

/* What the command line says. */
struct settings_flags {
    enum settings_action action;
    const char *config;                 /* NULL: no file */
    const char *values[SETTINGS_COUNT]; /* NULL: not given; else within argv */
};

/* Takes the command line apart; values are not looked at yet. Errors: TOCSIN_E_SYNTAX. */
int settings_read_flags(struct settings_flags *flags, char *const *argv, struct text *message);

/* Reads a file of at most SETTINGS_FILE_MAX bytes and then settings_read_yaml. */
int settings_read_file(struct settings *settings, const char *path, struct text *message);

/* The log's directory when nobody names one, for the owner to free; NULL when out of memory, or when there is no home
 * (then `message` says so). */
char *settings_default_log_dir(char *const *envp, bool is_root, struct text *message);

/* Appends a size as people write it: 64MiB, or in bytes where no unit fits exactly. */
void settings_put_size(uint64_t bytes, struct text *out);

/* Appends the value of a setting as it would stand in a YAML file, quoted where it must be. */
void settings_put_yaml_value(const struct settings *settings, enum settings_id id, struct text *out);

/* What tocsind is for, and how settings are given: a paragraph each, for --help and the manual page. */
extern const char settings_purpose[];
extern const char settings_guide[];

/* The default as people read it: its text, or how it is found. */
const char *settings_default_of(const struct setting *setting);

/* Appends `separator` and the least and the largest allowed, where the setting is a size or a count. */
void settings_put_limits(const struct setting *setting, const char *separator, struct text *out);

#endif
