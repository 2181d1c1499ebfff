/* tocsin sub against an XPUB socket where the broker's live is. */
#include "test_client_run.h"

#include <pty.h>

static void *context;
static void *live;
static char endpoint[PEER_ENDPOINT_MAX];

static int set_up(void **state)
{
    (void)state;
    context = zmq_ctx_new();
    endpoint[0] = '\0';
    live = peer_bind(context, ZMQ_XPUB, endpoint);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    zmq_close(live);
    zmq_ctx_term(context);
    return 0;
}

/* Starts `tocsin sub --live … ARGUMENTS` and confirms its subscriptions, with the log at seq 10. */
static struct run start_sub(const char *const *arguments, const char *extra, int out)
{
    const char *all[32] = {"sub", "--live", endpoint};
    for (size_t i = 0; arguments[i]; i++)
        all[i + 3] = arguments[i];
    struct run run = run_start(all, extra, -1, out);
    char message[256];
    int len = 0;
    while (len != 3 || memcmp(message, "\x01~\0", 3) != 0) {
        assert_true(peer_wait(live, RUN_WAIT_MS));
        len = zmq_recv(live, message, sizeof message, 0);
    }
    peer_heartbeat(live, 10, "log-1");
    return run;
}

static void end_sub(struct run *run, int expected, const char *out, const char *err)
{
    int code = run_wait(run);
    if (code != expected)
        fail_msg("ended with %d, not %d: %s", code, expected, run->err_text);
    assert_string_equal(run->out_text, out);
    assert_string_equal(run->err_text, err);
    run_fini(run);
}

static void it_ends_after_so_many_events(void **state)
{
    (void)state;
    struct run run = start_sub(RUN_ARGUMENTS("-C", "2"), NULL, -1);
    for (uint64_t seq = 11; seq < 20; seq++)
        peer_send(live, seq, 0, "Info", "S", "cam");
    end_sub(&run, 0,
            "Nov 21 00:30:00.125 Info    S/cam Happened: number 11\n"
            "Nov 21 00:30:00.125 Info    S/cam Happened: number 12\n",
            "");
}

