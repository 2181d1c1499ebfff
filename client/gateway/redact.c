#include "client/gateway/redact.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client/complain.h"
#include "client/gateway/redact_pointer.h"
#include "proto/json_scan.h"
#include "proto/tocsin_base.h"
#include "proto/wire.h"

#define REDACTED "[redacted]"

enum rule_kind { RULE_MEMBER, RULE_PARAMETER, RULE_POINTER };

struct redact_rule {
    enum rule_kind kind;
    const char *name; /* of a pointer with its first slash */
    size_t len;
};

static const struct redact_rule usual[] = {
#define REDACT_MEMBER(name)    {RULE_MEMBER, (name), sizeof(name) - 1},
#define REDACT_PARAMETER(name) {RULE_PARAMETER, (name), sizeof(name) - 1},
#include "client/gateway/redact.def"
#undef REDACT_MEMBER
#undef REDACT_PARAMETER
};

#define USUAL_COUNT (sizeof usual / sizeof *usual)

static void add(struct redact *redact, enum rule_kind kind, const char *name)
{
    redact->rules[redact->rule_count++] = (struct redact_rule){kind, name, strlen(name)};
    redact->has_pointers |= kind == RULE_POINTER;
    redact->has_parameters |= kind == RULE_PARAMETER;
}

bool redact_init(struct redact *redact, const struct options *options)
{
    *redact = (struct redact){0};
    redact->rules = calloc(USUAL_COUNT + options->value_count, sizeof *redact->rules);
    if (!redact->rules) {
        complain("out of memory");
        return false;
    }
    redact->is_usual = !options_has(options, OPTION_NO_REDACT);
    for (size_t i = 0; i < USUAL_COUNT && redact->is_usual; i++)
        add(redact, usual[i].kind, usual[i].name);
    for (size_t i = 0; i < options->value_count; i++) {
        const char *what = options->values[i].value;
        if (options->values[i].id != OPTION_REDACT)
            continue;
        if (*what == '\0' || strcmp(what, "?") == 0) {
            complain("--redact: \"%s\" is not allowed: a member's name, a /JSON/pointer or a ?parameter", what);
            return false;
        }
        if (*what == '/')
            add(redact, RULE_POINTER, what);
        else
            add(redact, *what == '?' ? RULE_PARAMETER : RULE_MEMBER, what + (*what == '?'));
    }
    return true;
}

void redact_fini(struct redact *redact)
{
    free(redact->rules);
    redact->rules = NULL;
}

static bool has_rule(const struct redact *redact, enum rule_kind kind, struct span name)
{
    for (size_t i = 0; i < redact->rule_count; i++) {
        const struct redact_rule *rule = &redact->rules[i];
        if (rule->kind == kind && rule->len == name.len &&
            strncasecmp(rule->name, (const char *)name.data, name.len) == 0)
            return true;
    }
    return false;
}

static bool has_pointer(const struct redact *redact, const struct redact_path *path)
{
    for (size_t i = 0; i < redact->rule_count; i++) {
        if (redact->rules[i].kind == RULE_POINTER && redact_pointer_is(redact->rules[i].name, path))
            return true;
    }
    return false;
}

static bool begins_parameter(uint8_t byte)
{
    return byte == '?' || byte == '&' || byte == ';';
}

/* Where a parameter's value ends: at what cannot be within one. */
static const uint8_t *value_end(const uint8_t *at, const uint8_t *end)
{
    while (at<end && * at> ' ' && !strchr("&;#\"'<>", *at))
        at++;
    return at;
}

/* The value of a parameter that is to be redacted, `name` being behind a '?' or '&'; NULL: it is none. */
static const uint8_t *find_value(const struct redact *redact, const uint8_t *name, const uint8_t *end)
{
    const uint8_t *at = name;
    while (at<end && * at> ' ' && !strchr("=&;#?", *at))
        at++;
    bool is_found = at < end && *at == '=' && has_rule(redact, RULE_PARAMETER, span_of(name, (size_t)(at - name)));
    return is_found ? at + 1 : NULL;
}

size_t redact_text(const struct redact *redact, struct span value, struct text *out)
{
    size_t count = 0;
    const uint8_t *end = span_end(value), *copied = value.data;
    for (const uint8_t *at = value.data; redact->has_parameters && at < end; at++) {
        const uint8_t *found = begins_parameter(*at) ? find_value(redact, at + 1, end) : NULL;
        if (!found || span_is(span_of(found, (size_t)(value_end(found, end) - found)), REDACTED))
            continue;
        text_put(out, copied, (size_t)(found - copied));
        text_put_str(out, REDACTED);
        copied = value_end(found, end);
        at = copied - 1;
        count++;
    }
    text_put(out, copied, (size_t)(end - copied));
    return count;
}

static void put_redacted(struct text *out)
{
    wire_write_str(out, span_of_str(REDACTED));
}

