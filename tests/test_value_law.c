/* The law: MessagePack -> JSON -> MessagePack is the same value, over generated events with snapshots of every kind,
 * encoding and depth. "The same" is what msgpack-c makes of the original bytes when it packs them anew: the shortest
 * encodings, floats as float64. */
#include "tests/test_support.h"

#include "proto/event.h"
#include "proto/json.h"
#include "proto/json_read.h"
#include "proto/record.h"
#include "proto/rfc3339.h"
#include "proto/utf8.h"
#include "tests/generate.h"
#include "tests/value_judges.h"

#define EVENTS 20000

struct bench {
    struct generator generator;
    struct event_judge *judge;
    struct text bytes; /* the generated event */
    struct event event;
    struct text json;
    struct text back; /* what was read from the JSON */
    struct text again;
};

static int set_up(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    if (!bench)
        return -1;
    generator_init(&bench->generator, RANDOM_SEED);
    print_message("seed %llu\n", (unsigned long long)RANDOM_SEED);
    bench->judge = event_judge_new(TOCSIN_EVENT_BYTES_MAX, RANDOM_SEED);
    *state = bench;
    return bench->judge ? 0 : -1;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    struct text *texts[] = {&bench->bytes, &bench->json, &bench->back, &bench->again};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        text_fini(texts[i]);
    generator_fini(&bench->generator);
    event_judge_free(&bench->judge);
    free(bench);
    return 0;
}

/* The next generated event, accepted. */
static void next_event(struct bench *bench)
{
    text_clear(&bench->bytes);
    generate_event(&bench->generator, &bench->bytes, generate_below(&bench->generator, 50) ? 600 : 30000);
    assert_false(bench->bytes.failed);
    struct refusal refusal;
    size_t used = event_judge(bench->judge, text_span(&bench->bytes), &bench->event, &refusal);
    if (refusal.code)
        fail_msg("refused: %d, %.*s", refusal.code, (int)refusal.field.len, (const char *)refusal.field.data);
    assert_int_equal(used, bench->bytes.len);
}

static void read_json(const struct text *json, struct text *out)
{
    struct json_fault fault = {0, ""};
    text_clear(out);
    if (json_read_value(text_span(json), JSON_DEPTH_MAX, out, &fault) != 0)
        fail_msg("refused at %zu, \"%s\": %.*s", fault.offset, fault.reason, (int)json->len, json->data);
}

/* Marks the first byte of every token of the value, and how deep it is nested. */
static unsigned note_tokens(struct span value, bool *seen)
{
    uint64_t left[TOCSIN_DEPTH_MAX + 1] = {1};
    unsigned depth = 0, depth_max = 0;
    struct wire_reader reader = wire_reader_of(value);
    struct wire_token token;
    while (reader.at < reader.end) {
        while (left[depth] == 0)
            depth--;
        left[depth]--;
        seen[*reader.at] = true;
        enum wire_type type = wire_read(&reader, &token);
        if (type != WIRE_ARRAY && type != WIRE_MAP)
            continue;
        depth++;
        assert_true(depth <= TOCSIN_DEPTH_MAX);
        left[depth] = type == WIRE_MAP ? 2 * (uint64_t)token.as.count : token.as.count;
        depth_max = depth > depth_max ? depth : depth_max;
    }
    return depth_max;
}

static void the_generator_leaves_nothing_out(void **state)
{
    struct bench *bench = *state;
    bool seen[256] = {false};
    unsigned deepest = 0, large = 0;
    for (unsigned i = 0; i < EVENTS; i++) {
        next_event(bench);
        if (!bench->event.snapshot.data)
            continue;
        deepest += note_tokens(bench->event.snapshot, seen) == TOCSIN_DEPTH_MAX;
        large += bench->event.snapshot.len > 4096;
    }
    assert_true(deepest > EVENTS / 100);
    assert_true(large > EVENTS / 1000);
    for (unsigned tag = 0; tag < 256; tag++) {
        bool has_no_image = tag == 0xc1 || (tag >= 0xc4 && tag <= 0xc9) || (tag >= 0xd4 && tag <= 0xd8);
        if (seen[tag] == has_no_image)
            fail_msg("tag %02x", tag);
    }
}

/* `snapshot` packed anew by msgpack-c is `expected`. */
static void assert_same_value(struct span snapshot, struct span expected)
{
    msgpack_unpacked unpacked;
    size_t used;
    assert_int_equal(msgpack_verdict(snapshot, &unpacked, &used), MSGPACK_READS);
    assert_int_equal(used, snapshot.len);
    msgpack_sbuffer buffer;
    msgpack_sbuffer_init(&buffer);
    msgpack_packer packer;
    msgpack_packer_init(&packer, &buffer, msgpack_sbuffer_write);
    msgpack_pack_canonical(&packer, &unpacked.data);
    assert_int_equal(expected.len, buffer.size);
    assert_memory_equal(expected.data, buffer.data, buffer.size);
    msgpack_sbuffer_destroy(&buffer);
    msgpack_unpacked_destroy(&unpacked);
}

static void assert_same_span(struct span a, struct span b)
{
    assert_int_equal(a.data == NULL, b.data == NULL);
    assert_true(span_equals(a, b));
}

