/* The file of rules and receivers that a person writes, in the manner of Prometheus's and Alertmanager's. */
#ifndef CLIENT_ALERT_RULES_FILE_H
#define CLIENT_ALERT_RULES_FILE_H

#include "client/alert/inhibit.h"
#include "client/alert/receiver.h"
#include "client/alert/rule.h"
#include "proto/text.h"

struct rules_file {
    struct rules rules;
    struct receivers receivers;
    struct inhibit_rules inhibit_rules;
};

/* Reads the text; `name` stands before complaints. All or nothing: on a fault *file is empty, and `message` has
 * "NAME:LINE:COLUMN: what is wrong, and what was expected". rules_file_fini is due after success. */
bool rules_file_parse(struct rules_file *file, struct span yaml, const char *name, struct text *message);

/* As rules_file_parse, of the file at `path`. */
bool rules_file_read(struct rules_file *file, const char *path, struct text *message);

/* The same, complaining by itself; in rules_file_told.c. */
bool rules_file_read_told(struct rules_file *file, const char *path);

void rules_file_fini(struct rules_file *file);

#endif
