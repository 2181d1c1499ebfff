/* Keys of the library: files that may be believed, and handles that take good keys only. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/tocsin_append.h"
#include "client/tocsin_curve.h"
#include "client/tocsin_stream.h"
#include "tests/test_support.h"

static char dir[32];
static char path[64];
static char secret_path[80];
static char error[512];

static int set_up(void **state)
{
    (void)state;
    snprintf(dir, sizeof dir, "/tmp/tocsin-keys-XXXXXX");
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/sip1.key", dir);
    snprintf(secret_path, sizeof secret_path, "%s_secret", path);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(path);
    unlink(secret_path);
    return rmdir(dir);
}

static struct tocsin_key make_files(void)
{
    struct tocsin_key key;
    assert_int_equal(tocsin_key_make(&key), TOCSIN_OK);
    assert_int_equal(tocsin_key_write(&key, path, "sip1", error, sizeof error), TOCSIN_OK);
    return key;
}

static mode_t mode_of(const char *file)
{
    struct stat stat_;
    assert_int_equal(stat(file, &stat_), 0);
    return stat_.st_mode & 07777;
}

static void the_two_files_of_a_key_are_written_and_read_back(void **state)
{
    (void)state;
    struct tocsin_key key = make_files(), read;
    assert_int_equal(mode_of(secret_path), 0600);
    assert_int_equal(mode_of(path), 0644);
    assert_int_equal(tocsin_key_read(&read, secret_path, NULL, 0), TOCSIN_OK);
    assert_memory_equal(&read, &key, sizeof key);
    assert_int_equal(tocsin_key_read_public(&read, path, NULL, 0), TOCSIN_OK);
    assert_string_equal(read.public_key, key.public_key);
    assert_string_equal(read.secret_key, "");
    assert_int_equal(tocsin_key_read_public(&read, key.public_key, NULL, 0), TOCSIN_OK);
    assert_string_equal(read.public_key, key.public_key);
}

static void a_key_is_never_overwritten(void **state)
{
    (void)state;
    struct tocsin_key key = make_files(), other, read;
    assert_int_equal(tocsin_key_make(&other), TOCSIN_OK);
    assert_int_equal(tocsin_key_write(&other, path, "sip1", error, sizeof error), TOCSIN_E_LOCKED);
    assert_non_null(strstr(error, "is there already"));
    assert_int_equal(unlink(secret_path), 0); /* the public half alone stops it too, and no secret is left behind */
    assert_int_equal(tocsin_key_write(&other, path, "sip1", error, sizeof error), TOCSIN_E_LOCKED);
    assert_int_not_equal(access(secret_path, F_OK), 0);
    assert_int_equal(tocsin_key_read_public(&read, path, NULL, 0), TOCSIN_OK);
    assert_string_equal(read.public_key, key.public_key);
}

static void a_secret_that_others_can_read_is_refused(void **state)
{
    (void)state;
    make_files();
    struct tocsin_key read;
    static const mode_t modes[] = {0640, 0604, 0660, 0610, 0644};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        assert_int_equal(chmod(secret_path, modes[i]), 0);
        assert_int_equal(tocsin_key_read(&read, secret_path, error, sizeof error), TOCSIN_E_INVALID);
        assert_non_null(strstr(error, "can be read by others"));
        assert_string_equal(read.secret_key, "");
    }
    assert_int_equal(chmod(secret_path, 0400), 0);
    assert_int_equal(tocsin_key_read(&read, secret_path, NULL, 0), TOCSIN_OK);
}

static void write_file(const char *text)
{
    FILE *file = fopen(secret_path, "wb");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(chmod(secret_path, 0600), 0);
}

static void what_is_no_key_file_is_refused_with_the_reason(void **state)
{
    (void)state;
    struct tocsin_key key = make_files(), read;
    char text[256];
    assert_int_equal(tocsin_key_read(&read, path, error, sizeof error), TOCSIN_E_SYNTAX); /* whatever its mode */
    assert_non_null(strstr(error, "no secret key"));
    assert_int_equal(tocsin_key_read_public(&read, secret_path, error, sizeof error), TOCSIN_E_INVALID);
    assert_non_null(strstr(error, "secret key"));
    assert_int_equal(tocsin_key_read(&read, dir, error, sizeof error), TOCSIN_E_INVALID);
    assert_int_equal(tocsin_key_read(&read, "/nowhere/x", error, sizeof error), TOCSIN_E_IO);
    assert_int_equal(tocsin_key_read_public(&read, "/dev/null", error, sizeof error), TOCSIN_E_INVALID);
    struct tocsin_key other;
    assert_int_equal(tocsin_key_make(&other), TOCSIN_OK);
    snprintf(text, sizeof text, "curve\n    public-key = \"%s\"\n    secret-key = \"%s\"\n", other.public_key,
             key.secret_key);
    write_file(text);
    assert_int_equal(tocsin_key_read(&read, secret_path, error, sizeof error), TOCSIN_E_SYNTAX);
    assert_non_null(strstr(error, "do not belong together"));
    write_file("curve\n    public-key = \"x\"\n");
    assert_int_equal(tocsin_key_read(&read, secret_path, error, sizeof error), TOCSIN_E_SYNTAX);
    assert_non_null(strstr(error, ":2:"));
}

static void a_name_of_other_characters_is_refused(void **state)
{
    (void)state;
    struct tocsin_key key;
    static const char *const names[] = {"", "a b", "a/b", "\"", "a\nb", "\xc3\xa4"};
    assert_int_equal(tocsin_key_make(&key), TOCSIN_OK);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_int_equal(tocsin_key_write(&key, path, names[i], error, sizeof error), TOCSIN_E_INVALID);
}

static void handles_refuse_keys_that_are_none(void **state)
{
    (void)state;
    struct tocsin_key key = make_files(), other;
    assert_int_equal(tocsin_key_make(&other), TOCSIN_OK);
    const struct tocsin_curve bad[] = {
        {.server_key = NULL, .secret_key = key.secret_key},
        {.server_key = other.public_key, .secret_key = NULL},
        {.server_key = "short", .secret_key = key.secret_key},
        {.server_key = other.public_key, .secret_key = "short"},
        {.server_key = other.public_key, .secret_key = key.secret_key, .public_key = other.public_key},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct tocsin_publisher *publisher;
        struct tocsin_subscriber *subscriber;
        struct tocsin_stream *stream;
        struct tocsin_appender *appender;
        char *json;
        assert_int_equal(tocsin_publisher_open(&publisher, &(struct tocsin_publisher_options){.curve = &bad[i]}),
                         TOCSIN_E_INVALID);
        assert_int_equal(tocsin_subscriber_open(&subscriber, &(struct tocsin_subscriber_options){.curve = &bad[i]}),
                         TOCSIN_E_INVALID);
        assert_int_equal(
            tocsin_appender_open(&appender, &(struct tocsin_appender_options){.producer = "a", .curve = &bad[i]}),
            TOCSIN_E_INVALID);
        const struct tocsin_stream_options options = {.curve = &bad[i]};
        assert_int_equal(tocsin_stream_open(&stream, &options), TOCSIN_E_INVALID);
        assert_int_equal(tocsin_info(&options, &json), TOCSIN_E_INVALID);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_two_files_of_a_key_are_written_and_read_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_key_is_never_overwritten, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_secret_that_others_can_read_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_key_file_is_refused_with_the_reason, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_name_of_other_characters_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(handles_refuse_keys_that_are_none, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