static void assert_same_event(const struct event *event, const struct event *other)
{
    assert_int_equal(event->level, other->level);
    assert_same_span(event->time, other->time);
    assert_same_span(event->category, other->category);
    assert_same_span(event->type, other->type);
    assert_same_span(event->source_id, other->source_id);
    assert_same_span(event->summary, other->summary);
    assert_same_span(event->cause, other->cause);
    assert_int_equal(event->snapshot.data == NULL, other->snapshot.data == NULL);
    if (event->snapshot.data)
        assert_same_value(event->snapshot, other->snapshot);
}

static void every_snapshot_comes_back_from_json_as_the_same_value(void **state)
{
    struct bench *bench = *state;
    for (unsigned i = 0; i < EVENTS; i++) {
        next_event(bench);
        if (!bench->event.snapshot.data)
            continue;
        text_clear(&bench->json);
        json_write_value(&bench->json, bench->event.snapshot);
        read_json(&bench->json, &bench->back);
        assert_same_value(bench->event.snapshot, text_span(&bench->back));
        text_clear(&bench->again);
        json_write_value(&bench->again, text_span(&bench->back));
        assert_true(span_equals(text_span(&bench->json), text_span(&bench->again)));
    }
}

static void every_event_comes_back_from_json_as_the_same_event(void **state)
{
    struct bench *bench = *state;
    for (unsigned i = 0; i < EVENTS; i++) {
        next_event(bench);
        text_clear(&bench->json);
        json_write_event(&bench->json, &bench->event);
        read_json(&bench->json, &bench->back);
        struct event back;
        struct refusal refusal;
        assert_int_equal(event_judge(bench->judge, text_span(&bench->back), &back, &refusal), bench->back.len);
        assert_int_equal(refusal.code, TOCSIN_ACCEPTED);
        assert_same_event(&bench->event, &back);
    }
}

/* The event's record as a line of the log, with a hash behind it. */
static void write_line(struct bench *bench, struct text *out, uint64_t seq)
{
    struct record record = {seq, generate_below(&bench->generator, seq), generate_bits(&bench->generator) >> 8,
                            bench->event};
    char received[RFC3339_US_LEN];
    rfc3339_write_us(received, record.received_us);
    struct provenance provenance = {span_of_str("a-producer.1"), seq + 7, seq};
    if (seq % 2)
        provenance.producer.data = NULL;
    text_clear(out);
    record_write_line(out, &record, span_of(received, sizeof received), &provenance);
    text_put_str(out, ",\"hash\":\"0123456789abcdef0123456789abcdef\"}");
}

static void every_event_comes_back_from_a_line_of_the_log(void **state)
{
    struct bench *bench = *state;
    for (unsigned i = 1; i <= EVENTS; i++) {
        do
            next_event(bench);
        while (!bench->event.time.data);
        write_line(bench, &bench->json, i);
        struct line line;
        assert_int_equal(line_read(text_span(&bench->json), &line), 0);
        assert_int_equal(line.seq, i);
        assert_int_equal(line.n, i % 2 ? 0 : i + 7);
        text_clear(&bench->back);
        assert_int_equal(line_read_event(&line, &bench->back, NULL), 0);
        struct event back;
        assert_true(event_view(text_span(&bench->back), &back));
        assert_int_equal(back.bytes.len, bench->back.len);
        assert_same_event(&bench->event, &back);
        assert_same_span(line.category, back.category);
    }
}

static void jansson_reads_the_same_value_from_our_text(void **state)
{
    struct bench *bench = *state;
    bench->generator.uint_max = INT64_MAX; /* all that jansson can hold */
    for (unsigned i = 0; i < EVENTS; i++) {
        next_event(bench);
        if (!bench->event.snapshot.data)
            continue;
        text_clear(&bench->json);
        json_write_value(&bench->json, bench->event.snapshot);
        json_error_t error;
        json_t *json = jansson_read(text_span(&bench->json), &error);
        if (!json)
            fail_msg("%s: %.*s", error.text, (int)bench->json.len, bench->json.data);
        msgpack_unpacked unpacked;
        size_t used;
        assert_int_equal(msgpack_verdict(bench->event.snapshot, &unpacked, &used), MSGPACK_READS);
        assert_true(msgpack_equals_json(&unpacked.data, json));
        msgpack_unpacked_destroy(&unpacked);
        json_decref(json);
    }
    bench->generator.uint_max = UINT64_MAX;
}

static void no_text_holds_what_could_drive_a_terminal(void **state)
{
    struct bench *bench = *state;
    for (unsigned i = 0; i < EVENTS; i++) {
        next_event(bench);
        text_clear(&bench->json);
        json_write_event(&bench->json, &bench->event);
        const uint8_t *at = text_span(&bench->json).data, *end = at + bench->json.len;
        while (at < end) {
            uint32_t character;
            unsigned len = utf8_decode(at, end, &character);
            assert_int_not_equal(len, 0);
            assert_false(utf8_must_escape(character));
            at += len;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_generator_leaves_nothing_out),
        cmocka_unit_test(every_snapshot_comes_back_from_json_as_the_same_value),
        cmocka_unit_test(every_event_comes_back_from_json_as_the_same_event),
        cmocka_unit_test(every_event_comes_back_from_a_line_of_the_log),
        cmocka_unit_test(jansson_reads_the_same_value_from_our_text),
        cmocka_unit_test(no_text_holds_what_could_drive_a_terminal),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
