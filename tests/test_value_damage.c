/* Damaged bytes and damaged texts: our readers agree with msgpack-c and with jansson on what can be read, where it ends
 * and what it is. The judges' own limits are declared in value_judges.h and below. */
#include "tests/test_support.h"

#include "proto/event.h"
#include "proto/json.h"
#include "proto/json_read.h"
#include "proto/record.h"
#include "tests/generate.h"
#include "tests/value_judges.h"

#define EVENTS   60000
#define TEXTS    60000
#define LINES    30000
#define SNAPSHOT 300
#define TAGS                                                                                                           \
    "\x80\x8f\x90\x9f\xa0\xbf\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7\xc8\xc9\xca\xcb\xcc\xcf\xd0\xd3\xd4\xd8\xd9\xda\xdb"     \
    "\xdc\xdd\xde\xdf\xe0\xff\x7f\0\x01"
#define CHARACTERS "{}[]\"\":,,\\/bfnrtu0123456789aAfFeE+-.  \n\r\t\0\x1f\x7f\x80\xc3\xed\xf0\xff"

struct bench {
    struct generator generator;
    struct event_judge *judge;
    struct text bytes;
    struct text json;
    struct text back;
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
    text_fini(&bench->bytes);
    text_fini(&bench->json);
    text_fini(&bench->back);
    generator_fini(&bench->generator);
    event_judge_free(&bench->judge);
    free(bench);
    return 0;
}

/* The JSON of an accepted event is read back, and as what msgpack-c packs anew. */
static void assert_law(struct bench *bench, const struct event *event)
{
    if (!event->snapshot.data)
        return;
    text_clear(&bench->json);
    text_clear(&bench->back);
    json_write_value(&bench->json, event->snapshot);
    assert_int_equal(json_read_value(text_span(&bench->json), TOCSIN_DEPTH_MAX, &bench->back, NULL), 0);
    msgpack_unpacked unpacked;
    size_t used;
    assert_int_equal(msgpack_verdict(event->snapshot, &unpacked, &used), MSGPACK_READS);
    msgpack_sbuffer buffer;
    msgpack_sbuffer_init(&buffer);
    msgpack_packer packer;
    msgpack_packer_init(&packer, &buffer, msgpack_sbuffer_write);
    msgpack_pack_canonical(&packer, &unpacked.data);
    assert_true(span_equals(text_span(&bench->back), span_of(buffer.data, buffer.size)));
    msgpack_sbuffer_destroy(&buffer);
    msgpack_unpacked_destroy(&unpacked);
}

/* False where msgpack-c could not tell. */
static bool assert_same_verdict(struct bench *bench, struct span bytes, struct refusal *refusal)
{
    struct event event;
    size_t taken = event_judge(bench->judge, bytes, &event, refusal);
    bool is_malformed = refusal->code == TOCSIN_REFUSAL_MALFORMED;
    assert_int_equal(taken == 0, is_malformed);
    if (is_malformed && !msgpack_may_be_asked(bytes))
        return false;
    msgpack_unpacked unpacked;
    size_t used;
    enum msgpack_verdict verdict = msgpack_verdict(bytes, &unpacked, &used);
    if (verdict != MSGPACK_CANNOT_TELL)
        assert_int_equal(is_malformed, verdict == MSGPACK_REFUSES);
    if (verdict == MSGPACK_READS)
        assert_int_equal(taken, used);
    msgpack_unpacked_destroy(&unpacked);
    if (refusal->code == TOCSIN_ACCEPTED)
        assert_law(bench, &event);
    return verdict != MSGPACK_CANNOT_TELL;
}

static void the_judge_finds_malformed_what_msgpack_c_cannot_read(void **state)
{
    struct bench *bench = *state;
    unsigned counts[TOCSIN_REFUSAL_COUNT] = {0}, untold = 0;
    for (unsigned i = 0; i < EVENTS; i++) {
        text_clear(&bench->bytes);
        generate_event(&bench->generator, &bench->bytes, SNAPSHOT);
        generate_damage(&bench->generator, &bench->bytes, span_of(TAGS, sizeof TAGS - 1));
        uint8_t *bytes = exact_copy(text_span(&bench->bytes));
        struct refusal refusal;
        untold += !assert_same_verdict(bench, span_of(bytes, bench->bytes.len), &refusal);
        counts[refusal.code]++;
        free(bytes);
    }
    assert_true(untold < EVENTS / 10);
    assert_true(counts[TOCSIN_ACCEPTED] > EVENTS / 20);
    /* damage does not nest, and a key that it takes away is seldom gone without a trace */
    counts[TOCSIN_REFUSAL_DEPTH] = counts[TOCSIN_REFUSAL_MISSING] = EVENTS;
    for (unsigned code = 0; code < TOCSIN_REFUSAL_COUNT; code++)
        if (counts[code] < 20)
            fail_msg("refusal %u was seen %u times", code, counts[code]);
}

