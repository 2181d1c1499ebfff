#include "client/condition.h"

#include <stdlib.h>

#include "client/escape.h"
#include "client/member.h"
#include "client/span_text.h"
#include "proto/number.h"
#include "proto/tocsin_base.h"
#include "proto/wire.h"

static const char *const field_names[] = {
    [CONDITION_CATEGORY] = "category", [CONDITION_TYPE] = "type",   [CONDITION_SOURCE] = "sourceId",
    [CONDITION_LEVEL] = "level",       [CONDITION_CAUSE] = "cause", [CONDITION_SUMMARY] = "summary",
};

static const struct {
    const char *sign;
    enum condition_operator operator;
} signs[] = {
    {"==", CONDITION_EQUAL},         {"!=", CONDITION_NOT_EQUAL},
    {"<=", CONDITION_LESS_OR_EQUAL}, {">=", CONDITION_GREATER_OR_EQUAL},
    {"<", CONDITION_LESS},           {">", CONDITION_GREATER},
    {"=", CONDITION_EQUAL},          {"~", CONDITION_REGEX},
};

static bool copy(struct span *to, struct span from, struct text *why)
{
    char *text = span_text(from);
    if (!text)
        text_put_str(why, "out of memory");
    *to = span_of(text, from.len);
    return text != NULL;
}

bool condition_init(struct condition *condition, struct span name, struct text *why)
{
    *condition = (struct condition){.field = CONDITION_MEMBER};
    for (unsigned i = 0; i < CONDITION_MEMBER; i++) {
        if (!span_is(name, field_names[i]))
            continue;
        condition->field = (enum condition_field)i;
        return true;
    }
    static const char snapshot[] = "snapshot";
    size_t len = sizeof snapshot - 1;
    bool is_member = name.len > len && (name.data[len] == '.' || name.data[len] == '[');
    if (is_member && memcmp(name.data, snapshot, len) == 0 && member_is_path(name))
        return copy(&condition->path, name, why);
    text_put_str(why, "no field of an event: expected category, type, sourceId, level, cause, summary or a path such "
                      "as snapshot.status");
    return false;
}

void condition_fini(struct condition *condition)
{
    for (size_t i = 0; i < condition->value_count; i++) {
        if (condition->values[i].operator== CONDITION_REGEX)
            regfree(&condition->values[i].regex);
        free((void *)(uintptr_t)condition->values[i].text.data);
    }
    free(condition->values);
    free((void *)(uintptr_t)condition->path.data);
    *condition = (struct condition){.field = CONDITION_MEMBER};
}

/* A number, whole or not, and nothing else. */
static bool read_number(struct span text, double *number)
{
    char copied[64];
    char *end;
    if (text.len == 0 || text.len >= sizeof copied || strchr("0123456789-+.", text.data[0]) == NULL)
        return false;
    memcpy(copied, text.data, text.len);
    copied[text.len] = '\0';
    if (strspn(copied, "0123456789-+.eE") != text.len)
        return false;
    *number = strtod(copied, &end);
    return *end == '\0';
}

/* Takes the operator off the text. */
static enum condition_operator take_operator(struct span *text)
{
    enum condition_operator operator= CONDITION_IS;
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        size_t len = strlen(signs[i].sign);
        if (text->len <= len || memcmp(text->data, signs[i].sign, len) != 0)
            continue;
        operator= signs[i].operator;
        *text = span_of(text->data + len, text->len - len);
        while (text->len > 1 && text->data[0] == ' ')
            *text = span_of(text->data + 1, text->len - 1);
        return operator;
    }
    return memchr(text->data, '*', text->len) ? CONDITION_PATTERN : operator;
}

static bool compile(struct condition_value *value, struct text *why)
{
    char reason[128];
    int error = regcomp(&value->regex, (const char *)value->text.data, REG_EXTENDED | REG_NOSUB);
    if (error == 0)
        return true;
    regerror(error, NULL, reason, sizeof reason);
    text_printf(why, "no regular expression: %s", reason);
    return false;
}

static bool read_level(struct condition_value *value, struct text *why)
{
    for (int level = TOCSIN_LEVEL_TRACE; level <= TOCSIN_LEVEL_ERROR; level++) {
        if (!span_is(value->text, tocsin_level_word((enum tocsin_level)level)))
            continue;
        value->number = level;
        value->is_number = true;
        return true;
    }
    text_put_str(why, "no level: expected Trace, Debug, Info, Warning or Error, with >= before it for those above too");
    return false;
}

static bool is_order(enum condition_operator operator)
{
    return operator>= CONDITION_LESS;
}

static bool complete(const struct condition *condition, struct condition_value *value, struct text *why)
{
    if (condition->field == CONDITION_LEVEL) {
        if (value->operator!= CONDITION_PATTERN && value->operator!= CONDITION_REGEX)
            return read_level(value, why);
        text_put_str(why, "a level is compared by its name: Warning, or >= Warning");
        return false;
    }
    if (value->operator== CONDITION_REGEX)
        return compile(value, why);
    value->is_number = value->operator!= CONDITION_PATTERN && read_number(value->text, &value->number);
    if (is_order(value->operator) && !value->is_number) {
        text_put_str(why, "expected a number behind the sign, as in \"< 0\"");
        return false;
    }
    return true;
}

bool condition_add(struct condition *condition, struct span text, struct text *why)
{
    struct condition_value value = {.operator= CONDITION_IS };
    if (text.len == 0 || condition->value_count == CONDITION_VALUES_MAX) {
        text_put_str(why, text.len == 0 ? "expected a value" : "is one value more than 100, which is the most");
        return false;
    }
    struct condition_value *values = realloc(condition->values, (condition->value_count + 1) * sizeof *values);
    if (!values) {
        text_put_str(why, "out of memory");
        return false;
    }
    condition->values = values;
    value.operator= take_operator(&text);
    if (!copy(&value.text, text, why))
        return false;
    if (!complete(condition, &value, why)) {
        free((void *)(uintptr_t)value.text.data);
        return false;
    }
    values[condition->value_count++] = value;
    return true;
}

struct span condition_name(const struct condition *condition)
{
    return condition->field == CONDITION_MEMBER ? condition->path : span_of_str(field_names[condition->field]);
}

struct span condition_exact(const struct condition *condition)
{
    return condition->value_count == 1 && condition->values[0].operator== CONDITION_IS ? condition->values[0].text
                                                                                       : span_of(NULL, 0);
}

void condition_value_put(struct text *out, const struct condition_value *value)
{
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        if (signs[i].operator== value->operator) {
            text_printf(out, "%s ", signs[i].sign);
            break;
        }
    }
    escape_text(out, value->text);
}
