/* Key files: what is one, what is none, and that czmq and we read each other's. */
#include <czmq.h>

#include "proto/curve_cert.h"
#include "tests/test_support.h"

#define PUBLIC "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"
#define SECRET "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs"

/* xorshift with a fixed seed: the same every time. */
static void fill_random(void *out, size_t len)
{
    static uint64_t random = 20261121;
    for (size_t i = 0; i < len; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        ((uint8_t *)out)[i] = (uint8_t)random;
    }
}

static const char *read_cert(struct curve_cert *cert, const char *text, size_t *line)
{
    return curve_cert_read(cert, span_of_str(text), line);
}

static void assert_key(const uint8_t key[CURVE_KEY_LEN], const char *z85)
{
    char text[CURVE_Z85_LEN + 1];
    curve_key_write(text, key);
    assert_string_equal(text, z85);
}

static void a_key_is_40_characters_of_z85_and_comes_back_as_it_was(void **state)
{
    (void)state;
    uint8_t key[CURVE_KEY_LEN], judged[CURVE_KEY_LEN];
    char text[41];
    assert_true(curve_key_read(key, span_of_str(PUBLIC)));
    assert_non_null(zmq_z85_decode(judged, PUBLIC));
    assert_memory_equal(key, judged, sizeof key);
    curve_key_write(text, key);
    assert_string_equal(text, PUBLIC);
    for (int round = 0; round < 1000; round++) {
        fill_random(judged, sizeof judged);
        char expected[41];
        zmq_z85_encode(expected, judged, sizeof judged);
        curve_key_write(text, judged);
        assert_string_equal(text, expected);
        assert_true(curve_key_read(key, span_of_str(text)));
        assert_memory_equal(key, judged, sizeof key);
    }
}

static void what_is_no_key_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hI",
        "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hIDD",
        "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hI ",
        "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hI\"",
        "#####e@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{", /* more than four bytes hold */
        "\xc3\xa4ne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hI",
    };
    uint8_t key[CURVE_KEY_LEN];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(curve_key_read(key, span_of_str(bad[i])));
}

static void certificates_are_read_with_comments_metadata_and_either_quote(void **state)
{
    (void)state;
    struct curve_cert cert;
    size_t line;
    assert_null(read_cert(&cert,
                          "# a comment\n\nmetadata\n    name = \"x\"\n    curve = 1\ncurve   # here\n"
                          "    public-key = \"" PUBLIC "\" # of all\n    secret-key = '" SECRET
                          "'\r\n        deeper = 1\n"
                          "other\n    public-key = nothing\n",
                          &line));
    assert_key(cert.public_key, PUBLIC);
    assert_true(cert.has_secret);
    assert_key(cert.secret_key, SECRET);
    assert_null(read_cert(&cert, "curve\n    public-key = \"" PUBLIC "\"", &line));
    assert_false(cert.has_secret);
    assert_null(read_cert(&cert,
                          "curve\n    public-key = \"" PUBLIC
                          "\"\n    secret-key = \"0000000000000000000000000000000000000000\"\n",
                          &line));
    assert_false(cert.has_secret);
}

