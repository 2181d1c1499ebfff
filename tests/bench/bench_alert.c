/* Events a second through 100 rules on one core, by kind of rule, and what is remembered.
 *
 *   bench_alert [EVENTS]     (default: 400000) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "client/alert/engine.h"
#include "client/alert/rules_file.h"
#include "proto/event.h"

#define RULES   100u
#define SOURCES 1000u
#define SHAPES  64u /* different events */

static const struct {
    const char *name;
    const char *rule; /* %u: its number */
} mixes[] = {
    {"by type, none matches", "- {name: R%u, match: {type: Other%u}}\n"},
    {"by source and number", "- {name: R%u, match: {sourceId: 's*%u', snapshot.status: '< 0'}}\n"},
    {"count, one of them matches", "- {name: R%u, match: {type: Type%u}, count: {at_least: 50, within: 10s}}\n"},
    {"state, one of them matches",
     "- {name: R%u, match: {type: Type%u, snapshot.status: '< 0'}, clear: {type: Type%u}}\n"},
    {"regular expression", "- {name: R%u, match: {category: CoreEvent, summary: '~ number %u$'}}\n"},
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

static struct rules_file read_rules(const char *rule)
{
    struct rules_file file;
    struct text yaml, message;
    text_init(&yaml);
    text_init(&message);
    text_put_str(&yaml, "rules:\n");
    for (unsigned i = 0; i < RULES; i++) {
        const char *rest = rule;
        for (const char *at; (at = strstr(rest, "%u")); rest = at + 2) {
            text_put(&yaml, rest, (size_t)(at - rest));
            text_printf(&yaml, "%u", i);
        }
        text_put_str(&yaml, rest);
    }
    if (!rules_file_parse(&file, text_span(&yaml), "bench", &message))
        die("the rules are none");
    text_fini(&yaml);
    text_fini(&message);
    return file;
}

struct shape {
    struct tocsin_event *event;
    struct tocsin_message message;
};

static struct tocsin_text text_of(struct span span)
{
    return (struct tocsin_text){(const char *)span.data, span.len};
}

static void make(struct shape *shape, unsigned number)
{
    char json[512], error[128];
    const uint8_t *bytes;
    size_t len;
    struct event event;
    snprintf(
        json, sizeof json,
        "{\"time\":\"2026-11-21T01:32:20.078050Z\",\"level\":\"Info\",\"category\":\"CoreEvent\",\"type\":\"Type%u\","
        "\"sourceId\":\"s%u\",\"summary\":\"event number %u\",\"snapshot\":{\"group\":\"g\",\"status\":%d}}",
        number % RULES, number % SOURCES, number, (int)(number % 3) - 1);
    shape->event = tocsin_event_new();
    if (!shape->event || tocsin_event_from_json(shape->event, json, strlen(json), error, sizeof error) != 0 ||
        tocsin_event_encode(shape->event, &bytes, &len) != 0 || !event_view(span_of(bytes, len), &event))
        die("no event");
    shape->message = (struct tocsin_message){
        .kind = TOCSIN_MESSAGE_EVENT,
        .level = event.level,
        .category = text_of(event.category),
        .type = text_of(event.type),
        .source_id = text_of(event.source_id),
        .summary = text_of(event.summary),
        .snapshot = text_of(event.snapshot),
        .event = text_of(event.bytes),
    };
}

static double cpu_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void run(size_t mix, struct shape *shapes, uint64_t events)
{
    struct rusage usage;
    struct rules_file file = read_rules(mixes[mix].rule);
    struct engine *engine = engine_new(&file.rules, 1, 7, on_alert, NULL);
    if (!engine)
        die("out of memory");
    alerts = 0;
    double begun_s = cpu_s();
    for (uint64_t i = 0; i < events; i++) {
        struct tocsin_message *message = &shapes[i % SHAPES].message;
        message->seq = i + 1;
        message->received_us = 1 + i * 5; /* 200,000 a second */
        engine_take(engine, message);
    }
    double took_s = cpu_s() - begun_s;
    struct engine_counts counts = engine_count(engine);
    getrusage(RUSAGE_SELF, &usage);
    printf("%-28s %10.0f %8.2f %10llu %8llu %8llu %7ld\n", mixes[mix].name, (double)events / took_s,
           took_s * 1e6 / (double)events, (unsigned long long)counts.matches, (unsigned long long)alerts,
           (unsigned long long)counts.groups, usage.ru_maxrss / 1024);
    engine_free(&engine);
    rules_file_fini(&file);
}

int main(int argc, char **argv)
{
    static struct shape shapes[SHAPES];
    uint64_t events = argc > 1 ? strtoull(argv[1], NULL, 10) : 400000;
    for (unsigned i = 0; i < SHAPES; i++)
        make(&shapes[i], i);
    printf("%u rules                     events/s  us/event    matches   alerts   groups     MiB\n", RULES);
    for (size_t mix = 0; mix < sizeof mixes / sizeof *mixes; mix++)
        run(mix, shapes, events);
    for (unsigned i = 0; i < SHAPES; i++)
        tocsin_event_free(&shapes[i].event);
    return 0;
}
