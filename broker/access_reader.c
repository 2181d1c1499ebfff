#include "broker/access_reader.h"

#include "broker/nearest.h"
#include "broker/printable.h"
#include "proto/tocsin_base.h"

int access_refuse(struct access_reader *reader, const char *reason)
{
    return yaml_reader_refuse(&reader->yaml, reason);
}

int access_refuse_value(struct access_reader *reader, const char *reason)
{
    yaml_reader_put_place(&reader->yaml);
    printable_quote(reader->yaml.message, yaml_reader_scalar(&reader->yaml));
    text_put_char(reader->yaml.message, ' ');
    text_put_str(reader->yaml.message, reason);
    return TOCSIN_E_SYNTAX;
}

int access_find_name(struct access_reader *reader, const char *(*name_at)(size_t i), size_t count)
{
    struct span name = yaml_reader_scalar(&reader->yaml);
    struct nearest nearest = nearest_to(name);
    for (size_t i = 0; i < count; i++) {
        if (span_is(name, name_at(i)))
            return (int)i;
        nearest_offer(&nearest, name_at(i));
    }
    access_refuse_value(reader, "is not known here: allowed are");
    for (size_t i = 0; i < count; i++)
        text_printf(reader->yaml.message, "%s %s", i == 0 ? "" : ",", name_at(i));
    nearest_put(&nearest, "", reader->yaml.message);
    return -1;
}

int access_check_map(struct access_reader *reader, const char *reason)
{
    const yaml_event_t *event = &reader->yaml.event;
    if (event->type == YAML_MAPPING_START_EVENT && !event->data.mapping_start.anchor && !event->data.mapping_start.tag)
        return TOCSIN_OK;
    return access_refuse(reader, reason);
}

int access_check_list(struct access_reader *reader, const char *reason)
{
    const yaml_event_t *event = &reader->yaml.event;
    if (event->type == YAML_SEQUENCE_START_EVENT && !event->data.sequence_start.anchor &&
        !event->data.sequence_start.tag)
        return TOCSIN_OK;
    return access_refuse(reader, reason);
}
