#include "tests/prometheus.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    struct prometheus *out;
    char line[1024];
    const char *at;
    char family[PROMETHEUS_NAME_MAX];
    char type[16];
    bool has_help; /* of the family, and no type yet */
    char families[256][PROMETHEUS_NAME_MAX];
    size_t family_count;
};

static bool fault(struct reader *reader, const char *what)
{
    reader->out->fault = what;
    return false;
}

static bool take(struct reader *reader, const char *text)
{
    if (strncmp(reader->at, text, strlen(text)) != 0)
        return false;
    reader->at += strlen(text);
    return true;
}

static bool take_name(struct reader *reader, char *out, bool may_have_colons)
{
    size_t len = 0;
    for (const char *at = reader->at; isalnum((unsigned char)*at) || *at == '_' || (may_have_colons && *at == ':');
         at++)
        len++;
    if (len == 0 || len >= PROMETHEUS_NAME_MAX || isdigit((unsigned char)*reader->at))
        return fault(reader, "no name");
    memcpy(out, reader->at, len);
    out[len] = '\0';
    reader->at += len;
    return true;
}

/* Help may hold \\ and \n and no other escape. */
static bool check_help(struct reader *reader)
{
    if (*reader->at == '\0')
        return fault(reader, "empty help");
    for (; *reader->at; reader->at++)
        if (*reader->at == '\\' && *++reader->at != '\\' && *reader->at != 'n')
            return fault(reader, "unknown escape in help");
    return true;
}

static bool read_help(struct reader *reader)
{
    if (reader->has_help)
        return fault(reader, "help without type before it");
    if (!take_name(reader, reader->family, true) || !take(reader, " "))
        return fault(reader, "no name after HELP");
    for (size_t i = 0; i < reader->family_count; i++)
        if (strcmp(reader->families[i], reader->family) == 0)
            return fault(reader, "a family twice");
    if (reader->family_count == sizeof reader->families / sizeof *reader->families)
        return fault(reader, "too many families");
    snprintf(reader->families[reader->family_count++], PROMETHEUS_NAME_MAX, "%s", reader->family);
    reader->has_help = true;
    reader->type[0] = '\0';
    return check_help(reader);
}

static bool read_type(struct reader *reader)
{
    char name[PROMETHEUS_NAME_MAX];
    if (!take_name(reader, name, true) || !take(reader, " "))
        return fault(reader, "no name after TYPE");
    if (!reader->has_help || strcmp(name, reader->family) != 0)
        return fault(reader, "TYPE without its HELP");
    static const char *const types[] = {"counter", "gauge", "histogram"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(reader->at, types[i]) == 0)
            snprintf(reader->type, sizeof reader->type, "%s", types[i]);
    if (reader->type[0] == '\0')
        return fault(reader, "unknown type");
    reader->has_help = false;
    if (strcmp(reader->type, "counter") == 0 && (strlen(name) < 6 || strcmp(name + strlen(name) - 6, "_total") != 0))
        return fault(reader, "a counter whose name does not end with _total");
    return true;
}

static bool read_label(struct reader *reader, struct prometheus_sample *sample)
{
    size_t len = 0;
    if (!take_name(reader, sample->label, false))
        return false;
    if (!take(reader, "=\""))
        return fault(reader, "no value of a label");
    for (; *reader->at != '"'; reader->at++) {
        char byte = *reader->at;
        if (byte == '\0' || len == PROMETHEUS_NAME_MAX - 1)
            return fault(reader, "a label without end");
        if (byte == '\\') {
            byte = *++reader->at;
            if (byte != '\\' && byte != '"' && byte != 'n')
                return fault(reader, "unknown escape in a label");
            byte = byte == 'n' ? '\n' : byte;
        }
        sample->value_of_label[len++] = byte;
    }
    sample->value_of_label[len] = '\0';
    return take(reader, "\"}") || fault(reader, "labels without end");
}

/* The family's name, or for a histogram with the suffix of one of its series. */
static bool belongs_to_family(const struct reader *reader, const char *name)
{
    const size_t len = strlen(reader->family);
    if (strncmp(name, reader->family, len) != 0)
        return false;
    if (strcmp(reader->type, "histogram") != 0)
        return name[len] == '\0';
    return strcmp(name + len, "_bucket") == 0 || strcmp(name + len, "_sum") == 0 || strcmp(name + len, "_count") == 0;
}

static bool read_sample(struct reader *reader)
{
    struct prometheus *const out = reader->out;
    if (out->count == PROMETHEUS_SAMPLES_MAX)
        return fault(reader, "too many samples");
    struct prometheus_sample *const sample = &out->samples[out->count];
    memset(sample, 0, sizeof *sample);
    if (!take_name(reader, sample->name, true))
        return false;
    if (reader->type[0] == '\0' || !belongs_to_family(reader, sample->name))
        return fault(reader, "a sample outside its family");
    if (take(reader, "{") && !read_label(reader, sample))
        return false;
    if (!take(reader, " "))
        return fault(reader, "no space before the value");
    snprintf(sample->text, sizeof sample->text, "%s", reader->at);
    snprintf(sample->type, sizeof sample->type, "%s", reader->type);
    char *end;
    sample->value = strtod(reader->at, &end);
    if (end == reader->at || *end != '\0' || strspn(reader->at, "0123456789.") != strlen(reader->at))
        return fault(reader, "no plain number");
    if (prometheus_find(out, sample->name, sample->value_of_label))
        return fault(reader, "a sample twice");
    out->count++;
    return true;
}

static bool read_line(struct reader *reader)
{
    reader->at = reader->line;
    if (take(reader, "# HELP "))
        return read_help(reader);
    if (take(reader, "# TYPE "))
        return read_type(reader);
    return read_sample(reader);
}

void prometheus_read(struct prometheus *out, const char *text, size_t len)
{
    static struct reader reader;
    memset(&reader, 0, sizeof reader);
    reader.out = out;
    out->count = 0;
    out->fault = NULL;
    out->fault_line = 0;
    if (len == 0 || text[len - 1] != '\n')
        out->fault = "no newline at the end";
    for (size_t start = 0; !out->fault && start < len;) {
        const char *const end = memchr(text + start, '\n', len - start);
        const size_t line_len = (size_t)(end - text) - start;
        out->fault_line++;
        if (line_len == 0 || line_len >= sizeof reader.line || memchr(text + start, '\0', line_len)) {
            out->fault = "a line that is empty, too long, or holds NUL";
            return;
        }
        memcpy(reader.line, text + start, line_len);
        reader.line[line_len] = '\0';
        read_line(&reader);
        start += line_len + 1;
    }
}

const struct prometheus_sample *prometheus_find(const struct prometheus *in, const char *name,
                                                const char *value_of_label)
{
    for (size_t i = 0; i < in->count; i++)
        if (strcmp(in->samples[i].name, name) == 0 && strcmp(in->samples[i].value_of_label, value_of_label) == 0)
            return &in->samples[i];
    return NULL;
}
