/* Bytes as a string, and bytes as a value, written as JSON: what is valid reads back the same and is printable; what is
 * not does no harm. */
#include "tests/fuzz/fuzz_support.h"

#include "proto/event_value.h"
#include "proto/json.h"

static void check_string(struct span bytes)
{
    struct text json, value;
    text_init(&json);
    text_init(&value);
    json_write_string(&json, bytes);
    must_be_printable(text_span(&json));
    if (!(utf8_inspect(bytes) & UTF8_INVALID)) {
        wire_write_str(&value, bytes);
        must_read_back(text_span(&json), text_span(&value));
    }
    text_fini(&json);
    text_fini(&value);
}

static void check_value(struct value_checker *checker, struct span bytes)
{
    struct wire_reader reader = wire_reader_of(bytes);
    bool is_valid = value_check(checker, &reader) == TOCSIN_ACCEPTED;
    struct span value = is_valid ? span_of(bytes.data, (size_t)(reader.at - bytes.data)) : bytes;
    struct text json;
    text_init(&json);
    json_write_value(&json, value);
    if (is_valid) {
        must_be_printable(text_span(&json));
        must_read_back(text_span(&json), value);
    }
    text_fini(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct value_checker *checker;
    if (!checker)
        checker = value_checker_new(TOCSIN_EVENT_BYTES_MAX, FUZZ_SEED);
    check_string(span_of(data, size));
    check_value(checker, span_of(data, size));
    return 0;
}
