/* ZPL as far as a certificate needs it: `name` and `name = value` a line, four spaces of indent a level, # begins a
 * comment outside of quotes. The quotes are needed: a key may hold a #. */
#include "proto/curve_cert.h"

#define INDENT 4

struct line {
    size_t depth;
    struct span name;
    struct span value; /* data NULL: none */
};

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r';
}

static struct span trim(struct span text)
{
    while (text.len > 0 && is_blank(text.data[0]))
        text = span_of(text.data + 1, text.len - 1);
    while (text.len > 0 && is_blank(text.data[text.len - 1]))
        text.len--;
    return text;
}

/* What stands before a comment. */
static struct span before_comment(struct span text)
{
    const uint8_t *hash = text.len > 0 ? memchr(text.data, '#', text.len) : NULL;
    return hash ? span_of(text.data, (size_t)(hash - text.data)) : text;
}

static const char *read_value(struct span text, struct span *value)
{
    text = trim(text);
    if (text.len == 0 || (text.data[0] != '"' && text.data[0] != '\'')) {
        *value = trim(before_comment(text));
        return NULL;
    }
    const uint8_t *end = memchr(text.data + 1, text.data[0], text.len - 1);
    if (!end)
        return "has a value whose quotes do not end";
    *value = span_of(text.data + 1, (size_t)(end - text.data) - 1);
    struct span rest = span_of(end + 1, (size_t)(text.data + text.len - end) - 1);
    return trim(before_comment(rest)).len > 0 ? "has something behind a value in quotes" : NULL;
}

/* NULL, or what is wrong with the line. An empty line has no name. */
static const char *read_line(struct span text, struct line *line)
{
    size_t spaces = 0;
    *line = (struct line){.depth = 0};
    while (spaces < text.len && text.data[spaces] == ' ')
        spaces++;
    struct span rest = trim(text);
    if (rest.len == 0 || rest.data[0] == '#')
        return NULL;
    if (spaces % INDENT != 0 || text.data[spaces] == '\t')
        return "is indented by something else than four spaces a level";
    line->depth = spaces / INDENT;
    const uint8_t *equals = memchr(rest.data, '=', rest.len);
    const uint8_t *hash = memchr(rest.data, '#', rest.len);
    if (hash && equals > hash)
        equals = NULL;
    if (!equals) {
        line->name = trim(before_comment(rest));
        return NULL;
    }
    line->name = trim(span_of(rest.data, (size_t)(equals - rest.data)));
    return read_value(span_of(equals + 1, (size_t)(rest.data + rest.len - equals) - 1), &line->value);
}

static const char *take_key(struct span value, uint8_t key[CURVE_KEY_LEN], bool *is_there)
{
    if (*is_there)
        return "has a key for the second time";
    *is_there = curve_key_read(key, value);
    return *is_there ? NULL : "has no key of 40 characters of Z85 where one should be";
}

static bool is_zero(const uint8_t key[CURVE_KEY_LEN])
{
    uint8_t any = 0;
    for (size_t i = 0; i < CURVE_KEY_LEN; i++)
        any |= key[i];
    return any == 0;
}

const char *curve_cert_read(struct curve_cert *cert, struct span text, size_t *number)
{
    bool is_in_curve = false, has_public = false;
    *cert = (struct curve_cert){.has_secret = false};
    *number = 0;
    if (text.len > CURVE_CERT_MAX)
        return "is far too long for a key file";
    if (text.len > 0 && memchr(text.data, '\0', text.len))
        return "holds bytes that are no text";
    while (text.len > 0) {
        const uint8_t *end = memchr(text.data, '\n', text.len);
        size_t len = end ? (size_t)(end - text.data) : text.len;
        struct line line;
        ++*number;
        const char *wrong = read_line(span_of(text.data, len), &line);
        if (!wrong && line.name.len > 0 && line.depth == 0)
            is_in_curve = span_is(line.name, "curve");
        if (!wrong && is_in_curve && line.depth == 1 && span_is(line.name, "public-key"))
            wrong = take_key(line.value, cert->public_key, &has_public);
        if (!wrong && is_in_curve && line.depth == 1 && span_is(line.name, "secret-key"))
            wrong = take_key(line.value, cert->secret_key, &cert->has_secret);
        if (wrong)
            return wrong;
        text = end ? span_of(end + 1, text.len - len - 1) : span_of(text.data, 0);
    }
    *number = 0;
    if (!has_public)
        return "holds no public key of CURVE: it is no key file";
    if (cert->has_secret && is_zero(cert->secret_key))
        cert->has_secret = false;
    return NULL;
}

static void put_key(struct text *out, const char *name, const uint8_t key[CURVE_KEY_LEN])
{
    char z85[CURVE_Z85_LEN + 1];
    curve_key_write(z85, key);
    text_put_str(out, "    ");
    text_put_str(out, name);
    text_put_str(out, " = \"");
    text_put(out, z85, CURVE_Z85_LEN);
    text_put_str(out, "\"\n");
}

void curve_cert_write(struct text *out, const struct curve_cert *cert, bool is_secret, const char *name,
                      const char *when)
{
    text_printf(out, "#   ****  Generated on %s by tocsin  ****\n", when);
    text_put_str(out, is_secret ? "#   ZeroMQ CURVE **Secret** Certificate\n"
                                  "#   DO NOT PROVIDE THIS FILE TO OTHER USERS nor change its permissions.\n\n"
                                : "#   ZeroMQ CURVE Public Certificate\n"
                                  "#   Who gets this file from you should get it from nobody else.\n\n");
    text_put_str(out, "metadata\n    name = \"");
    text_put_str(out, name);
    text_put_str(out, "\"\ncurve\n");
    put_key(out, "public-key", cert->public_key);
    if (is_secret)
        put_key(out, "secret-key", cert->secret_key);
}
