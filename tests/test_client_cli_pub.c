/* tocsin pub against a SUB socket where the broker's ingest is. */
#include "test_client_run.h"

#include <pty.h>
#include <termios.h>
#include <time.h>

#include "proto/json.h"

static void *context;
static void *ingest;
static char endpoint[PEER_ENDPOINT_MAX];
static struct text taken;

static int set_up(void **state)
{
    (void)state;
    context = zmq_ctx_new();
    endpoint[0] = '\0';
    ingest = peer_bind(context, ZMQ_SUB, endpoint);
    text_init(&taken);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    zmq_close(ingest);
    zmq_ctx_term(context);
    text_fini(&taken);
    return 0;
}

/* Takes what is under way still, and shows all events as JSON, one a line. */
static char *taken_as_json(void)
{
    zmq_msg_t message;
    zmq_msg_init(&message);
    while (peer_wait(ingest, 50) && zmq_msg_recv(&message, ingest, 0) >= 0)
        text_put(&taken, zmq_msg_data(&message), zmq_msg_size(&message));
    zmq_msg_close(&message);
    struct event_judge *judge = event_judge_new(TOCSIN_EVENT_BYTES_MAX, 1);
    struct text out;
    text_init(&out);
    for (struct span rest = text_span(&taken); rest.len > 0;) {
        struct event event;
        struct refusal refusal;
        size_t used = event_judge(judge, rest, &event, &refusal);
        assert_int_equal(refusal.code, TOCSIN_ACCEPTED);
        json_write_event(&out, &event);
        text_put_char(&out, '\n');
        rest = span_of(rest.data + used, rest.len - used);
    }
    text_put_char(&out, '\0');
    event_judge_free(&judge);
    return out.data;
}

/* Runs `tocsin pub --ingest … ARGUMENTS` with `input` on standard input. */
static struct run run_pub(const char *const *arguments, const char *input, size_t input_len, int expected)
{
    const char *all[32] = {"pub", "--ingest", endpoint, "--timeout", "10s"};
    for (size_t i = 0; arguments[i]; i++)
        all[i + 5] = arguments[i];
    FILE *in = tmpfile();
    fwrite(input, 1, input_len, in);
    fflush(in);
    rewind(in);
    struct run run = run_start(all, NULL, fileno(in), -1);
    int code = run_wait_serving(&run, ingest, &taken);
    fclose(in);
    if (code != expected)
        fail_msg("ended with %d, not %d: %s", code, expected, run.err_text);
    assert_string_equal(run.out_text, "");
    return run;
}

static void assert_taken(const char *expected)
{
    char *json = taken_as_json();
    assert_string_equal(json, expected);
    free(json);
}

static void one_event_is_sent_from_options_in_silence(void **state)
{
    (void)state;
    struct run run = run_pub(RUN_ARGUMENTS("-t", "StreamEvent/#default#app/cam", "-y", "StreamCreated", "-l", "warning",
                                           "-m", "A camera came", "--cause", "New", "--time",
                                           "2026-11-21T09:30:00+09:00", "--snapshot", "{\"width\": 1920}"),
                             "", 0, 0);
    assert_string_equal(run.err_text, "");
    assert_taken(
        "{\"time\":\"2026-11-21T00:30:00.000000Z\",\"level\":\"Warning\",\"category\":\"StreamEvent\",\"type\":"
        "\"StreamCreated\",\"sourceId\":\"#default#app/cam\",\"summary\":\"A camera came\",\"cause\":\"New\","
        "\"snapshot\":{\"width\":1920}}\n");
    run_fini(&run);
}

static void an_event_is_repeated_with_its_number(void **state)
{
    (void)state;
    struct run run = run_pub(RUN_ARGUMENTS("-c", "A", "-i", "s{{Count}}", "-y", "T", "-m", "{{Count}} {{Other}} {{",
                                           "-C", "3", "--snapshot", "[{{Count}}]", "--no-collect"),
                             "", 0, 0);
    assert_non_null(strstr(run.err_text, "tocsin: 3 events sent in "));
    assert_taken(
        "{\"level\":\"Info\",\"category\":\"A\",\"type\":\"T\",\"sourceId\":\"s1\",\"summary\":\"1 {{Other}} {{\","
        "\"snapshot\":[1]}\n"
        "{\"level\":\"Info\",\"category\":\"A\",\"type\":\"T\",\"sourceId\":\"s2\",\"summary\":\"2 {{Other}} {{\","
        "\"snapshot\":[2]}\n"
        "{\"level\":\"Info\",\"category\":\"A\",\"type\":\"T\",\"sourceId\":\"s3\",\"summary\":\"3 {{Other}} {{\","
        "\"snapshot\":[3]}\n");
    run_fini(&run);
}

