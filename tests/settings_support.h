/* For the tests of settings: one load or one file at a time, its outcome kept to be looked at. */
#ifndef TESTS_SETTINGS_SUPPORT_H
#define TESTS_SETTINGS_SUPPORT_H

#include "broker/settings.h"

struct loaded {
    struct settings settings;
    enum settings_action action;
    int error;
    char message[4096];
};

/* Loads with these arguments (without the program's name) and this environment; both end with NULL, `env` may be NULL.
 * A home is in the environment always. loaded_fini is due. */
void load(struct loaded *loaded, const char *const *args, const char *const *env);

/* Reads `yaml` over the defaults as a file called c.yaml. */
void load_yaml(struct loaded *loaded, const char *yaml, size_t len);

/* Loads and expects TOCSIN_E_SYNTAX and exactly this message. */
void assert_refused(const char *const *args, const char *const *env, const char *expected);

void loaded_fini(struct loaded *loaded);

/* The value of a setting as YAML text, in a static buffer. */
const char *value_of(const struct loaded *loaded, enum settings_id id);

/* A file with this content under /tmp, for the process's life; its path in a static buffer. */
const char *file_with(const char *content);

#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})

#endif
