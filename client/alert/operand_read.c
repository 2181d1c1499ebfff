/* A field's value, and whether a condition's value holds for it: without allocation. */
#include <stdlib.h>

#include "client/alert/operand.h"
#include "client/member.h"
#include "proto/pattern.h"
#include "proto/wire.h"

/* The longest text that a regular expression looks at: what the library wants ended by NUL is copied. */
#define REGEX_TEXT_MAX TOCSIN_SUMMARY_MAX

static struct span span_of_text(struct tocsin_text text)
{
    return span_of(text.data, text.len);
}

static bool compare(enum condition_operator operator, double left, double right)
{
    switch (operator) {
    case CONDITION_LESS:
        return left < right;
    case CONDITION_LESS_OR_EQUAL:
        return left <= right;
    case CONDITION_GREATER:
        return left > right;
    case CONDITION_GREATER_OR_EQUAL:
        return left >= right;
    case CONDITION_NOT_EQUAL:
        return left != right;
    default:
        return left == right;
    }
}

static bool matches_regex(const struct condition_value *value, struct span text)
{
    char copied[REGEX_TEXT_MAX + 1];
    size_t len = text.len < REGEX_TEXT_MAX ? text.len : REGEX_TEXT_MAX;
    memcpy(copied, text.data, len);
    copied[len] = '\0';
    return regexec(&value->regex, copied, 0, NULL, 0) == 0;
}

bool operand_takes(const struct operand *operand, const struct condition_value *value)
{
    if (value->is_number && operand->is_number)
        return compare(value->operator, operand->number, value->number);
    if (!operand->text.data)
        return value->operator== CONDITION_NOT_EQUAL;
    switch (value->operator) {
    case CONDITION_IS:
    case CONDITION_EQUAL:
        return span_equals(operand->text, value->text);
    case CONDITION_NOT_EQUAL:
        return !span_equals(operand->text, value->text);
    case CONDITION_PATTERN:
        return pattern_matches(value->text, operand->text);
    case CONDITION_REGEX:
        return matches_regex(value, operand->text);
    default:
        return false;
    }
}

/* A string that holds a number is one too: "-3", "0.5". */
static void read_text(struct operand *operand, struct span text)
{
    char copied[32];
    char *end;
    operand->text = text;
    if (text.len == 0 || text.len >= sizeof copied || (text.data[0] > '9' || text.data[0] < '+'))
        return;
    memcpy(copied, text.data, text.len);
    copied[text.len] = '\0';
    operand->number = strtod(copied, &end);
    operand->is_number = end == copied + text.len;
}

bool operand_read_value(struct operand *operand, struct span value)
{
    static const char *const words[] = {"false", "true"};
    struct wire_reader reader = wire_reader_of(value);
    struct wire_token token;
    *operand = (struct operand){.is_number = false};
    switch (wire_read(&reader, &token)) {
    case WIRE_STR:
        read_text(operand, token.as.bytes);
        return true;
    case WIRE_BOOL:
        operand->text = span_of_str(words[token.as.boolean]);
        return true;
    case WIRE_NIL:
        operand->text = span_of_str("null");
        return true;
    case WIRE_UINT:
        operand->number = (double)token.as.u;
        return operand->is_number = true;
    case WIRE_INT:
        operand->number = (double)token.as.i;
        return operand->is_number = true;
    case WIRE_FLOAT:
        operand->number = token.as.f;
        return operand->is_number = true;
    default:
        return false;
    }
}

bool operand_read_field(struct operand *operand, enum condition_field field, const struct tocsin_message *message)
{
    *operand = (struct operand){.is_number = false};
    switch (field) {
    case CONDITION_CATEGORY:
        operand->text = span_of_text(message->category);
        break;
    case CONDITION_TYPE:
        operand->text = span_of_text(message->type);
        break;
    case CONDITION_SOURCE:
        operand->text = span_of_text(message->source_id);
        break;
    case CONDITION_CAUSE:
        operand->text = span_of_text(message->cause);
        break;
    case CONDITION_SUMMARY:
        operand->text = span_of_text(message->summary);
        break;
    case CONDITION_LEVEL:
        operand->number = message->level;
        return operand->is_number = true;
    case CONDITION_MEMBER:
        break;
    }
    return operand->text.data != NULL;
}

bool condition_holds(const struct condition *condition, const struct tocsin_message *message)
{
    struct operand operand;
    struct span member = {NULL, 0};
    bool is_member = condition->field == CONDITION_MEMBER;
    if (is_member)
        member = member_find(message, condition->path);
    if (is_member ? !member.data || !operand_read_value(&operand, member)
                  : !operand_read_field(&operand, condition->field, message))
        return false;
    for (size_t i = 0; i < condition->value_count; i++) {
        if (operand_takes(&operand, &condition->values[i]))
            return true;
    }
    return false;
}