/* A string that is no key: `raw` with its head. The text is made behind the end of `out` and moved, with its head. */
static size_t put_string(const struct redact *redact, struct span raw, struct span string, struct text *out)
{
    struct text changed;
    text_init(&changed);
    size_t count =
        redact->has_parameters && memchr(string.data, '=', string.len) ? redact_text(redact, string, &changed) : 0;
    if (count > 0)
        wire_write_str(out, text_span(&changed));
    else
        text_put(out, raw.data, raw.len);
    out->failed |= changed.failed;
    text_fini(&changed);
    return count;
}

/* Steps behind one complete value, out of the containers that end with it. */
static void leave(struct redact_path *path)
{
    while (path->depth > 0 && path->steps[path->depth - 1].index + 1 == path->steps[path->depth - 1].count)
        path->depth--;
    if (path->depth > 0)
        path->steps[path->depth - 1].index++;
}

/* True for a value that a rule names as a whole; reads and writes the key before it, where there is one. */
static bool is_named(const struct redact *redact, struct redact_path *path, struct wire_reader *reader,
                     struct text *out)
{
    if (path->depth == 0)
        return false;
    struct redact_step *step = &path->steps[path->depth - 1];
    if (step->is_map) {
        struct wire_token token;
        const uint8_t *key = reader->at;
        bool is_str = wire_read(reader, &token) == WIRE_STR;
        text_put(out, key, (size_t)(reader->at - key));
        step->key = is_str ? token.as.bytes : span_of(NULL, 0);
        if (is_str && has_rule(redact, RULE_MEMBER, step->key))
            return true;
    }
    return redact->has_pointers && has_pointer(redact, path);
}

/* True for what was redacted before: it is not counted again. */
static bool is_redacted(const struct wire_reader *reader)
{
    struct wire_reader ahead = *reader;
    struct span string;
    return wire_read_str(&ahead, &string) && span_is(string, REDACTED);
}

/* One value, or the head of a container. False where the value cannot be walked. */
static bool put_one(const struct redact *redact, struct redact_path *path, struct wire_reader *reader, struct text *out,
                    size_t *count)
{
    if (is_named(redact, path, reader, out)) {
        *count += !is_redacted(reader);
        put_redacted(out);
        leave(path);
        return wire_skip(reader);
    }
    struct wire_token token;
    const uint8_t *start = reader->at;
    enum wire_type type = wire_read(reader, &token);
    struct span raw = span_of(start, (size_t)(reader->at - start));
    if (type == WIRE_STR)
        *count += put_string(redact, raw, token.as.bytes, out);
    else
        text_put(out, raw.data, raw.len);
    bool is_container = (type == WIRE_MAP || type == WIRE_ARRAY) && token.as.count > 0;
    if (is_container && path->depth == TOCSIN_DEPTH_MAX)
        return false;
    if (is_container)
        path->steps[path->depth++] = (struct redact_step){.count = token.as.count, .is_map = type == WIRE_MAP};
    else
        leave(path);
    return type != WIRE_END;
}

size_t redact_value(const struct redact *redact, struct span value, struct text *out)
{
    struct redact_path path = {.depth = 0};
    struct wire_reader reader = wire_reader_of(value);
    size_t before = out->len, count = 0;
    bool is_good = redact->rule_count > 0;
    while (is_good) {
        is_good = put_one(redact, &path, &reader, out, &count);
        if (is_good && path.depth == 0)
            return count;
    }
    out->len = before;
    text_put(out, value.data, value.len);
    return 0;
}

/* Behind the value at `at`: a string with its quotes, a number or a word; the end for what has no end or members. */
static const uint8_t *raw_value_end(const uint8_t *at, const uint8_t *end)
{
    if (at < end && *at == '"') {
        at = json_scan_string(at + 1, end);
        while (at < end && *at != '"') /* a raw control character: no JSON, and no end either */
            at = json_scan_string(at + 1, end);
        return at < end ? at + 1 : end;
    }
    if (at < end && (*at == '{' || *at == '['))
        return end;
    while (at < end && !strchr(",}] \t\r\n", *at))
        at++;
    return at;
}

static const uint8_t *skip_space(const uint8_t *at, const uint8_t *end)
{
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n'))
        at++;
    return at;
}

size_t redact_raw(const struct redact *redact, struct span json, struct text *out)
{
    const uint8_t *at = json.data, *end = span_end(json);
    size_t count = 0;
    while (at < end) {
        const uint8_t *quote = memchr(at, '"', (size_t)(end - at));
        const uint8_t *behind = quote ? raw_value_end(quote, end) : end;
        text_put(out, at, (size_t)(behind - at));
        at = behind;
        const uint8_t *colon = skip_space(at, end);
        if (!quote || colon == end || *colon != ':' || behind - quote < 2 ||
            !has_rule(redact, RULE_MEMBER, span_of(quote + 1, (size_t)(behind - quote - 2))))
            continue;
        text_put_str(out, ":\"" REDACTED "\"");
        at = raw_value_end(skip_space(colon + 1, end), end);
        count++;
    }
    return count;
}
