/* The members of a key in the access file, each read and checked. */
#include <stdlib.h>

#include "broker/access_reader.h"
#include "broker/nearest.h"
#include "broker/printable.h"
#include "proto/rfc3339.h"
#include "proto/tocsin_base.h"

enum limit {
#define ACCESS_LIMIT(name, most, help) LIMIT_##name,
#include "broker/access_limit.def"
    LIMIT_COUNT
};

static const struct {
    const char *name;
    uint64_t most;
} limits[] = {
#define ACCESS_LIMIT(name, most, help) {#name, most},
#include "broker/access_limit.def"
};

/* Moves to the next event, which must be a single value. */
int access_next_scalar(struct access_reader *reader, const char *what)
{
    int error = yaml_reader_next(&reader->yaml);
    return error == TOCSIN_OK ? yaml_reader_check_scalar(&reader->yaml, what) : error;
}

bool access_is_name(struct span name)
{
    bool is_good = name.len > 0 && name.len <= ACCESS_NAME_MAX;
    for (size_t i = 0; is_good && i < name.len; i++) {
        uint8_t byte = name.data[i];
        is_good = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
                  byte == '_' || byte == '.' || byte == '-';
    }
    return is_good;
}

int access_read_name(struct access_reader *reader)
{
    int error = access_next_scalar(reader, "a name");
    struct span name = yaml_reader_scalar(&reader->yaml);
    uint32_t line;
    if (error != TOCSIN_OK)
        return error;
    if (!access_is_name(name))
        return access_refuse_value(reader, "is no name: allowed are 1 to 64 of A-Z a-z 0-9 _ . -");
    if (name_map_find(reader->names, name, &line)) {
        access_refuse_value(reader, "is a name that another key has already");
        text_printf(reader->yaml.message, ", in line %lu", (unsigned long)line);
        return TOCSIN_E_SYNTAX;
    }
    if (!name_map_add(reader->names, name, (uint32_t)yaml_reader_line(&reader->yaml)))
        return TOCSIN_E_NOMEM;
    memcpy(reader->key.name, name.data, name.len);
    return TOCSIN_OK;
}

int access_read_public(struct access_reader *reader)
{
    uint8_t bytes[CURVE_KEY_LEN];
    int error = access_next_scalar(reader, "a key");
    struct span text = yaml_reader_scalar(&reader->yaml);
    if (error != TOCSIN_OK)
        return error;
    if (!curve_key_read(bytes, text))
        return access_refuse_value(reader, "is no public key: it has 40 characters, and stands in double quotes");
    memcpy(reader->key.public_key, text.data, CURVE_Z85_LEN);
    return TOCSIN_OK;
}

static int add_text(struct access_reader *reader, struct access_list *list)
{
    struct span text = yaml_reader_scalar(&reader->yaml);
    if (text.len > ACCESS_PATTERN_MAX)
        return access_refuse(reader, "longer than 200 bytes, and so is no topic");
    if (list->count == ACCESS_PATTERNS_MAX)
        return access_refuse(reader, "one more than 256, which is the most in a list");
    struct span *items = realloc(list->items, (list->count + 1) * sizeof *items);
    if (!items)
        return TOCSIN_E_NOMEM;
    list->items = items;
    uint8_t *copy = malloc(text.len + 1);
    if (!copy)
        return TOCSIN_E_NOMEM;
    memcpy(copy, text.data, text.len);
    list->items[list->count++] = span_of(copy, text.len);
    return TOCSIN_OK;
}

int access_read_list(struct access_reader *reader, struct access_list *list)
{
    int error = yaml_reader_next(&reader->yaml);
    if (error == TOCSIN_OK)
        error = access_check_list(reader, "a list must stand here, as [\"StreamEvent/\", \"CoreEvent/\"]");
    if (error != TOCSIN_OK)
        return error;
    while ((error = yaml_reader_next(&reader->yaml)) == TOCSIN_OK) {
        if (reader->yaml.event.type == YAML_SEQUENCE_END_EVENT)
            return TOCSIN_OK;
        error = yaml_reader_check_scalar(&reader->yaml, "an item of this list");
        if (error == TOCSIN_OK)
            error = add_text(reader, list);
        if (error != TOCSIN_OK)
            return error;
    }
    return error;
}

/* A pattern of a topic that no topic can match would only look like a right. */
int access_read_publish(struct access_reader *reader)
{
    int error = access_read_list(reader, &reader->key.publish);
    for (size_t i = 0; error == TOCSIN_OK && i < reader->key.publish.count; i++) {
        struct span pattern = reader->key.publish.items[i];
        if (pattern.len > 0 && (memchr(pattern.data, '/', pattern.len) || memchr(pattern.data, '*', pattern.len)))
            continue;
        yaml_reader_put_place(&reader->yaml);
        printable_quote(reader->yaml.message, pattern);
        text_put_str(reader->yaml.message, " matches no topic: a topic is CATEGORY/SOURCE, as CoreEvent/sip1*");
        error = TOCSIN_E_SYNTAX;
    }
    return error;
}

int access_read_producers(struct access_reader *reader)
{
    reader->key.has_producers = true;
    return access_read_list(reader, &reader->key.producers);
}

int access_read_read(struct access_reader *reader)
{
    return access_read_list(reader, &reader->key.read);
}

