/* The configuration file: one YAML map of names and single values, read from the events of libyaml's parser.
 *
 * The happy path: stream, document, map; then key and value in turn until the map ends; the document's end, the
 * stream's end. Everything else that YAML can say (lists, maps within, anchors, aliases, tags, a second document) is
 * refused where it stands, before anything of it is looked into, so nothing here or in libyaml can be made to recurse.
 */
#include <yaml.h>

#include "broker/nearest.h"
#include "broker/printable.h"
#include "broker/settings_table.h"

struct reader {
    struct settings *settings;
    const char *file;
    struct span yaml;
    struct text *message;
    yaml_parser_t parser;
    yaml_event_t event;
    size_t seen_at_line[SETTINGS_COUNT]; /* 0: not seen */
};

static void put_position(struct reader *reader, size_t line, size_t column)
{
    printable_put(reader->message, span_of_str(reader->file));
    text_printf(reader->message, ":%zu:%zu: ", line, column);
}

/* Begins a complaint with where the current event starts. */
static void put_event_position(struct reader *reader)
{
    put_position(reader, reader->event.start_mark.line + 1, reader->event.start_mark.column + 1);
}

static int refuse(struct reader *reader, const char *reason)
{
    put_event_position(reader);
    text_put_str(reader->message, reason);
    return TOCSIN_E_SYNTAX;
}

/* libyaml tells no line and column of bytes that it cannot decode, only how far it came. */
static void put_offset_position(struct reader *reader, size_t offset)
{
    size_t line = 1, column = 1;
    for (size_t i = 0; i < offset && i < reader->yaml.len; i++) {
        const uint8_t byte = reader->yaml.data[i];
        if (byte == '\n') {
            line++;
            column = 1;
        } else if ((byte & 0xc0) != 0x80) {
            column++;
        }
    }
    put_position(reader, line, column);
}

/* Where a %TAG directive stands, NULL where there is none. libyaml compares each with all before it, which takes a
 * quarter of a minute for a megabyte of them; tags are not allowed anyway. */
static const uint8_t *find_tag_directive(struct span yaml)
{
    const uint8_t *const end = yaml.data + yaml.len;
    for (const uint8_t *at = yaml.data; at < end && (at = memmem(at, (size_t)(end - at), "%TAG", 4)); at += 4)
        if (at == yaml.data || memchr("\n\r\x85\xa8\xa9", at[-1], 5)) /* last bytes of all that YAML ends lines with */
            return at;
    return NULL;
}

static int refuse_broken(struct reader *reader)
{
    const yaml_parser_t *const parser = &reader->parser;
    if (parser->error == YAML_MEMORY_ERROR)
        return TOCSIN_E_NOMEM;
    if (parser->error == YAML_READER_ERROR)
        put_offset_position(reader, parser->problem_offset);
    else
        put_position(reader, parser->problem_mark.line + 1, parser->problem_mark.column + 1);
    text_printf(reader->message, "this is no YAML: %s", parser->problem ? parser->problem : "unknown fault");
    if (parser->context && parser->error != YAML_READER_ERROR)
        text_printf(reader->message, " (%s that begins in line %zu)", parser->context, parser->context_mark.line + 1);
    return TOCSIN_E_SYNTAX;
}

/* Moves to the next event. */
static int next(struct reader *reader)
{
    yaml_event_delete(&reader->event);
    return yaml_parser_parse(&reader->parser, &reader->event) ? TOCSIN_OK : refuse_broken(reader);
}

static struct span scalar(const struct reader *reader)
{
    return span_of(reader->event.data.scalar.value, reader->event.data.scalar.length);
}

/* Refuses what is no plain single value. `what` begins the complaint: "a name" or "a value". */
static int check_scalar(struct reader *reader, const char *what)
{
    const yaml_event_t *const event = &reader->event;
    const char *reason = NULL;
    if (event->type == YAML_SEQUENCE_START_EVENT)
        reason = "must be single, no list; what begins with [ needs quotes, as \"[::1]:8560\"";
    else if (event->type == YAML_MAPPING_START_EVENT)
        reason = "must be single, no map: settings are not nested";
    else if (event->type == YAML_ALIAS_EVENT)
        reason = "must be written out: aliases (*) are not allowed";
    else if (event->data.scalar.anchor)
        reason = "must have no anchor (&)";
    else if (event->data.scalar.tag)
        reason = "must have no tag (!)";
    if (!reason)
        return TOCSIN_OK;
    put_event_position(reader);
    text_printf(reader->message, "%s %s", what, reason);
    return TOCSIN_E_SYNTAX;
}

/* What YAML takes for null: nothing at all, ~ or null. */
static bool is_null(const struct reader *reader)
{
    const struct span value = scalar(reader);
    return reader->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           (value.len == 0 || span_is(value, "~") || span_is(value, "null"));
}

