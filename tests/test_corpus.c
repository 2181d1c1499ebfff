/* Hundreds of events made bad by hand and a hundred thousand made bad by chance: each is refused with a code or goes
 * round, and the good event behind it still passes. */
#include "tests/test_support.h"
#include "tests/vector_support.h"

#include "proto/error.h"
#include "proto/event.h"
#include "proto/json.h"
#include "proto/json_read.h"
#include "proto/utf8.h"

#define SEEDS_MAX    1000
#define SEED_LEN_MAX 2000
#define MUTATED      100000

struct corpus {
    uint8_t *bytes[SEEDS_MAX];
    size_t len[SEEDS_MAX];
    size_t count;
    unsigned verdicts[TOCSIN_REFUSAL_COUNT];
    struct event_judge *judge;
    struct text good;  /* an event that must always pass */
    struct text frame; /* what is judged, and the good event behind it */
    struct text json, again, text;
};

/* An accepted event: its text is clean, and read back it is an event of the same text. */
static void expect_round(struct corpus *corpus, const struct event *event)
{
    text_clear(&corpus->json);
    text_clear(&corpus->again);
    text_clear(&corpus->text);
    json_write_event(&corpus->json, event);
    const uint8_t *at = (const uint8_t *)corpus->json.data;
    const uint8_t *end = at + corpus->json.len;
    for (uint32_t character = 'x'; at < end; at += utf8_decode(at, end, &character))
        assert_false(utf8_must_escape(character));
    struct json_fault fault = {0, ""};
    if (json_read_value(text_span(&corpus->json), TOCSIN_DEPTH_MAX + 1, &corpus->again, &fault) != 0)
        fail_msg("at %zu %s: %.*s", fault.offset, fault.reason, (int)corpus->json.len, corpus->json.data);
    struct event read;
    struct refusal refusal;
    assert_int_equal(event_judge(corpus->judge, text_span(&corpus->again), &read, &refusal), corpus->again.len);
    assert_int_equal(refusal.code, TOCSIN_ACCEPTED);
    json_write_event(&corpus->text, &read);
    assert_true(span_equals(text_span(&corpus->text), text_span(&corpus->json)));
}

static void expect_good(struct corpus *corpus, struct span bytes)
{
    struct event event;
    struct refusal refusal;
    assert_int_equal(event_judge(corpus->judge, bytes, &event, &refusal), corpus->good.len);
    assert_int_equal(refusal.code, TOCSIN_ACCEPTED);
}

/* Judges bytes that may be anything, in memory of exactly their size, then again with a good event behind them. */
static enum tocsin_refusal judge_any(struct corpus *corpus, struct span bytes)
{
    uint8_t *copy = exact_copy(bytes);
    struct event event;
    struct refusal refusal;
    size_t consumed = event_judge(corpus->judge, span_of(copy, bytes.len), &event, &refusal);
    assert_in_range(refusal.code, 0, TOCSIN_REFUSAL_COUNT - 1);
    assert_true(consumed <= bytes.len);
    assert_int_equal(consumed == 0, refusal.code == TOCSIN_REFUSAL_MALFORMED);
    assert_int_equal(utf8_inspect(refusal.field) & UTF8_INVALID, 0);
    if (refusal.code == TOCSIN_ACCEPTED)
        expect_round(corpus, &event);
    enum tocsin_refusal code = refusal.code;
    corpus->verdicts[code]++;

    if (code == TOCSIN_REFUSAL_MALFORMED) {
        expect_good(corpus, text_span(&corpus->good)); /* the next frame */
    } else {
        text_clear(&corpus->frame);
        text_put(&corpus->frame, copy, consumed);
        text_put(&corpus->frame, corpus->good.data, corpus->good.len);
        assert_int_equal(event_judge(corpus->judge, text_span(&corpus->frame), &event, &refusal), consumed);
        assert_int_equal(refusal.code, code);
        expect_good(corpus, span_of(corpus->frame.data + consumed, corpus->frame.len - consumed));
    }
    free(copy);
    return code;
}

