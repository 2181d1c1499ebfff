/* The command line by itself: usage, help, exit codes; no broker is there. */
#include "test_client_run.h"

static char nowhere[PEER_ENDPOINT_MAX];

/* An endpoint where nobody listens: a port that was free just now. */
static int set_up(void **state)
{
    (void)state;
    void *context = zmq_ctx_new();
    zmq_close(peer_bind(context, ZMQ_PULL, nowhere));
    zmq_ctx_term(context);
    return 0;
}

static void the_version_and_the_help_go_to_standard_output(void **state)
{
    (void)state;
    const char *const *const asked[] = {RUN_ARGUMENTS("--version"),      RUN_ARGUMENTS("help"),
                                        RUN_ARGUMENTS("--help"),         RUN_ARGUMENTS("help", "sub"),
                                        RUN_ARGUMENTS("sub", "-h"),      RUN_ARGUMENTS("pub", "--help"),
                                        RUN_ARGUMENTS("tail", "--help"), RUN_ARGUMENTS("pub", "--version")};
    const char *const said[] = {"tocsin ",           "Commands:",         "Commands:",         "usage: tocsin sub",
                                "usage: tocsin sub", "usage: tocsin pub", "usage: tocsin sub", "tocsin "};
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        struct run run = run_start(asked[i], NULL, -1, -1);
        assert_int_equal(run_wait(&run), 0);
        assert_non_null(strstr(run.out_text, said[i]));
        assert_string_equal(run.err_text, "");
        run_fini(&run);
    }
}

static void an_output_that_cannot_be_written_is_told_with_its_reason(void **state)
{
    (void)state;
    const char *const *const asked[] = {RUN_ARGUMENTS("--version"), RUN_ARGUMENTS("help"), RUN_ARGUMENTS("sub", "-h")};
    int full = open("/dev/full", O_WRONLY);
    assert_true(full >= 0);
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        struct run run = run_start(asked[i], NULL, -1, full);
        assert_int_equal(run_wait(&run), 1);
        assert_string_equal(run.err_text, "tocsin: standard output: No space left on device\n");
        run_fini(&run);
    }
    close(full);
}

/* Else the next file or socket has the number, and is written to. */
static void a_standard_output_that_is_closed_stays_closed(void **state)
{
    (void)state;
    char log[] = "/tmp/tocsin-closed-XXXXXX", path[sizeof log + sizeof "/events.log"];
    assert_non_null(mkdtemp(log));
    snprintf(path, sizeof path, "%s/events.log", log);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(
        "{\"seq\":1,\"received\":\"2026-11-21T00:00:00.000000Z\",\"time\":\"2026-11-21T00:00:00Z\",\"level\":\"Info\","
        "\"category\":\"A\",\"type\":\"B\",\"sourceId\":\"c\",\"summary\":\"\",\"prev\":0,\"batch\":1,\"hash\":"
        "\"00000000000000000000000000000000\"}\n",
        file);
    assert_int_equal(fclose(file), 0);
    struct run run = run_start(RUN_ARGUMENTS("query", "--dir", log), NULL, -1, RUN_CLOSED);
    assert_int_equal(run_wait(&run), 1);
    assert_string_equal(run.err_text, "tocsin: standard output: Bad file descriptor\n");
    run_fini(&run);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(log), 0);
}

static void a_cursor_that_cannot_be_kept_is_told_with_its_place(void **state)
{
    (void)state;
    assert_run(RUN_ARGUMENTS("sub", "--cursor", "/dev/null/x"), NULL, 1, "--cursor: /dev/null/x: Not a directory\n");
}

