#include "client/alert/rule_text.h"

#include "client/escape.h"

static void put_duration(struct text *out, uint64_t us)
{
    static const struct {
        uint64_t us;
        const char *unit;
    } units[] = {{UINT64_C(86400000000), "d"},
                 {UINT64_C(3600000000), "h"},
                 {60000000, "m"},
                 {1000000, "s"},
                 {1000, "ms"},
                 {1, "us"}};
    bool has_any = false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (us < units[i].us)
            continue;
        text_printf(out, "%llu%s", (unsigned long long)(us / units[i].us), units[i].unit);
        us %= units[i].us;
        has_any = true;
    }
    if (!has_any)
        text_put_str(out, "0s");
}

static void put_match(struct text *out, const struct match *match)
{
    for (size_t i = 0; i < match->count; i++) {
        const struct condition *condition = &match->conditions[i];
        text_put_str(out, i > 0 ? ", " : "");
        escape_text(out, condition_name(condition));
        for (size_t v = 0; v < condition->value_count; v++) {
            text_put_str(out, v > 0 ? " or " : ": ");
            condition_value_put(out, &condition->values[v]);
        }
    }
}

static void put_kind(struct text *out, const struct rule *rule)
{
    switch (rule->kind) {
    case RULE_STATE:
        text_put_str(out, "a state");
        if (rule->for_us > 0) {
            text_put_str(out, " that lasts for ");
            put_duration(out, rule->for_us);
        }
        break;
    case RULE_COUNT:
        text_printf(out, "at least %u events within ", rule->at_least);
        put_duration(out, rule->window_us);
        break;
    case RULE_ABSENT:
        text_put_str(out, "no event for ");
        put_duration(out, rule->window_us);
        break;
    case RULE_NEW:
        text_put_str(out, "values that were never seen before");
        break;
    default:
        text_put_str(out, "each event");
    }
    if (rule->keep_us > 0) {
        text_put_str(out, "; goes on for ");
        put_duration(out, rule->keep_us);
        text_put_str(out, " behind its reason");
    }
}

void rule_text_put(struct text *out, const struct rule *rule, const char *first, const char *indent)
{
    text_put_str(out, first);
    put_kind(out, rule);
    text_printf(out, "; line %zu of the file\n%smatch ", rule->line, indent);
    put_match(out, &rule->match);
    if (rule->kind == RULE_STATE) {
        text_printf(out, "\n%sclear ", indent);
        put_match(out, &rule->clear);
    }
    text_printf(out, "\n%sby", indent);
    for (size_t i = 0; i < rule->by.count; i++) {
        text_put_char(out, ' ');
        escape_text(out, rule->by.items[i]);
    }
    text_put_char(out, '\n');
}
