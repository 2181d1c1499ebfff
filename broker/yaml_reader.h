/* YAML as far as our files use it: maps, lists and single values, read from the events of libyaml's parser. What else
 * YAML can say (anchors, aliases, tags, a second document) is refused where it stands, before anything of it is looked
 * into, so nothing here or in libyaml can be made to recurse. */
#ifndef BROKER_YAML_READER_H
#define BROKER_YAML_READER_H

#include <yaml.h>

#include "proto/span.h"
#include "proto/text.h"

struct yaml_reader {
    const char *file; /* its name in messages */
    struct span yaml;
    struct text *message;
    const char *allowed; /* what a file without any form is told: "the file must hold …" */
    yaml_parser_t parser;
    yaml_event_t event; /* the current one */
};

/* Reads a document whose root is a map, or nothing at all: `read_map` is called behind the map's start and returns
 * behind its end, with the end as the current event. Errors: TOCSIN_E_SYNTAX with FILE:LINE:COLUMN and the reason in
 * `message`, TOCSIN_E_NOMEM, or what read_map returned. */
int yaml_reader_read(struct yaml_reader *reader, int (*read_map)(void *arg), void *arg);

/* Moves to the next event. */
int yaml_reader_next(struct yaml_reader *reader);

/* The text of the current event, which is a single value. */
struct span yaml_reader_scalar(const struct yaml_reader *reader);

/* Refuses what is no plain single value. `what` begins the complaint: "a name" or "a value". */
int yaml_reader_check_scalar(struct yaml_reader *reader, const char *what);

/* True for what YAML takes for null: nothing at all, ~ or null. */
bool yaml_reader_is_null(const struct yaml_reader *reader);

/* Where the current event starts, from 1. */
size_t yaml_reader_line(const struct yaml_reader *reader);
size_t yaml_reader_column(const struct yaml_reader *reader);

/* Begins a complaint with where the current event starts. */
void yaml_reader_put_place(struct yaml_reader *reader);

/* A whole complaint; returns TOCSIN_E_SYNTAX. */
int yaml_reader_refuse(struct yaml_reader *reader, const char *reason);

#endif