#define GOOD(summary)                                                                                                  \
    "{\"level\":\"Info\",\"category\":\"A\",\"type\":\"T\",\"sourceId\":\"s\",\"summary\":\"" summary "\"}\n"

static void lines_of_json_are_sent_as_they_are(void **state)
{
    (void)state;
    const char input[] =
        "\xef\xbb\xbf" GOOD("1") "\n  \r\n" GOOD("2") " {\"summary\":\"3\",\"level\":\"Info\",\"category\":\"A\","
                                                      "\"type\":\"T\",\"sourceId\":\"s\"}\r\n";
    struct run run = run_pub(RUN_ARGUMENTS("-"), input, sizeof input - 1, 0);
    assert_non_null(strstr(run.err_text, "tocsin: 3 events sent in "));
    assert_taken(GOOD("1") GOOD("2") GOOD("3"));
    run_fini(&run);
}

static void the_audit_log_is_input_too(void **state)
{
    (void)state;
    const char input[] =
        "{\"seq\":7,\"received\":\"2026-11-21T00:30:00.125000Z\",\"time\":\"2026-11-21T00:30:00Z\",\"level\":"
        "\"Info\",\"category\":\"A\",\"type\":\"T\",\"sourceId\":\"s\",\"summary\":\"1\",\"prev\":0,\"batch\":7,"
        "\"hash\":\"00112233445566778899aabbccddeeff\"}\n";
    struct run run = run_pub(RUN_ARGUMENTS("-F", "-", "-q"), input, sizeof input - 1, 0);
    assert_string_equal(run.err_text, "");
    assert_taken(
        "{\"time\":\"2026-11-21T00:30:00Z\",\"level\":\"Info\",\"category\":\"A\",\"type\":\"T\",\"sourceId\":\"s\","
        "\"summary\":\"1\"}\n");
    run_fini(&run);
}

static void a_malformed_line_is_told_with_its_place_and_ends_it(void **state)
{
    (void)state;
    const char input[] = GOOD("1") "{\"level\" \"Info\"}\n" GOOD("2");
    struct run run = run_pub(RUN_ARGUMENTS("-"), input, sizeof input - 1, 4);
    assert_non_null(strstr(run.err_text, "tocsin: standard input:2:10: expected ':'\n"));
    assert_taken(GOOD("1"));
    run_fini(&run);
}

static void with_keep_going_all_that_is_good_is_sent(void **state)
{
    (void)state;
    const char input[] =
        GOOD("1") "nonsense\x1b[2J\n" GOOD("two\\nlines") "[1]\n{\"level\":\"Info\"}\n" GOOD("2") "{\"cut";
    struct run run = run_pub(RUN_ARGUMENTS("-", "--keep-going"), input, sizeof input - 1, 4);
    assert_non_null(strstr(run.err_text, "standard input:2:1: expected a value\n"));
    assert_non_null(strstr(run.err_text, "standard input:3: summary has a value that is not allowed (value)\n"));
    assert_non_null(strstr(run.err_text, "standard input:4: the event has the wrong type (type)\n"));
    assert_non_null(strstr(run.err_text, "standard input:5: category is required and missing (missing)\n"));
    assert_non_null(strstr(run.err_text, "standard input:7:6: "));
    assert_non_null(strstr(run.err_text, "tocsin: 2 events sent in "));
    assert_non_null(strstr(run.err_text, "; 5 refused\n"));
    assert_null(strchr(run.err_text, '\x1b'));
    assert_taken(GOOD("1") GOOD("2"));
    run_fini(&run);
}

static void msgpack_is_known_by_its_first_byte(void **state)
{
    (void)state;
    struct text input;
    text_init(&input);
    peer_event(&input, "Info", "A", "T", "s", 1);
    peer_event(&input, "Info", "A", "T", "s", 2);
    size_t whole = input.len;
    peer_event(&input, "Info", "A", "T", "s", 3);
    struct run run = run_pub(RUN_ARGUMENTS("-"), input.data, input.len, 0);
    run_fini(&run);
    char *json = taken_as_json();
    assert_non_null(strstr(json, "number 1"));
    assert_non_null(strstr(json, "number 3"));
    free(json);
    text_clear(&taken);
    run = run_pub(RUN_ARGUMENTS("-", "--keep-going"), input.data, input.len - 1, 4);
    char said[80];
    snprintf(said, sizeof said, "standard input:value 3:byte %zu: no MessagePack, or cut short\n", whole + 1);
    assert_non_null(strstr(run.err_text, said));
    run_fini(&run);
    json = taken_as_json();
    assert_non_null(strstr(json, "number 2"));
    assert_null(strstr(json, "number 3"));
    free(json);
    text_fini(&input);
}

