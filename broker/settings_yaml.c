/* The configuration file: one YAML map of names and single values. */
#include "broker/nearest.h"
#include "broker/printable.h"
#include "broker/settings_table.h"
#include "broker/yaml_reader.h"

struct reader {
    struct settings *settings;
    struct yaml_reader yaml;
    size_t seen_at_line[SETTINGS_COUNT]; /* 0: not seen */
};

static int refuse_unknown_key(struct reader *reader)
{
    struct text *const message = reader->yaml.message;
    const struct span key = yaml_reader_scalar(&reader->yaml);
    yaml_reader_put_place(&reader->yaml);
    printable_quote(message, key);
    text_put_str(message, " is no setting");
    struct nearest nearest = nearest_to(key);
    for (size_t id = 0; id < SETTINGS_COUNT; id++)
        nearest_offer(&nearest, settings_table[id].name);
    nearest_put(&nearest, "", message);
    text_put_str(message, "; tocsind --help lists them all");
    return TOCSIN_E_SYNTAX;
}

/* The current event is where a key should be. */
static int read_key(struct reader *reader, enum settings_id *id)
{
    const int error = yaml_reader_check_scalar(&reader->yaml, "a setting's name");
    if (error != TOCSIN_OK)
        return error;
    const int found = settings_find(yaml_reader_scalar(&reader->yaml));
    if (found < 0)
        return refuse_unknown_key(reader);
    if (reader->seen_at_line[found] > 0) {
        yaml_reader_put_place(&reader->yaml);
        text_printf(reader->yaml.message, "%s is set twice, here and in line %zu", settings_table[found].name,
                    reader->seen_at_line[found]);
        return TOCSIN_E_SYNTAX;
    }
    reader->seen_at_line[found] = yaml_reader_line(&reader->yaml);
    *id = (enum settings_id)found;
    return TOCSIN_OK;
}

static int read_value(struct reader *reader, enum settings_id id)
{
    int error = yaml_reader_next(&reader->yaml);
    if (error == TOCSIN_OK)
        error = yaml_reader_check_scalar(&reader->yaml, "a value");
    if (error != TOCSIN_OK)
        return error;
    if (yaml_reader_is_null(&reader->yaml)) {
        yaml_reader_put_place(&reader->yaml);
        text_printf(reader->yaml.message, "%s: no value is given", settings_table[id].name);
        return TOCSIN_E_SYNTAX;
    }
    const struct settings_origin origin = {SETTINGS_BY_FILE, yaml_reader_line(&reader->yaml),
                                           yaml_reader_column(&reader->yaml)};
    return settings_set(reader->settings, id, yaml_reader_scalar(&reader->yaml), origin, reader->yaml.file,
                        reader->yaml.message);
}

static int read_map(void *arg)
{
    struct reader *reader = arg;
    for (;;) {
        enum settings_id id = 0;
        int error = yaml_reader_next(&reader->yaml);
        if (error != TOCSIN_OK || reader->yaml.event.type == YAML_MAPPING_END_EVENT)
            return error;
        error = read_key(reader, &id);
        if (error == TOCSIN_OK)
            error = read_value(reader, id);
        if (error != TOCSIN_OK)
            return error;
    }
}

int settings_read_yaml(struct settings *settings, struct span yaml, const char *file, struct text *message)
{
    struct reader reader = {
        .settings = settings,
        .yaml = {.file = file,
                 .yaml = yaml,
                 .message = message,
                 .allowed = "the file must hold lines of the form `name: value`"},
    };
    if (yaml.len > SETTINGS_FILE_MAX) {
        printable_put(message, span_of_str(file));
        text_put_str(message, ": larger than 1 MiB, which no configuration needs");
        return TOCSIN_E_SYNTAX;
    }
    if (setting_set_string(&settings->config, span_of_str(file)) != TOCSIN_OK)
        return TOCSIN_E_NOMEM;
    return yaml_reader_read(&reader.yaml, read_map, &reader);
}