static void what_is_no_certificate_is_refused_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t line;
    } bad[] = {
        {"", 0},
        {"curve\n", 0},
        {"public-key = \"" PUBLIC "\"\n", 0},
        {"metadata\n    public-key = \"" PUBLIC "\"\n", 0},
        {"curve\n    public-key = \"" PUBLIC "\n", 2},
        {"curve\n    public-key = \"" PUBLIC "\" x\n", 2},
        {"curve\n    public-key = \"abc\"\n", 2},
        {"curve\n    public-key\n", 2},
        {"curve\n   public-key = \"" PUBLIC "\"\n", 2},
        {"curve\n\tpublic-key = \"" PUBLIC "\"\n", 2},
        {"curve\n    public-key = \"" PUBLIC "\"\n    public-key = \"" PUBLIC "\"\n", 3},
        {"curve\n    public-key = \"" PUBLIC "\"\n    secret-key = \"short\"\n", 3},
    };
    struct curve_cert cert;
    size_t line;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_non_null(read_cert(&cert, bad[i].text, &line));
        assert_int_equal(line, bad[i].line);
    }
    assert_non_null(curve_cert_read(&cert, span_of("curve\n\0x", 8), &line));
    char *huge = calloc(1, CURVE_CERT_MAX + 1);
    memset(huge, '#', CURVE_CERT_MAX + 1);
    assert_non_null(curve_cert_read(&cert, span_of(huge, CURVE_CERT_MAX + 1), &line));
    for (size_t len = 0; len < 300; len++) {
        fill_random(huge, len);
        curve_cert_read(&cert, span_of(huge, len), &line);
    }
    free(huge);
}

static void make_cert(struct curve_cert *cert)
{
    char public_key[41], secret_key[41];
    assert_int_equal(zmq_curve_keypair(public_key, secret_key), 0);
    cert->has_secret = true;
    assert_true(curve_key_read(cert->public_key, span_of_str(public_key)));
    assert_true(curve_key_read(cert->secret_key, span_of_str(secret_key)));
}

static void write_half(const char *path, const struct curve_cert *cert, bool is_secret)
{
    struct text text;
    text_init(&text);
    curve_cert_write(&text, cert, is_secret, "sip1", "2026-11-21 09:30:00");
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text.data, 1, text.len, file), text.len);
    fclose(file);
    text_fini(&text);
}

static void read_half(const char *path, struct curve_cert *cert)
{
    char bytes[CURVE_CERT_MAX];
    size_t line;
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t len = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    assert_null(curve_cert_read(cert, span_of(bytes, len), &line));
}

static void czmq_reads_what_we_write_and_we_read_what_czmq_writes(void **state)
{
    (void)state;
    char dir[] = "/tmp/tocsin-cert-XXXXXX", path[64], secret_path[80];
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/sip1.key", dir);
    snprintf(secret_path, sizeof secret_path, "%s_secret", path);
    for (int round = 0; round < 200; round++) { /* keys with all kinds of signs in them */
        struct curve_cert cert;
        make_cert(&cert);
        write_half(path, &cert, false);
        zcert_t *theirs = zcert_load(path);
        assert_non_null(theirs);
        assert_memory_equal(zcert_public_key(theirs), cert.public_key, CURVE_KEY_LEN);
        zcert_destroy(&theirs);
        write_half(secret_path, &cert, true);
        theirs = zcert_load(path); /* takes the secret file where there is one */
        assert_non_null(theirs);
        assert_memory_equal(zcert_secret_key(theirs), cert.secret_key, CURVE_KEY_LEN);
        assert_string_equal(zcert_meta(theirs, "name"), "sip1");
        zcert_destroy(&theirs);

        theirs = zcert_new();
        zcert_set_meta(theirs, "name", "%s", "its # name");
        assert_int_equal(zcert_save(theirs, path), 0);
        read_half(path, &cert);
        assert_false(cert.has_secret);
        assert_memory_equal(zcert_public_key(theirs), cert.public_key, CURVE_KEY_LEN);
        read_half(secret_path, &cert);
        assert_true(cert.has_secret);
        assert_memory_equal(zcert_secret_key(theirs), cert.secret_key, CURVE_KEY_LEN);
        zcert_destroy(&theirs);
        unlink(secret_path);
    }
    unlink(path);
    rmdir(dir);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_40_characters_of_z85_and_comes_back_as_it_was),
        cmocka_unit_test(what_is_no_key_is_refused),
        cmocka_unit_test(certificates_are_read_with_comments_metadata_and_either_quote),
        cmocka_unit_test(what_is_no_certificate_is_refused_with_its_line),
        cmocka_unit_test(czmq_reads_what_we_write_and_we_read_what_czmq_writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