static int refuse_unknown_key(struct reader *reader)
{
    const struct span key = scalar(reader);
    put_event_position(reader);
    printable_quote(reader->message, key);
    text_put_str(reader->message, " is no setting");
    struct nearest nearest = nearest_to(key);
    for (size_t id = 0; id < SETTINGS_COUNT; id++)
        nearest_offer(&nearest, settings_table[id].name);
    nearest_put(&nearest, "", reader->message);
    text_put_str(reader->message, "; tocsind --help lists them all");
    return TOCSIN_E_SYNTAX;
}

/* The current event is where a key should be. */
static int read_key(struct reader *reader, enum settings_id *id)
{
    const int error = check_scalar(reader, "a setting's name");
    if (error != TOCSIN_OK)
        return error;
    const int found = settings_find(scalar(reader));
    if (found < 0)
        return refuse_unknown_key(reader);
    if (reader->seen_at_line[found] > 0) {
        put_event_position(reader);
        text_printf(reader->message, "%s is set twice, here and in line %zu", settings_table[found].name,
                    reader->seen_at_line[found]);
        return TOCSIN_E_SYNTAX;
    }
    reader->seen_at_line[found] = reader->event.start_mark.line + 1;
    *id = (enum settings_id)found;
    return TOCSIN_OK;
}

static int read_value(struct reader *reader, enum settings_id id)
{
    int error = next(reader);
    if (error == TOCSIN_OK)
        error = check_scalar(reader, "a value");
    if (error != TOCSIN_OK)
        return error;
    const yaml_mark_t mark = reader->event.start_mark;
    if (is_null(reader)) {
        put_event_position(reader);
        text_printf(reader->message, "%s: no value is given", settings_table[id].name);
        return TOCSIN_E_SYNTAX;
    }
    return settings_set(reader->settings, id, scalar(reader),
                        (struct settings_origin){SETTINGS_BY_FILE, mark.line + 1, mark.column + 1}, reader->file,
                        reader->message);
}

static int read_map(struct reader *reader)
{
    for (;;) {
        enum settings_id id = 0;
        int error = next(reader);
        if (error != TOCSIN_OK || reader->event.type == YAML_MAPPING_END_EVENT)
            return error;
        error = read_key(reader, &id);
        if (error == TOCSIN_OK)
            error = read_value(reader, id);
        if (error != TOCSIN_OK)
            return error;
    }
}

/* The current event is the document's root. */
static int read_root(struct reader *reader)
{
    const yaml_event_t *const event = &reader->event;
    if (event->type == YAML_SCALAR_EVENT && !event->data.scalar.anchor && !event->data.scalar.tag && is_null(reader))
        return TOCSIN_OK; /* an empty document */
    if (event->type != YAML_MAPPING_START_EVENT)
        return refuse(reader, "the file must hold lines of the form `name: value`");
    if (event->data.mapping_start.anchor || event->data.mapping_start.tag)
        return refuse(reader, "anchors (&) and tags (!) are not allowed");
    return read_map(reader);
}

static int read_stream(struct reader *reader)
{
    int error = next(reader); /* the stream's start */
    if (error == TOCSIN_OK)
        error = next(reader);
    if (error != TOCSIN_OK || reader->event.type == YAML_STREAM_END_EVENT)
        return error;
    error = next(reader); /* past the document's start */
    if (error == TOCSIN_OK)
        error = read_root(reader);
    if (error == TOCSIN_OK)
        error = next(reader); /* the document's end */
    if (error == TOCSIN_OK)
        error = next(reader);
    if (error == TOCSIN_OK && reader->event.type != YAML_STREAM_END_EVENT)
        error = refuse(reader, "a second document begins: one is allowed");
    return error;
}

int settings_read_yaml(struct settings *settings, struct span yaml, const char *file, struct text *message)
{
    struct reader reader = {.settings = settings, .file = file, .yaml = yaml, .message = message};
    if (yaml.len > SETTINGS_FILE_MAX) {
        printable_put(message, span_of_str(file));
        text_put_str(message, ": larger than 1 MiB, which no configuration needs");
        return TOCSIN_E_SYNTAX;
    }
    if (yaml.len >= 3 && memcmp(yaml.data, "\xef\xbb\xbf", 3) == 0) /* a byte order mark would count as a column */
        reader.yaml = span_of(yaml.data + 3, yaml.len - 3);
    if (setting_set_string(&settings->config, span_of_str(file)) != TOCSIN_OK)
        return TOCSIN_E_NOMEM;
    const uint8_t *const tag = find_tag_directive(reader.yaml);
    if (tag) {
        put_offset_position(&reader, (size_t)(tag - reader.yaml.data));
        text_put_str(message, "%TAG is not allowed: settings have no tags");
        return TOCSIN_E_SYNTAX;
    }
    if (!yaml_parser_initialize(&reader.parser))
        return TOCSIN_E_NOMEM;
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader.parser, reader.yaml.len > 0 ? reader.yaml.data : (const uint8_t *)"",
                                 reader.yaml.len);
    const int error = read_stream(&reader);
    yaml_event_delete(&reader.event);
    yaml_parser_delete(&reader.parser);
    return error;
}