/* jansson knows int64 only, and no member's name with U+0000; a raw NUL between tokens passes for the end of the text.
 */
static bool is_beyond_jansson(struct span text, const json_error_t *error)
{
    if (memchr(text.data, 0, text.len))
        return true;
    enum json_error_code code = json_error_code(error);
    return code == json_error_numeric_overflow || code == json_error_null_byte_in_key;
}

static void assert_jansson_reads_the_same(struct span value, json_t *json)
{
    msgpack_unpacked unpacked;
    size_t used;
    if (msgpack_verdict(value, &unpacked, &used) == MSGPACK_READS) {
        assert_int_equal(used, value.len);
        assert_true(msgpack_equals_json(&unpacked.data, json));
    }
    msgpack_unpacked_destroy(&unpacked);
}

static void our_reader_reads_what_jansson_reads(void **state)
{
    struct bench *bench = *state;
    unsigned read = 0, untold = 0;
    bench->generator.uint_max = INT64_MAX;
    for (unsigned i = 0; i < TEXTS; i++) {
        text_clear(&bench->bytes);
        text_clear(&bench->json);
        text_clear(&bench->back);
        generate_value(&bench->generator, &bench->bytes, 8, SNAPSHOT);
        json_write_value(&bench->json, text_span(&bench->bytes));
        generate_damage(&bench->generator, &bench->json, span_of(CHARACTERS, sizeof CHARACTERS - 1));
        uint8_t *text = exact_copy(text_span(&bench->json));
        struct span json = span_of(text, bench->json.len);
        int error = json_read_value(json, JSON_DEPTH_MAX, &bench->back, NULL);
        json_error_t why = {.text = ""};
        json_t *theirs = jansson_read(json, &why);
        if (is_beyond_jansson(json, &why))
            untold++;
        else if ((error == 0) != (theirs != NULL))
            fail_msg("we %d, jansson \"%s\": %.*s", error, theirs ? "" : why.text, (int)json.len, (char *)text);
        else if (theirs)
            assert_jansson_reads_the_same(text_span(&bench->back), theirs);
        read += theirs != NULL;
        json_decref(theirs);
        free(text);
    }
    bench->generator.uint_max = UINT64_MAX;
    assert_true(untold < TEXTS / 20);
    assert_in_range(read, TEXTS / 10, TEXTS - TEXTS / 10);
}

static void write_line(struct bench *bench, uint64_t seq)
{
    struct record record = {.seq = seq};
    do {
        text_clear(&bench->bytes);
        generate_event(&bench->generator, &bench->bytes, SNAPSHOT);
        assert_true(event_view(text_span(&bench->bytes), &record.event));
    } while (!record.event.time.data);
    struct provenance provenance = {span_of_str("p"), 1, 1};
    text_clear(&bench->json);
    record_write_line(&bench->json, &record, span_of_str("2026-11-21T00:30:00.125000Z"), &provenance);
    text_put_str(&bench->json, ",\"hash\":\"0123456789abcdef0123456789abcdef\"}");
}

/* A line that both of our functions accept is JSON to jansson too. */
static void damaged_lines_that_are_read_are_json(void **state)
{
    struct bench *bench = *state;
    unsigned taken_apart = 0, read = 0;
    bench->generator.uint_max = INT64_MAX;
    for (unsigned i = 1; i <= LINES; i++) {
        write_line(bench, i);
        generate_damage(&bench->generator, &bench->json, span_of(CHARACTERS, sizeof CHARACTERS - 1));
        uint8_t *text = exact_copy(text_span(&bench->json));
        struct line line;
        int error = line_read(span_of(text, bench->json.len), &line);
        taken_apart += error == 0;
        text_clear(&bench->back);
        if (error == 0 && line_read_event(&line, &bench->back, NULL) == 0) {
            read++;
            json_error_t why = {.text = ""};
            json_t *json = jansson_read(span_of(text, bench->json.len), &why);
            if (!json && !is_beyond_jansson(span_of(text, bench->json.len), &why))
                fail_msg("\"%s\": %.*s", why.text, (int)bench->json.len, (char *)text);
            json_decref(json);
        }
        free(text);
    }
    bench->generator.uint_max = UINT64_MAX;
    assert_in_range(taken_apart, LINES / 10, LINES - LINES / 10);
    assert_in_range(read, LINES / 10, taken_apart - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_judge_finds_malformed_what_msgpack_c_cannot_read),
        cmocka_unit_test(our_reader_reads_what_jansson_reads),
        cmocka_unit_test(damaged_lines_that_are_read_are_json),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
