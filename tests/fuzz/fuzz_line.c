/* Bytes as a line of the log, as the members of an event, and as any JSON text. A line that is taken apart is put
 * together again from its parts; what is read from JSON is written and read the same. */
#include "tests/fuzz/fuzz_support.h"

#include "proto/event.h"
#include "proto/event_value.h"
#include "proto/json.h"
#include "proto/record.h"
#include "proto/rfc3339.h"

/* Written anew from what was read: the same bytes, as there is one way only to write a number or a time. */
static void check_parts(const struct line *line, struct span text)
{
    char received[RFC3339_US_LEN];
    rfc3339_write_us(received, line->received_us);
    struct text again;
    text_init(&again);
    text_printf(&again, "{\"seq\":%llu,\"received\":\"%.*s\",", (unsigned long long)line->seq, RFC3339_US_LEN,
                received);
    text_put(&again, line->members.data, line->members.len);
    text_printf(&again, ",\"prev\":%llu", (unsigned long long)line->prev);
    if (line->producer.data)
        text_printf(&again, ",\"producer\":\"%.*s\",\"n\":%llu", (int)line->producer.len,
                    (const char *)line->producer.data, (unsigned long long)line->n);
    text_printf(&again, ",\"batch\":%llu", (unsigned long long)line->batch);
    must(span_equals(text_span(&again), line->hashed) && line->hashed.data == text.data);
    text_printf(&again, ",\"hash\":\"%.*s\"}", (int)line->hash.len, (const char *)line->hash.data);
    must(span_equals(text_span(&again), text));
    text_fini(&again);
}

static void check_event(struct event_judge *judge, const struct line *line)
{
    struct text bytes, members, again;
    text_init(&bytes);
    text_init(&members);
    text_init(&again);
    struct json_fault fault = {0, NULL};
    int error = line_read_event(line, &bytes, &fault);
    must(error == 0 || (error == TOCSIN_E_SYNTAX && fault.reason && fault.offset <= line->members.len));
    struct event event;
    struct refusal refusal;
    if (error == 0 && event_judge(judge, text_span(&bytes), &event, &refusal) == bytes.len && !refusal.code) {
        json_write_members(&members, &event);
        struct line written = {.members = text_span(&members)};
        must(line_read_event(&written, &again, NULL) == 0);
        must(span_equals(text_span(&bytes), text_span(&again)));
    }
    text_fini(&bytes);
    text_fini(&members);
    text_fini(&again);
}

static void check_json(struct value_checker *checker, struct span text)
{
    struct text bytes, json;
    text_init(&bytes);
    text_init(&json);
    struct json_fault fault = {0, NULL};
    int error = json_read_value(text, JSON_DEPTH_MAX, &bytes, &fault);
    must(error == 0 || (error == TOCSIN_E_SYNTAX && fault.reason && fault.offset <= text.len && bytes.len == 0));
    struct wire_reader reader = wire_reader_of(text_span(&bytes));
    if (error == 0 && value_check(checker, &reader) == TOCSIN_ACCEPTED) {
        must(reader.at == reader.end);
        json_write_value(&json, text_span(&bytes));
        must_read_back(text_span(&json), text_span(&bytes));
    }
    text_fini(&bytes);
    text_fini(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct event_judge *judge;
    static struct value_checker *checker;
    if (!judge) {
        judge = event_judge_new(TOCSIN_EVENT_BYTES_MAX, FUZZ_SEED);
        checker = value_checker_new(TOCSIN_EVENT_BYTES_MAX, FUZZ_SEED);
    }
    struct span text = span_of(data, size);
    struct line line;
    if (line_read(text, &line) == 0)
        check_parts(&line, text);
    else
        line = (struct line){.members = text};
    check_event(judge, &line);
    check_json(checker, text);
    return 0;
}
