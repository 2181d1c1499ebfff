/* sourceId: the forms of OvenMediaEngine's source ids, taken apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/source_id.h"

static void assert_part(struct span part, const char *expected)
{
    if (expected == NULL) {
        assert_null(part.data);
        return;
    }
    assert_non_null(part.data);
    assert_int_equal(part.len, strlen(expected));
    assert_memory_equal(part.data, expected, part.len);
}

/* Splits a copy of exactly the text's size, so that a sanitizer sees any step beyond it. */
static void assert_split(const char *text, enum source_id_kind kind, const char *vhost, const char *app,
                         const char *stream)
{
    size_t len = strlen(text);
    char *copy = malloc(len > 0 ? len : 1);
    assert_non_null(copy);
    memcpy(copy, text, len);
    struct source_id id = source_id_split(span_of(copy, len));
    assert_int_equal(id.kind, kind);
    assert_part(id.vhost, vhost);
    assert_part(id.app, app);
    assert_part(id.stream, stream);
    free(copy);
}

static void a_server_id_and_a_vhost_are_names(void **state)
{
    (void)state;
    assert_split("6add8be3-181f-4c4b-bc4e-0123456789ab", SOURCE_ID_NAME, "6add8be3-181f-4c4b-bc4e-0123456789ab", NULL,
                 NULL);
    assert_split("default", SOURCE_ID_NAME, "default", NULL, NULL);
    assert_split("opensips-1/dispatcher/default", SOURCE_ID_NAME, "opensips-1/dispatcher/default", NULL, NULL);
    assert_split("Unknown/stream", SOURCE_ID_NAME, "Unknown/stream", NULL, NULL);
}

static void an_app_and_a_stream_are_taken_apart(void **state)
{
    (void)state;
    assert_split("#default#app", SOURCE_ID_APP, "default", "app", NULL);
    assert_split("#default#app/stream", SOURCE_ID_STREAM, "default", "app", "stream");
}

static void a_stream_is_everything_behind_the_first_slash(void **state)
{
    (void)state;
    assert_split("#v#a/s/t//", SOURCE_ID_STREAM, "v", "a", "s/t//");
    assert_split("#v#a//s", SOURCE_ID_STREAM, "v", "a", "/s");
}

static void a_streams_name_may_hold_anything(void **state)
{
    (void)state;
    assert_split("#default#app/caf\xc3\xa9 \"A&B\" #1", SOURCE_ID_STREAM, "default", "app", "caf\xc3\xa9 \"A&B\" #1");
    assert_split("#default#app/#x#y/z", SOURCE_ID_STREAM, "default", "app", "#x#y/z");
    assert_split("#default#app/st%20re+am@:=", SOURCE_ID_STREAM, "default", "app", "st%20re+am@:=");
}

static void a_slash_in_the_vhost_belongs_to_the_vhost(void **state)
{
    (void)state;
    assert_split("#a/b#app/s", SOURCE_ID_STREAM, "a/b", "app", "s");
}

static void what_lacks_a_part_is_a_name(void **state)
{
    (void)state;
    static const char *const texts[] = {"",      "#",       "##",    "###",     "#v",  "#v#",
                                        "##app", "##app/s", "#v#/s", "#v#app/", "#v#/"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_split(texts[i], SOURCE_ID_NAME, texts[i], NULL, NULL);
}

static void bytes_of_any_kind_are_split_without_a_fault(void **state)
{
    (void)state;
    static const char bytes[] = "#\0#\xff/\x01";
    struct source_id id = source_id_split(span_of(bytes, sizeof bytes - 1));
    assert_int_equal(id.kind, SOURCE_ID_STREAM);
    assert_int_equal(id.vhost.len, 1);
    assert_part(id.app, "\xff");
    assert_part(id.stream, "\x01");
    assert_int_equal(source_id_split(span_of(NULL, 0)).kind, SOURCE_ID_NAME);
}

/* #default#app is a prefix of #default#app2: who wants the streams of one app asks for "#default#app/", and what comes
 * is told apart by its parts, not by its beginning. */
static void ids_that_begin_alike_are_told_apart(void **state)
{
    (void)state;
    assert_split("#default#app", SOURCE_ID_APP, "default", "app", NULL);
    assert_split("#default#app2", SOURCE_ID_APP, "default", "app2", NULL);
    assert_split("#default#app/app2", SOURCE_ID_STREAM, "default", "app", "app2");
    assert_split("#live2#app/s", SOURCE_ID_STREAM, "live2", "app", "s");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_id_and_a_vhost_are_names),
        cmocka_unit_test(an_app_and_a_stream_are_taken_apart),
        cmocka_unit_test(a_stream_is_everything_behind_the_first_slash),
        cmocka_unit_test(a_streams_name_may_hold_anything),
        cmocka_unit_test(a_slash_in_the_vhost_belongs_to_the_vhost),
        cmocka_unit_test(what_lacks_a_part_is_a_name),
        cmocka_unit_test(bytes_of_any_kind_are_split_without_a_fault),
        cmocka_unit_test(ids_that_begin_alike_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
