/* What the readers of the access file's parts share: a key in the making, and how something is refused. */
#ifndef BROKER_ACCESS_READER_H
#define BROKER_ACCESS_READER_H

#include "broker/access.h"
#include "broker/name_map.h"
#include "broker/yaml_reader.h"

enum access_field {
#define ACCESS_FIELD(name, help) ACCESS_FIELD_##name,
#include "broker/access_field.def"
    ACCESS_FIELD_COUNT
};

struct access_reader {
    struct yaml_reader yaml;
    struct access *access;
    struct name_map *names;
    struct access_key key; /* in the making */
    bool seen[ACCESS_FIELD_COUNT];
    size_t line; /* where it begins */
};

/* access_value.c: each reads the value of a member, which comes next, into the key. */
#define ACCESS_FIELD(name, help) int access_read_##name(struct access_reader *reader);
#include "broker/access_field.def"

/* access_realm.c: reads the list of realms, which comes next. */
int access_read_realms(struct access_reader *reader);

/* access_value.c: reads a list of texts, which comes next; reads a single value; is that a name? */
int access_read_list(struct access_reader *reader, struct access_list *list);
int access_next_scalar(struct access_reader *reader, const char *what);
bool access_is_name(struct span name);

/* access_reader.c: refuses the current event; refuses its value, which is quoted. Both return TOCSIN_E_SYNTAX. */
int access_refuse(struct access_reader *reader, const char *reason);
int access_refuse_value(struct access_reader *reader, const char *reason);

/* The index of the current event's text among `count` names; -1 with a complaint. */
int access_find_name(struct access_reader *reader, const char *(*name_at)(size_t i), size_t count);

/* The current event is what should be a map's start, or a list's. */
int access_check_map(struct access_reader *reader, const char *reason);
int access_check_list(struct access_reader *reader, const char *reason);

#endif
