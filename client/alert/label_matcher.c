#include "client/alert/label_matcher.h"

#include <stdlib.h>

#include "client/span_text.h"

bool label_name_is_good(struct span name)
{
    for (size_t i = 0; i < name.len; i++) {
        uint8_t byte = name.data[i];
        bool is_letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
        if (!is_letter && (i == 0 || byte < '0' || byte > '9'))
            return false;
    }
    return name.len > 0;
}

static bool refuse(struct text *why, const char *reason)
{
    text_put_str(why, reason);
    return false;
}

/* Of the whole value, as Alertmanager has it. */
static bool compile(struct label_matcher *matcher, struct text *why)
{
    char reason[128];
    struct text whole;
    text_init(&whole);
    text_printf(&whole, "^(%s)$", matcher->value);
    text_put_char(&whole, '\0');
    int error = whole.failed ? REG_ESPACE : regcomp(&matcher->regex, whole.data, REG_EXTENDED | REG_NOSUB);
    text_fini(&whole);
    if (error == 0)
        return true;
    regerror(error, &matcher->regex, reason, sizeof reason);
    text_printf(why, "expected a regular expression behind the sign: %s", reason);
    return false;
}

static void free_texts(struct label_matcher *matcher)
{
    free(matcher->name);
    free(matcher->value);
}

bool label_matchers_add_parts(struct label_matchers *matchers, struct span name, struct span value, bool is_regex,
                              bool is_equal, struct text *why)
{
    if (!label_name_is_good(name))
        return refuse(why, "expected a label's name, as severity, before the sign");
    if (matchers->count == LABEL_MATCHERS_MAX)
        return refuse(why, "expected 100 of them at most");
    struct label_matcher *items = realloc(matchers->items, (matchers->count + 1) * sizeof *items);
    if (!items)
        return refuse(why, "expected more memory than there is");
    matchers->items = items;
    struct label_matcher matcher = {span_text(name), span_text(value), is_regex, is_equal, .regex = {0}};
    bool has_memory = matcher.name && matcher.value;
    if (!has_memory || (is_regex && !compile(&matcher, why))) {
        free_texts(&matcher);
        return has_memory ? false : refuse(why, "expected more memory than there is");
    }
    items[matchers->count++] = matcher;
    return true;
}

/* What stands between double quotes; false where they do not end with the text. */
static bool unquote(struct text *out, struct span quoted)
{
    for (size_t i = 1; i < quoted.len; i++) {
        char byte = (char)quoted.data[i];
        if (byte == '"')
            return i + 1 == quoted.len;
        if (byte == '\\' && i + 1 < quoted.len)
            byte = (char)quoted.data[++i];
        text_put_char(out, byte);
    }
    return false;
}

static struct span without_spaces(struct span text)
{
    while (text.len > 0 && *text.data == ' ')
        text = span_of(text.data + 1, text.len - 1);
    while (text.len > 0 && text.data[text.len - 1] == ' ')
        text.len--;
    return text;
}

bool label_matchers_add(struct label_matchers *matchers, struct span text, struct text *why)
{
    struct text value;
    size_t at = 0;
    while (at < text.len && text.data[at] != '=' && text.data[at] != '!')
        at++;
    bool has_two =
        at + 1 < text.len && (text.data[at + 1] == '~' || (text.data[at] == '!' && text.data[at + 1] == '='));
    if (at == text.len || (text.data[at] == '!' && !has_two) || memchr(text.data, '\0', text.len))
        return refuse(why, "expected a label, a sign and a value, as severity=\"critical\", with = != =~ or !~");
    size_t behind = at + (has_two ? 2 : 1);
    struct span name = without_spaces(span_of(text.data, at));
    struct span raw = without_spaces(span_of(text.data + behind, text.len - behind));
    text_init(&value);
    bool is_quoted = raw.len > 0 && *raw.data == '"';
    bool is_good = !is_quoted || unquote(&value, raw);
    if (!is_good)
        refuse(why, "expected a value whose quotes end with it");
    else
        is_good =
            label_matchers_add_parts(matchers, name, is_quoted ? span_of(value.data ? value.data : "", value.len) : raw,
                                     has_two && text.data[at + 1] == '~', text.data[at] == '=', why);
    text_fini(&value);
    return is_good;
}

void label_matchers_fini(struct label_matchers *matchers)
{
    for (size_t i = 0; i < matchers->count; i++) {
        if (matchers->items[i].is_regex)
            regfree(&matchers->items[i].regex);
        free_texts(&matchers->items[i]);
    }
    free(matchers->items);
    *matchers = (struct label_matchers){0};
}

bool label_matchers_hold(const struct label_matchers *matchers, const struct labels *labels)
{
    for (size_t i = 0; i < matchers->count; i++) {
        const struct label_matcher *matcher = &matchers->items[i];
        const char *value = labels_get(labels, matcher->name);
        bool is_it = matcher->is_regex ? regexec(&matcher->regex, value ? value : "", 0, NULL, 0) == 0
                                       : strcmp(value ? value : "", matcher->value) == 0;
        if (is_it != matcher->is_equal)
            return false;
    }
    return matchers->count > 0;
}

void label_matcher_put(struct text *out, const struct label_matcher *matcher)
{
    text_printf(out, "%s%s\"", matcher->name,
                matcher->is_equal   ? matcher->is_regex ? "=~" : "="
                : matcher->is_regex ? "!~"
                                    : "!=");
    for (const char *at = matcher->value; *at; at++) {
        if (*at == '"' || *at == '\\')
            text_put_char(out, '\\');
        text_put_char(out, *at);
    }
    text_put_char(out, '"');
}
