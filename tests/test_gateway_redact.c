/* What must not leave the host. */
#include "tests/test_support.h"

#include "client/gateway/redact.h"
#include "proto/json.h"
#include "proto/json_read.h"

/* The image of `json` with what `rules` name redacted; `rules` end with NULL, "-" is --no-redact. */
static size_t redact_json(const char *const *rules, const char *json, char *out, size_t size)
{
    struct option_value values[8];
    struct options options = {.values = values};
    for (; *rules; rules++)
        values[options.value_count++] = strcmp(*rules, "-") == 0 ? (struct option_value){OPTION_NO_REDACT, ""}
                                                                 : (struct option_value){OPTION_REDACT, *rules};
    struct redact redact;
    assert_true(redact_init(&redact, &options));
    struct text value, redacted, image;
    text_init(&value);
    text_init(&redacted);
    text_init(&image);
    assert_int_equal(json_read_value(span_of_str(json), 40, &value, NULL), 0);
    size_t count = redact_value(&redact, text_span(&value), &redacted);
    json_write_value(&image, text_span(&redacted));
    assert_true(image.len < size);
    memcpy(out, image.data, image.len);
    out[image.len] = '\0';
    text_fini(&value);
    text_fini(&redacted);
    text_fini(&image);
    redact_fini(&redact);
    return count;
}

#define CHECK(count, json, expected, ...)                                                                              \
    do {                                                                                                               \
        char out[1024];                                                                                                \
        const char *rules[] = {__VA_ARGS__};                                                                           \
        assert_int_equal(redact_json(rules, json, out, sizeof out), count);                                            \
        assert_string_equal(out, expected);                                                                            \
    } while (0)

static void the_usual_members_are_redacted_whatever_they_hold(void **state)
{
    (void)state;
    CHECK(1, "{\"secretKey\":\"1\",\"a\":2}", "{\"secretKey\":\"[redacted]\",\"a\":2}", NULL);
    CHECK(1, "{\"SecretKey\":{\"a\":[1,2]},\"b\":[]}", "{\"SecretKey\":\"[redacted]\",\"b\":[]}", NULL);
    CHECK(3, "[{\"streamKey\":null},{\"x\":{\"userData\":[[]],\"y\":{\"signature\":0}}},{}]",
          "[{\"streamKey\":\"[redacted]\"},{\"x\":{\"userData\":\"[redacted]\",\"y\":{\"signature\":\"[redacted]\"}}},{"
          "}]",
          NULL);
    CHECK(0, "{\"secretKey\":1}", "{\"secretKey\":1}", "-", NULL);
    CHECK(0, "{\"secretKey\":\"[redacted]\"}", "{\"secretKey\":\"[redacted]\"}", NULL);
    CHECK(0, "7", "7", NULL);
    CHECK(0, "[]", "[]", NULL);
}

static void parameters_are_redacted_to_their_end(void **state)
{
    (void)state;
    CHECK(2, "\"rtmp://a/b?x=1&policy=e30&signature=ab_-c=#f\"",
          "\"rtmp://a/b?x=1&policy=[redacted]&signature=[redacted]#f\"", NULL);
    CHECK(1, "[\"GET /?Token=a%20b HTTP/1.1\",\"token=plain\"]",
          "[\"GET /?Token=[redacted] HTTP/1.1\",\"token=plain\"]", NULL);
    CHECK(1, "\"sip:a;token=x;lr\"", "\"sip:a;token=[redacted];lr\"", NULL);
    CHECK(1, "\"?token=\"", "\"?token=[redacted]\"", NULL);
    CHECK(0, "\"?token\"", "\"?token\"", NULL);
    CHECK(0, "\"?mytoken=1&tokens=2\"", "\"?mytoken=1&tokens=2\"", NULL);
    CHECK(0, "\"?a=1&token=[redacted]\"", "\"?a=1&token=[redacted]\"", NULL);
    CHECK(1, "\"?a=1&token=2\"", "\"?a=[redacted]&token=2\"", "-", "?A", NULL);
}

static void pointers_name_one_value(void **state)
{
    (void)state;
    CHECK(1, "{\"a\":{\"b\":1},\"b\":2}", "{\"a\":{\"b\":\"[redacted]\"},\"b\":2}", "-", "/a/b", NULL);
    CHECK(1, "[1,[2,3,4]]", "[1,[2,\"[redacted]\",4]]", "-", "/1/1", NULL);
    CHECK(1, "{\"a/b\":{\"~\":1,\"\":2}}", "{\"a/b\":{\"~\":\"[redacted]\",\"\":2}}", "-", "/a~1b/~0", NULL);
    CHECK(1, "{\"a\":{\"\":2}}", "{\"a\":{\"\":\"[redacted]\"}}", "-", "/a/", NULL);
    CHECK(0, "{\"a\":[1]}", "{\"a\":[1]}", "-", "/a/01", "/a/1", "/b", NULL);
    CHECK(2, "{\"a\":[1,{\"k\":2}],\"K\":3}", "{\"a\":[1,\"[redacted]\"],\"K\":\"[redacted]\"}", "-", "/a/1", "k",
          NULL);
}

static void what_is_no_rule_is_refused(void **state)
{
    (void)state;
    const char *const wrong[] = {"", "?"};
    for (size_t i = 0; i < 2; i++) {
        struct option_value value = {OPTION_REDACT, wrong[i]};
        struct options options = {.values = &value, .value_count = 1};
        struct redact redact;
        assert_false(redact_init(&redact, &options));
        redact_fini(&redact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_usual_members_are_redacted_whatever_they_hold),
        cmocka_unit_test(parameters_are_redacted_to_their_end),
        cmocka_unit_test(pointers_name_one_value),
        cmocka_unit_test(what_is_no_rule_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
