/* Events a second through 100 rules on one core, by kind of rule, and what is remembered of a million events that are
 * all different.
 *
 *   bench_alert [EVENTS]     (default: 400000) */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client/alert/engine.h"
#include "client/alert/rules_file.h"
#include "tests/bench/bench_alert_event.h"

#define RULES        100u
#define PLAIN_COUNT  64u
#define REAL_COUNT   384u
#define UNLIKE       1000000u
#define UNLIKE_RULES 10u /* all of them match every one of these */

static const char *const regexes[] = {
#define REGEX_RULE(match) match,
#include "tests/bench/regex_rule.def"
#undef REGEX_RULE
};

/* %u: the rule's number; %r: one of the regular expressions. */
static const struct {
    const char *name;
    bool is_real; /* its events are as servers send them */
    const char *rule;
} mixes[] = {
    {"by type, none matches", false, "- {name: R%u, match: {type: Other%u}}\n"},
    {"by source and number", false, "- {name: R%u, match: {sourceId: 's*%u', snapshot.status: '< 0'}}\n"},
    {"count, one of them matches", false, "- {name: R%u, match: {type: Type%u}, count: {at_least: 50, within: 10s}}\n"},
    {"state, one of them matches", false,
     "- {name: R%u, match: {type: Type%u, snapshot.status: '< 0'}, clear: {type: Type%u}}\n"},
    {"regular expression, much alike", false, "- {name: R%u, match: {category: CoreEvent, summary: '~ number %u$'}}\n"},
    {"regular expressions, 100 real", true, "- {name: R%u, match: {%r}}\n"},
    {"those, count over sources", true, "- {name: R%u, match: {%r}, count: {at_least: 50, within: 10s}}\n"},
    {"those, and a level first", true, "- {name: R%u, match: {level: '>= Info', %r}}\n"},
};

static const char *const kept[] = {
    "- {name: R%u, match: {category: CoreEvent}, keep_firing_for: 1s}\n",
    "- {name: R%u, match: {type: Type0}, count: {at_least: 1000, within: 1s}, by: []}\n",
    "- {name: R%u, match: {snapshot.status: '< 0'}, absent: 1s, forget: 10s}\n",
};

static uint64_t alerts;

static void on_alert(void *context, const struct alert *alert)
{
    (void)context, (void)alert;
    alerts++;
}

static void die(const char *what)
{
    fprintf(stderr, "bench_alert: %s\n", what);
    exit(1);
}

static void put_rule(struct text *yaml, const char *rule, unsigned number)
{
    for (const char *at = rule; *at; at++) {
        if (at[0] != '%') {
            text_put_char(yaml, *at);
        } else if (*++at == 'u') {
            text_printf(yaml, "%u", number);
        } else {
            text_put_str(yaml, regexes[number % (sizeof regexes / sizeof *regexes)]);
        }
    }
}

static struct rules_file read_rules(const char *rule, unsigned count)
{
    struct rules_file file;
    struct text yaml, message;
    text_init(&yaml);
    text_init(&message);
    text_put_str(&yaml, "rules:\n");
    for (unsigned i = 0; i < count; i++)
        put_rule(&yaml, rule, i);
    if (!rules_file_parse(&file, text_span(&yaml), "bench", &message)) {
        text_put_char(&message, '\0');
        die(message.data);
    }
    text_fini(&yaml);
    text_fini(&message);
    return file;
}

static double cpu_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void run(size_t mix, struct alert_event *made, unsigned count, uint64_t events)
{
    struct rules_file file = read_rules(mixes[mix].rule, RULES);
    struct engine *engine = engine_new(&file.rules, 1, 7, on_alert, NULL);
    if (!engine)
        die("out of memory");
    alerts = 0;
    double begun_s = cpu_s();
    for (uint64_t i = 0; i < events; i++) {
        struct tocsin_message *message = &made[i % count].message;
        message->seq = i + 1;
        message->received_us = 1 + i * 5; /* 200,000 a second */
        engine_take(engine, message);
    }
    double took_s = cpu_s() - begun_s;
    struct engine_counts counts = engine_count(engine);
    printf("%-32s %10.0f %8.2f %10llu %8llu %8llu\n", mixes[mix].name, (double)events / took_s,
           took_s * 1e6 / (double)events, (unsigned long long)counts.matches, (unsigned long long)alerts,
           (unsigned long long)counts.groups);
    engine_free(&engine);
    rules_file_fini(&file);
}

/* What is allocated: what was freed is given back before it is looked at. */
static double heap_mib(void)
{
    malloc_trim(0);
    struct mallinfo2 info = mallinfo2();
    return (double)(info.uordblks + info.hblkhd) / 1048576;
}

/* Every event from a source that was never heard of before. */
static void remember(const char *rule)
{
    struct rules_file file = read_rules(rule, UNLIKE_RULES);
    struct engine *engine = engine_new(&file.rules, 1, 7, on_alert, NULL);
    struct alert_event event = {.event = NULL};
    if (!engine)
        die("out of memory");
    alert_event_make_unlike(&event, 0);
    double before = heap_mib();
    printf("\n%u rules %s%10s %10s %12s %10s\n", UNLIKE_RULES, rule, "events", "groups", "passed over", "heap MiB");
    for (unsigned i = 1; i <= UNLIKE; i++) {
        alert_event_make_unlike(&event, i);
        event.message.seq = i;
        event.message.received_us = 1 + (uint64_t)i * 5;
        engine_take(engine, &event.message);
        if (i != 1000 && i != 10000 && i != 100000 && i != UNLIKE)
            continue;
        struct engine_counts counts = engine_count(engine);
        printf("%10u %10llu %12llu %10.1f\n", i, (unsigned long long)counts.groups,
               (unsigned long long)counts.overflown, heap_mib() - before);
    }
    alert_event_fini(&event);
    engine_free(&engine);
    rules_file_fini(&file);
}

int main(int argc, char **argv)
{
    static struct alert_event plain[PLAIN_COUNT], real[REAL_COUNT];
    uint64_t events = argc > 1 ? strtoull(argv[1], NULL, 10) : 400000;
    for (unsigned i = 0; i < PLAIN_COUNT; i++)
        alert_event_make_plain(&plain[i], i);
    for (unsigned i = 0; i < REAL_COUNT; i++)
        alert_event_make_real(&real[i], i);
    printf("%u rules                         events/s  us/event    matches   alerts   groups\n", RULES);
    for (size_t mix = 0; mix < sizeof mixes / sizeof *mixes; mix++) {
        bool is_real = mixes[mix].is_real;
        run(mix, is_real ? real : plain, is_real ? REAL_COUNT : PLAIN_COUNT, events);
    }
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        remember(kept[i]);
    for (unsigned i = 0; i < PLAIN_COUNT; i++)
        alert_event_fini(&plain[i]);
    for (unsigned i = 0; i < REAL_COUNT; i++)
        alert_event_fini(&real[i]);
    return 0;
}