static void keep(const json_t *vector, void *arg)
{
    struct corpus *corpus = arg;
    assert_true(corpus->count < SEEDS_MAX);
    size_t len;
    uint8_t *bytes = vector_bytes(vector, "bytes", &len);
    if (len == 0 || len > SEED_LEN_MAX || json_object_get(vector, "max_event_bytes")) {
        free(bytes);
        return;
    }
    corpus->bytes[corpus->count] = bytes;
    corpus->len[corpus->count++] = len;
}

static void hundreds_of_bad_events_spoil_no_good_one(void **state)
{
    struct corpus *corpus = *state;
    size_t bad = 0;
    corpus->count = 0;
    for_each_vector("refused", keep, corpus);
    for (size_t i = 0; i < corpus->count; i++)
        bad += judge_any(corpus, span_of(corpus->bytes[i], corpus->len[i])) != TOCSIN_ACCEPTED;
    print_message("%zu bad events\n", bad);
    assert_int_equal(bad, corpus->count);
    assert_true(bad >= 300);
    for_each_vector("valid", keep, corpus);
}

/* One change; the tags of MessagePack come more often than other bytes. */
static size_t mutate(const struct corpus *corpus, uint8_t *bytes, size_t len)
{
    size_t at = random_below(len);
    uint8_t byte = (uint8_t)(random_below(3) ? 0xc0 + random_below(0x21) : random_bits());
    size_t other = random_below(corpus->count);
    switch (random_below(6)) {
    case 0:
        bytes[at] ^= (uint8_t)(1U << random_below(8));
        return len;
    case 1:
        bytes[at] = byte;
        return len;
    case 2:
        memmove(bytes + at + 1, bytes + at, len - at);
        bytes[at] = byte;
        return len + 1;
    case 3:
        memmove(bytes + at, bytes + at + 1, len - at - 1);
        return len > 1 ? len - 1 : len;
    case 4:
        bytes[at] = (uint8_t)(bytes[at] + (random_below(2) ? 1 : 255)); /* a length or a count off by one */
        return len;
    default: { /* the tail of another event, from anywhere */
        size_t from = random_below(corpus->len[other]);
        memcpy(bytes + at, corpus->bytes[other] + from, corpus->len[other] - from);
        return at + corpus->len[other] - from;
    }
    }
}

static void a_hundred_thousand_mutated_events_spoil_no_good_one(void **state)
{
    struct corpus *corpus = *state;
    memset(corpus->verdicts, 0, sizeof corpus->verdicts);
    uint8_t bytes[4 * SEED_LEN_MAX + 8];
    for (unsigned i = 0; i < MUTATED; i++) {
        size_t seed_index = random_below(corpus->count);
        size_t len = corpus->len[seed_index];
        memcpy(bytes, corpus->bytes[seed_index], len);
        for (uint64_t changes = 1 + random_below(3); changes > 0 && len <= 2 * SEED_LEN_MAX; changes--)
            len = mutate(corpus, bytes, len);
        judge_any(corpus, span_of(bytes, len));
    }
    for (int code = 0; code < TOCSIN_REFUSAL_COUNT; code++) {
        print_message("%s %u\n", refusal_word((enum tocsin_refusal)code), corpus->verdicts[code]);
        assert_true(corpus->verdicts[code] > 0);
    }
}

static int set_up(void **state)
{
    static struct corpus corpus;
    corpus.judge = event_judge_new(TOCSIN_EVENT_BYTES_MAX, 1);
    text_init(&corpus.good);
    begin_event(&corpus.good, 5);
    text_init(&corpus.frame);
    text_init(&corpus.json);
    text_init(&corpus.again);
    text_init(&corpus.text);
    *state = &corpus;
    return corpus.judge ? seed(state) : -1;
}

static int tear_down(void **state)
{
    struct corpus *corpus = *state;
    for (size_t i = 0; i < corpus->count; i++)
        free(corpus->bytes[i]);
    event_judge_free(&corpus->judge);
    text_fini(&corpus->good);
    text_fini(&corpus->frame);
    text_fini(&corpus->json);
    text_fini(&corpus->again);
    text_fini(&corpus->text);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hundreds_of_bad_events_spoil_no_good_one),
        cmocka_unit_test(a_hundred_thousand_mutated_events_spoil_no_good_one),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
