#include "broker/yaml_reader.h"

#include "broker/printable.h"
#include "proto/tocsin_base.h"

static void put_position(struct yaml_reader *reader, size_t line, size_t column)
{
    printable_put(reader->message, span_of_str(reader->file));
    text_printf(reader->message, ":%zu:%zu: ", line, column);
}

size_t yaml_reader_line(const struct yaml_reader *reader)
{
    return reader->event.start_mark.line + 1;
}

size_t yaml_reader_column(const struct yaml_reader *reader)
{
    return reader->event.start_mark.column + 1;
}

void yaml_reader_put_place(struct yaml_reader *reader)
{
    put_position(reader, yaml_reader_line(reader), yaml_reader_column(reader));
}

int yaml_reader_refuse(struct yaml_reader *reader, const char *reason)
{
    yaml_reader_put_place(reader);
    text_put_str(reader->message, reason);
    return TOCSIN_E_SYNTAX;
}

/* libyaml tells no line and column of bytes that it cannot decode, only how far it came. */
static void put_offset_position(struct yaml_reader *reader, size_t offset)
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

static int refuse_broken(struct yaml_reader *reader)
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

int yaml_reader_next(struct yaml_reader *reader)
{
    yaml_event_delete(&reader->event);
    return yaml_parser_parse(&reader->parser, &reader->event) ? TOCSIN_OK : refuse_broken(reader);
}

struct span yaml_reader_scalar(const struct yaml_reader *reader)
{
    return span_of(reader->event.data.scalar.value, reader->event.data.scalar.length);
}

int yaml_reader_check_scalar(struct yaml_reader *reader, const char *what)
{
    const yaml_event_t *const event = &reader->event;
    const char *reason = NULL;
    if (event->type == YAML_SEQUENCE_START_EVENT)
        reason = "must be single, no list; what begins with [ needs quotes, as \"[::1]:8560\"";
    else if (event->type == YAML_MAPPING_START_EVENT)
        reason = "must be single, no map";
    else if (event->type == YAML_ALIAS_EVENT)
        reason = "must be written out: aliases (*) are not allowed";
    else if (event->data.scalar.anchor)
        reason = "must have no anchor (&)";
    else if (event->data.scalar.tag)
        reason = "must have no tag (!)";
    if (!reason)
        return TOCSIN_OK;
    yaml_reader_put_place(reader);
    text_printf(reader->message, "%s %s", what, reason);
    return TOCSIN_E_SYNTAX;
}

bool yaml_reader_is_null(const struct yaml_reader *reader)
{
    const struct span value = yaml_reader_scalar(reader);
    return reader->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           (value.len == 0 || span_is(value, "~") || span_is(value, "null"));
}

/* The current event is the document's root. */
static int read_root(struct yaml_reader *reader, int (*read_map)(void *arg), void *arg)
{
    const yaml_event_t *const event = &reader->event;
    if (event->type == YAML_SCALAR_EVENT && !event->data.scalar.anchor && !event->data.scalar.tag &&
        yaml_reader_is_null(reader))
        return TOCSIN_OK; /* an empty document */
    if (event->type != YAML_MAPPING_START_EVENT)
        return yaml_reader_refuse(reader, reader->allowed);
    if (event->data.mapping_start.anchor || event->data.mapping_start.tag)
        return yaml_reader_refuse(reader, "anchors (&) and tags (!) are not allowed");
    return read_map(arg);
}

static int read_stream(struct yaml_reader *reader, int (*read_map)(void *arg), void *arg)
{
    int error = yaml_reader_next(reader); /* the stream's start */
    if (error == TOCSIN_OK)
        error = yaml_reader_next(reader);
    if (error != TOCSIN_OK || reader->event.type == YAML_STREAM_END_EVENT)
        return error;
    error = yaml_reader_next(reader); /* past the document's start */
    if (error == TOCSIN_OK)
        error = read_root(reader, read_map, arg);
    if (error == TOCSIN_OK)
        error = yaml_reader_next(reader); /* the document's end */
    if (error == TOCSIN_OK)
        error = yaml_reader_next(reader);
    if (error == TOCSIN_OK && reader->event.type != YAML_STREAM_END_EVENT)
        error = yaml_reader_refuse(reader, "a second document begins: one is allowed");
    return error;
}

int yaml_reader_read(struct yaml_reader *reader, int (*read_map)(void *arg), void *arg)
{
    if (reader->yaml.len >= 3 && memcmp(reader->yaml.data, "\xef\xbb\xbf", 3) == 0)
        reader->yaml = span_of(reader->yaml.data + 3, reader->yaml.len - 3); /* it would count as a column */
    const uint8_t *const tag = find_tag_directive(reader->yaml);
    if (tag) {
        put_offset_position(reader, (size_t)(tag - reader->yaml.data));
        text_put_str(reader->message, "%TAG is not allowed: nothing here has tags");
        return TOCSIN_E_SYNTAX;
    }
    if (!yaml_parser_initialize(&reader->parser))
        return TOCSIN_E_NOMEM;
    yaml_parser_set_encoding(&reader->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader->parser, reader->yaml.len > 0 ? reader->yaml.data : (const uint8_t *)"",
                                 reader->yaml.len);
    const int error = read_stream(reader, read_map, arg);
    yaml_event_delete(&reader->event);
    yaml_parser_delete(&reader->parser);
    return error;
}