static void every_output_has_its_form(void **state)
{
    (void)state;
    struct text raw;
    text_init(&raw);
    peer_event(&raw, "Error", "S", "Happened", "cam", 11);
    text_put_char(&raw, '\0');
    const struct {
        const char *const *arguments;
        const char *out;
    } cases[] = {
        {RUN_ARGUMENTS("-C1", "-o", "iso"), "2026-11-21T00:30:00.125000+00:00 Error   S/cam Happened: number 11\n"},
        {RUN_ARGUMENTS("-C1", "-o", "iso", "--utc", "--color", "always"),
         "2026-11-21T00:30:00.125000Z \033[1;31mError  \033[0m S/cam \033[1mHappened\033[0m: number 11\n"},
        {RUN_ARGUMENTS("-C1", "-o", "json"),
         "{\"seq\":11,\"received\":\"2023-11-14T22:13:20.000011Z\",\"time\":\"2026-11-21T09:30:00.125+09:00\","
         "\"level\":\"Error\","
         "\"category\":\"S\",\"type\":\"Happened\",\"sourceId\":\"cam\",\"summary\":\"number 11\",\"prev\":0}\n"},
        {RUN_ARGUMENTS("-C1", "-o", "json-pretty"),
         "{\n  \"seq\": 11,\n  \"received\": \"2023-11-14T22:13:20.000011Z\",\n  \"time\": "
         "\"2026-11-21T09:30:00.125+09:00\",\n"
         "  \"level\": \"Error\",\n  \"category\": \"S\",\n  \"type\": \"Happened\",\n  \"sourceId\": \"cam\",\n"
         "  \"summary\": \"number 11\",\n  \"prev\": 0\n}\n"},
        {RUN_ARGUMENTS("-C1", "-o", "raw"), raw.data},
        {RUN_ARGUMENTS("-C1", "-F", "%n %s"), "11 number 11\n"},
        {RUN_ARGUMENTS("-C1", "-N", "-F", "%n"), "11"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct run run = start_sub(cases[i].arguments, NULL, -1);
        peer_send(live, 11, 0, "Error", "S", "cam");
        end_sub(&run, 0, cases[i].out, "");
    }
    text_fini(&raw);
}

static void topics_types_and_levels_choose(void **state)
{
    (void)state;
    struct run run = start_sub(
        RUN_ARGUMENTS("-C2", "-F%n", "-p", "info..warning", "-T", "S/cat", "-y", "Happened", "*/ca*", "X"), NULL, -1);
    peer_send(live, 11, 0, "Debug", "S", "cam");
    peer_send(live, 12, 0, "Error", "S", "cam");
    peer_send(live, 13, 0, "Info", "S", "cat");
    peer_send(live, 14, 0, "Info", "S", "dog");
    peer_send(live, 15, 0, "Info", "S", "car");
    peer_send(live, 16, 0, "Warning", "X", "dog");
    end_sub(&run, 0, "15\n16\n", "");
}

static void a_gap_is_told_or_ends_it(void **state)
{
    (void)state;
    struct run run = start_sub(RUN_ARGUMENTS("-C1", "-F%n"), NULL, -1);
    peer_send(live, 14, 0, "Info", "S", "cam");
    end_sub(&run, 0, "14\n", "tocsin: lost 3 events on the way, seq 11 to 13; the broker's log has them\n");
    run = start_sub(RUN_ARGUMENTS("-C1", "-F%n", "S"), NULL, -1);
    peer_send(live, 14, 12, "Info", "S", "cam");
    end_sub(&run, 0, "14\n",
            "tocsin: lost at least 1 event of S/cam on the way, seq 11 to 12; the broker's log has them\n");
    run = start_sub(RUN_ARGUMENTS("-C1", "-F%n", "--gaps", "ignore"), NULL, -1);
    peer_send(live, 14, 0, "Info", "S", "cam");
    end_sub(&run, 0, "14\n", "");
    run = start_sub(RUN_ARGUMENTS("-F%n", "--gaps", "fail"), NULL, -1);
    peer_send(live, 11, 0, "Info", "S", "cam");
    peer_send(live, 13, 0, "Info", "S", "cam");
    end_sub(&run, 5, "11\n", "tocsin: lost 1 event on the way, seq 12 to 12; the broker's log has them\n");
}

static void silence_ends_it_with_27_on_request(void **state)
{
    (void)state;
    struct run run = start_sub(RUN_ARGUMENTS("-W", "100ms", "-F%n"), NULL, -1);
    peer_send(live, 11, 0, "Info", "S", "cam");
    end_sub(&run, 27, "11\n", "");
}

static void signals_end_it_with_their_number(void **state)
{
    (void)state;
    static const int signals[] = {SIGINT, SIGTERM};
    for (size_t i = 0; i < 2; i++) {
        struct run run = start_sub(RUN_ARGUMENTS("-q"), NULL, -1);
        kill(run.pid, signals[i]);
        end_sub(&run, 128 + signals[i], "", "");
    }
}

static void a_reader_that_goes_away_ends_it_quietly(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    struct run run = start_sub(RUN_ARGUMENTS("-F%n"), NULL, ends[1]);
    close(ends[1]);
    peer_send(live, 11, 0, "Info", "S", "cam");
    char line[8] = "";
    assert_int_equal(read(ends[0], line, sizeof line), 3); /* written though nothing follows */
    close(ends[0]);
    end_sub(&run, 0, "", "");
}

/* Reads what a terminal shows until the child ends. */
static void assert_terminal(const char *const *arguments, const char *extra, const char *expected)
{
    int terminal, child_end;
    assert_int_equal(openpty(&terminal, &child_end, NULL, NULL, NULL), 0);
    struct run run = start_sub(arguments, extra, child_end);
    close(child_end);
    peer_send(live, 11, 0, "Warning", "S", "cam");
    char shown[1024];
    size_t len = 0;
    ssize_t got;
    while ((got = read(terminal, shown + len, sizeof shown - 1 - len)) > 0)
        len += (size_t)got;
    shown[len] = '\0';
    assert_string_equal(shown, expected);
    end_sub(&run, 0, "", "");
    close(terminal);
}

static void a_terminal_gets_colours_unless_they_are_not_wanted(void **state)
{
    (void)state;
    assert_terminal(RUN_ARGUMENTS("-C1"), NULL,
                    "Nov 21 00:30:00.125 \033[1;33mWarning\033[0m S/cam \033[1mHappened\033[0m: number 11\r\n");
    assert_terminal(RUN_ARGUMENTS("-C1"), "NO_COLOR=1", "Nov 21 00:30:00.125 Warning S/cam Happened: number 11\r\n");
    assert_terminal(RUN_ARGUMENTS("-C1", "--color=never"), NULL,
                    "Nov 21 00:30:00.125 Warning S/cam Happened: number 11\r\n");
}

static void a_terminal_gets_no_raw_bytes(void **state)
{
    (void)state;
    int terminal, child_end;
    assert_int_equal(openpty(&terminal, &child_end, NULL, NULL, NULL), 0);
    struct run run = run_start(RUN_ARGUMENTS("sub", "-o", "raw"), NULL, -1, child_end);
    end_sub(&run, 2, "", "tocsin: --output raw is MessagePack, nothing for a terminal: send it to a file or a pipe\n");
    close(child_end);
    close(terminal);
}

static void a_message_that_is_none_is_told_and_passed_over(void **state)
{
    (void)state;
    struct run run = start_sub(RUN_ARGUMENTS("-C1", "-F%n"), NULL, -1);
    zmq_send(live, "S/cam\0nonsense", 14, 0);
    peer_send(live, 11, 0, "Info", "S", "cam");
    int code = run_wait(&run);
    assert_int_equal(code, 0);
    assert_string_equal(run.out_text, "11\n");
    assert_non_null(strstr(run.err_text, "was not understood, and passed over"));
    run_fini(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_ends_after_so_many_events, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_output_has_its_form, set_up, tear_down),
        cmocka_unit_test_setup_teardown(topics_types_and_levels_choose, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_gap_is_told_or_ends_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(silence_ends_it_with_27_on_request, set_up, tear_down),
        cmocka_unit_test_setup_teardown(signals_end_it_with_their_number, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_reader_that_goes_away_ends_it_quietly, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_terminal_gets_colours_unless_they_are_not_wanted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_terminal_gets_no_raw_bytes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_message_that_is_none_is_told_and_passed_over, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