/* The current event is true or false. */
static int take_flag(struct access_reader *reader, bool *flag)
{
    struct span value = yaml_reader_scalar(&reader->yaml);
    *flag = span_is(value, "true");
    return *flag || span_is(value, "false") ? TOCSIN_OK : access_refuse_value(reader, "is not allowed: true or false");
}

static int refuse_realm(struct access_reader *reader)
{
    struct nearest nearest = nearest_to(yaml_reader_scalar(&reader->yaml));
    const struct access_realm *realm;
    for (size_t i = 0; (realm = access_realm_at(reader->access, i)); i++)
        nearest_offer(&nearest, realm->name);
    access_refuse_value(reader, "is no realm: they stand before the keys");
    nearest_put(&nearest, "", reader->yaml.message);
    return TOCSIN_E_SYNTAX;
}

/* The names of a list; each must be there. */
static int read_realm_names(struct access_reader *reader)
{
    int error;
    while ((error = yaml_reader_next(&reader->yaml)) == TOCSIN_OK) {
        if (reader->yaml.event.type == YAML_SEQUENCE_END_EVENT)
            return TOCSIN_OK;
        error = yaml_reader_check_scalar(&reader->yaml, "a realm's name");
        if (error == TOCSIN_OK && !access_find_realm(reader->access, yaml_reader_scalar(&reader->yaml)))
            error = refuse_realm(reader);
        if (error == TOCSIN_OK)
            error = add_text(reader, &reader->key.realms);
        if (error != TOCSIN_OK)
            return error;
    }
    return error;
}

int access_read_live(struct access_reader *reader)
{
    int error = yaml_reader_next(&reader->yaml);
    if (error == TOCSIN_OK && reader->yaml.event.type == YAML_SEQUENCE_START_EVENT) {
        error = access_check_list(reader, "a list must stand here, as [ops]");
        return error == TOCSIN_OK ? read_realm_names(reader) : error;
    }
    if (error == TOCSIN_OK)
        error = yaml_reader_check_scalar(&reader->yaml, "true, false or a list of realms");
    return error == TOCSIN_OK ? take_flag(reader, &reader->key.live) : error;
}

int access_read_replay(struct access_reader *reader)
{
    int error = access_next_scalar(reader, "true or false");
    return error == TOCSIN_OK ? take_flag(reader, &reader->key.replay) : error;
}

int access_read_admin(struct access_reader *reader)
{
    int error = access_next_scalar(reader, "true or false");
    return error == TOCSIN_OK ? take_flag(reader, &reader->key.admin) : error;
}

static int read_time(struct access_reader *reader, uint64_t *us)
{
    struct rfc3339 time;
    int error = access_next_scalar(reader, "a time");
    if (error != TOCSIN_OK)
        return error;
    if (!rfc3339_read(yaml_reader_scalar(&reader->yaml), &time) || time.seconds < 0)
        return access_refuse_value(reader, "is no time: write it as 2026-11-21T09:30:00+09:00");
    *us = (uint64_t)time.seconds * 1000000 + time.nanoseconds / 1000;
    return TOCSIN_OK;
}

int access_read_not_before(struct access_reader *reader)
{
    return read_time(reader, &reader->key.not_before);
}

int access_read_not_after(struct access_reader *reader)
{
    return read_time(reader, &reader->key.not_after);
}

static const char *limit_name(size_t i)
{
    return limits[i].name;
}

static int read_limit(struct access_reader *reader, bool seen[LIMIT_COUNT])
{
    struct access_limits *own = &reader->key.limits;
    uint64_t *const values[] = {&own->events_per_s, &own->bytes_per_s, &own->sessions, &own->connections};
    int error = yaml_reader_check_scalar(&reader->yaml, "a limit's name");
    int found = error == TOCSIN_OK ? access_find_name(reader, limit_name, LIMIT_COUNT) : -1;
    if (found < 0)
        return error != TOCSIN_OK ? error : TOCSIN_E_SYNTAX;
    if (seen[found])
        return access_refuse_value(reader, "is given twice");
    seen[found] = true;
    error = access_next_scalar(reader, "a limit");
    if (error != TOCSIN_OK)
        return error;
    struct span text = yaml_reader_scalar(&reader->yaml);
    uint64_t value = 0;
    for (size_t i = 0; i < text.len && value <= limits[found].most; i++)
        value = text.data[i] >= '0' && text.data[i] <= '9' ? value * 10 + text.data[i] - '0' : UINT64_MAX;
    if (value == 0 || value > limits[found].most)
        return access_refuse_value(reader, "is no limit: allowed is a whole number above 0");
    *values[found] = value;
    return TOCSIN_OK;
}

int access_read_limits(struct access_reader *reader)
{
    bool seen[LIMIT_COUNT] = {false};
    int error = yaml_reader_next(&reader->yaml);
    if (error == TOCSIN_OK)
        error = access_check_map(reader, "a map must stand here, as {events_per_s: 5000}");
    while (error == TOCSIN_OK && (error = yaml_reader_next(&reader->yaml)) == TOCSIN_OK &&
           reader->yaml.event.type != YAML_MAPPING_END_EVENT)
        error = read_limit(reader, seen);
    return error;
}