static void wrong_usage_ends_with_2_and_a_sentence(void **state)
{
    (void)state;
    assert_run(RUN_ARGUMENTS("frob"), NULL, 2, "tocsin: no such command: frob");
    assert_run(RUN_ARGUMENTS("help", "frob"), NULL, 2, "no such command: frob");
    assert_run(RUN_ARGUMENTS("sub", "--frob"), NULL, 2, "unknown option --frob");
    assert_run(RUN_ARGUMENTS("sub", "-C"), NULL, 2, "needs a value: -C");
    assert_run(RUN_ARGUMENTS("sub", "-C", "0"), NULL, 2, "--count: \"0\" is not allowed");
    assert_run(RUN_ARGUMENTS("sub", "-C", "1x"), NULL, 2, "--count");
    assert_run(RUN_ARGUMENTS("sub", "-W", "soon"), NULL, 2, "--wait");
    assert_run(RUN_ARGUMENTS("sub", "-p", "Loud"), NULL, 2, "--priority");
    assert_run(RUN_ARGUMENTS("sub", "-p", "Error..Info"), NULL, 2, "the lower one first");
    assert_run(RUN_ARGUMENTS("sub", "-o", "xml"), NULL, 2, "--output: \"xml\"");
    assert_run(RUN_ARGUMENTS("sub", "-F", "%{"), NULL, 2, "character 1: %{ without }");
    assert_run(RUN_ARGUMENTS("sub", "--gaps", "mind"), NULL, 2, "warn|fail|ignore");
    assert_run(RUN_ARGUMENTS("sub", "no category"), NULL, 2, "\"no category\" is no topic");
    assert_run(RUN_ARGUMENTS("pub"), NULL, 2, "an event needs");
    assert_run(RUN_ARGUMENTS("pub", "-t", "A/b"), NULL, 2, "an event needs");
    assert_run(RUN_ARGUMENTS("pub", "-t", "A", "-y", "T"), NULL, 2, "--topic: \"A\": it is CATEGORY/SOURCE");
    assert_run(RUN_ARGUMENTS("pub", "-t", "A/b", "-c", "A", "-y", "T"), NULL, 2, "goes without --category");
    assert_run(RUN_ARGUMENTS("pub", "-t", "A/b", "-y", "T", "-l", "Loud"), NULL, 2, "--level");
    assert_run(RUN_ARGUMENTS("pub", "-t", "A/b", "-y", "T", "--time", "soon"), NULL, 2, "--time");
    assert_run(RUN_ARGUMENTS("pub", "-t", "A/b", "-y", "T", "--rate", "-1"), NULL, 2, "--rate");
    assert_run(RUN_ARGUMENTS("pub", "-m", "text", "file"), NULL, 2, "--summary goes without files");
    assert_run(RUN_ARGUMENTS("pub", "--format", "xml", "file"), NULL, 2, "auto|json|msgpack");
}

static void where_the_broker_is_must_be_a_place(void **state)
{
    (void)state;
    assert_run(RUN_ARGUMENTS("sub", "-s", "host:0"), NULL, 2, "--server: \"host:0\" is no server");
    assert_run(RUN_ARGUMENTS("sub", "--live", "pigeon"), NULL, 2, "--live: \"pigeon\" is no endpoint");
    assert_run(RUN_ARGUMENTS("sub"), "TOCSIN_SERVER=host:port", 2, "TOCSIN_SERVER: \"host:port\"");
    assert_run(RUN_ARGUMENTS("sub"), "TOCSIN_LIVE=none", 2, "TOCSIN_LIVE: \"none\"");
    assert_run(RUN_ARGUMENTS("sub", "--timeout", "0"), NULL, 2, "--timeout");
}

static void a_broker_that_is_not_there_ends_with_3(void **state)
{
    (void)state;
    char said[PEER_ENDPOINT_MAX + 32];
    snprintf(said, sizeof said, "cannot reach %s", nowhere);
    assert_run(RUN_ARGUMENTS("sub", "--live", nowhere, "--timeout", "50ms"), NULL, 3, said);
    assert_run(RUN_ARGUMENTS("pub", "--ingest", nowhere, "--timeout", "50ms", "-t", "A/b", "-y", "T"), NULL, 3,
               "is tocsind running?");
}

/* Whatever is repeated in a complaint cannot drive the terminal that it is shown on. */
static void complaints_are_escaped(void **state)
{
    (void)state;
    assert_run(RUN_ARGUMENTS("\x1b[2Jfrob"), NULL, 2, "no such command: \\u001b[2Jfrob");
    assert_run(RUN_ARGUMENTS("sub", "-t", "a\xc2\x9b"), NULL, 2, "\"a\\u009b\"");
    assert_run(RUN_ARGUMENTS("sub", "-\xff"), NULL, 2, "\\xff");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_version_and_the_help_go_to_standard_output),
        cmocka_unit_test(an_output_that_cannot_be_written_is_told_with_its_reason),
        cmocka_unit_test(a_standard_output_that_is_closed_stays_closed),
        cmocka_unit_test(a_cursor_that_cannot_be_kept_is_told_with_its_place),
        cmocka_unit_test(wrong_usage_ends_with_2_and_a_sentence),
        cmocka_unit_test(where_the_broker_is_must_be_a_place),
        cmocka_unit_test(a_broker_that_is_not_there_ends_with_3),
        cmocka_unit_test(complaints_are_escaped),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