static void a_line_without_end_is_refused_in_bounded_memory(void **state)
{
    (void)state;
    size_t len = 20000000;
    char *input = malloc(len);
    assert_non_null(input);
    memset(input, '[', len);
    struct run run = run_pub(RUN_ARGUMENTS("-", "--keep-going"), input, len, 4);
    assert_non_null(strstr(run.err_text, "standard input:1:1: the line is longer than 8 MiB"));
    run_fini(&run);
    free(input);
    assert_taken("");
}

static void a_file_that_cannot_be_read_ends_with_1(void **state)
{
    (void)state;
    struct run run = run_pub(RUN_ARGUMENTS("/nonexistent/file"), "", 0, 1);
    assert_string_equal(run.err_text, "tocsin: /nonexistent/file: No such file or directory\n");
    run_fini(&run);
    run = run_pub(RUN_ARGUMENTS("/"), "", 0, 1);
    assert_string_equal(run.err_text, "tocsin: /: Is a directory\n");
    run_fini(&run);
}

static void a_refused_event_ends_with_4_and_says_why(void **state)
{
    (void)state;
    struct run run = run_pub(RUN_ARGUMENTS("-t", "A b/s", "-y", "T"), "", 0, 4);
    assert_string_equal(run.err_text, "tocsin: category has a value that is not allowed (value)\n");
    run_fini(&run);
    run = run_pub(RUN_ARGUMENTS("-t", "A/s", "-y", "T", "--snapshot", "{\"a\":1,\"a\":2}"), "", 0, 4);
    assert_non_null(strstr(run.err_text, "is no JSON"));
    run_fini(&run);
}

/* The signal finds it waiting for input, and what was taken before is still handed over. */
static void a_signal_ends_it_in_good_order(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    struct run run = run_start(RUN_ARGUMENTS("pub", "--ingest", endpoint, "-"), NULL, ends[0], -1);
    assert_int_equal(write(ends[1], GOOD("1"), strlen(GOOD("1"))), strlen(GOOD("1")));
    assert_true(peer_wait(ingest, RUN_WAIT_MS));
    kill(run.pid, SIGINT);
    assert_int_equal(run_wait_serving(&run, ingest, &taken), 130);
    assert_non_null(strstr(run.err_text, "tocsin: 1 event sent in "));
    assert_taken(GOOD("1"));
    run_fini(&run);
    close(ends[0]);
    close(ends[1]);
}

static void the_rate_is_kept(void **state)
{
    (void)state;
    struct timespec before, after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    struct run run = run_pub(RUN_ARGUMENTS("-t", "A/s", "-y", "T", "-C", "11", "--rate", "50", "-q"), "", 0, 0);
    clock_gettime(CLOCK_MONOTONIC, &after);
    assert_true((after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000 >= 200);
    assert_string_equal(run.err_text, "");
    run_fini(&run);
}

/* On a terminal a bar is drawn, and taken away at the end. */
static void a_terminal_sees_how_far_it_is(void **state)
{
    (void)state;
    int terminal, child_end;
    struct termios raw;
    assert_int_equal(openpty(&terminal, &child_end, NULL, NULL, NULL), 0);
    tcgetattr(child_end, &raw);
    cfmakeraw(&raw);
    tcsetattr(child_end, TCSANOW, &raw);
    const char *arguments[] = {TOCSIN_CLI, "pub", "--ingest", endpoint, "-t", "A/s", "-y",
                               "T",        "-C",  "30",       "--rate", "50", NULL};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, child_end, STDERR_FILENO);
    pid_t pid;
    assert_int_equal(
        posix_spawn(&pid, TOCSIN_CLI, &actions, NULL, (char **)(uintptr_t)arguments, run_environment(NULL)), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(child_end);
    char shown[8192];
    size_t len = 0;
    fcntl(terminal, F_SETFL, O_NONBLOCK);
    int status;
    for (int i = 0; i < RUN_WAIT_MS / 5; i++) {
        if (peer_wait(ingest, 5))
            zmq_recv(ingest, NULL, 0, 0);
        ssize_t got = read(terminal, shown + len, sizeof shown - 1 - len);
        len += got > 0 ? (size_t)got : 0;
        if (got < 0 && errno == EIO)
            break;
    }
    shown[len] = '\0';
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_non_null(strstr(shown, "% [####"));
    assert_non_null(strstr(shown, "\r\033[Ktocsin: 30 events sent in "));
    close(terminal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_event_is_sent_from_options_in_silence, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_event_is_repeated_with_its_number, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lines_of_json_are_sent_as_they_are, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_audit_log_is_input_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_malformed_line_is_told_with_its_place_and_ends_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(with_keep_going_all_that_is_good_is_sent, set_up, tear_down),
        cmocka_unit_test_setup_teardown(msgpack_is_known_by_its_first_byte, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_line_without_end_is_refused_in_bounded_memory, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_cannot_be_read_ends_with_1, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_refused_event_ends_with_4_and_says_why, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_signal_ends_it_in_good_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_rate_is_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_terminal_sees_how_far_it_is, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
