/* tocsin alert: rules over what comes, and who is told.
 *
 * The happy path: events come from the broker's stream and go through the rules; while all that the broker has is read,
 * time goes on by the clock too, a second late, so that events on their way are not taken for absent. Notices wait in
 * lanes until their targets have taken them. All that is known is written to the state file, at one moment together with
 * the place in the log: whenever the process is killed, the next one does the rest again, under the same ids. What can
 * fail: the broker is away (told, time stands still), a target is away (told, tried again), the log lacks a part (told),
 * SIGHUP with a file of rules that is wrong (told, and the old rules go on), the state cannot be written (told, 1). */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "client/alert/alerting.h"
#include "client/arg.h"
#include "client/clock.h"
#include "client/command.h"
#include "client/complain.h"
#include "client/signals.h"

#define GO_ON ALERTING_GO_ON

static void place(struct alerting *alerting, const struct options *options)
{
    struct tocsin_stream_options *stream = &alerting->settings.stream;
    bool has_start =
        options_has(options, OPTION_SINCE) || options_has(options, OPTION_SEQ) || options_has(options, OPTION_ALL);
    stream->ends_at_head = false;
    if (alerting->state.is_there) {
        stream->from = TOCSIN_FROM_SEQ;
        stream->from_value = alerting->state.seq + 1;
        stream->log_id = alerting->state.log_id;
    } else if (!has_start) {
        stream->from = TOCSIN_FROM_NEW;
    }
}

static int open_stream(struct alerting *alerting)
{
    struct tocsin_stream_options *stream = &alerting->settings.stream;
    int error = tocsin_stream_open(&alerting->stream, stream);
    if (error == TOCSIN_E_OTHER_LOG && alerting->state.is_there) {
        complain("the broker writes another log than the one in the state: it is read from its beginning");
        stream->from = TOCSIN_FROM_FIRST;
        stream->log_id = NULL;
        error = tocsin_stream_open(&alerting->stream, stream);
    }
    return error ? where_complain(&alerting->settings.where, error) : GO_ON;
}

/* Absence is waited for from the beginning of what is read. */
static uint64_t begin_us(const struct alerting *alerting)
{
    const struct tocsin_stream_options *stream = &alerting->settings.stream;
    if (stream->from == TOCSIN_FROM_TIME)
        return stream->from_value;
    return stream->from == TOCSIN_FROM_NEW ? clock_wall_us() - ALERTING_LATE_US : 0;
}

static int run(struct alerting *alerting, const struct options *options)
{
    struct rules_file rules;
    struct silences silences;
    if (!rules_file_read_told(&rules, alerting->rules_path))
        return EXIT_CODE_USAGE;
    place(alerting, options);
    alerting->has_begun = true;
    if (!bridge_init(&alerting->bridge, &rules, begin_us(alerting), clock_wall_us())) {
        complain("%s", tocsin_error_text(TOCSIN_E_NOMEM));
        return EXIT_CODE_FAILED;
    }
    alerting->bridge.out = &alerting->out.text;
    alerting->bridge.journal = alerting->journal_path ? &alerting->journal : NULL;
    alerting->bridge.is_json = alerting->is_json;
    alerting->bridge.is_utc = alerting->settings.printer.is_utc;
    alerting->bridge.shows_notices = options_has(options, OPTION_NOTICES);
    alerting->silences.path = options_get(options, OPTION_SILENCES);
    if (!silences_file_begin(&alerting->silences, &silences))
        return EXIT_CODE_FAILED;
    bridge_silence(&alerting->bridge, &silences);
    if (alerting->state.is_there && !alert_state_restore(&alerting->state, &alerting->bridge))
        return EXIT_CODE_FAILED;
    int code = open_stream(alerting);
    while (code == GO_ON && !signals_caught())
        code = alerting_step(alerting);
    if (!alerting->stream)
        return code;
    return alerting_finish(alerting, code == GO_ON ? 128 + signals_caught() : code);
}

int command_alert(const struct options *options)
{
    unsigned output = 0;
    struct alerting alerting = {.rules_path = options_get(options, OPTION_RULES)};
    const char *state = options_get(options, OPTION_STATE_OF_ALERT);
    int code = EXIT_CODE_USAGE;
    signals_catch();
    alerting_catch_hup();
    out_init(&alerting.out, STDOUT_FILENO);
    text_init(&alerting.journal);
    if (!alerting.rules_path)
        complain("--rules: which file?");
    bool is_read = sub_options_read(&alerting.settings, options) && alerting.rules_path &&
                   arg_choice(options, OPTION_OUTPUT_OF_ALERT, &output);
    alerting.is_json = output == 1;
    alerting.keeps_state = state != NULL;
    if (state && asprintf(&alerting.journal_path, "%s.journal", state) < 0)
        alerting.journal_path = NULL;
    if (is_read && state && !alert_state_open(&alerting.state, state))
        code = EXIT_CODE_FAILED;
    else if (is_read)
        code = run(&alerting, options);
    tocsin_stream_close(&alerting.stream);
    if (alerting.has_begun)
        bridge_fini(&alerting.bridge);
    if (state)
        alert_state_close(&alerting.state);
    out_fini(&alerting.out);
    text_fini(&alerting.journal);
    free(alerting.journal_path);
    sub_options_fini(&alerting.settings);
    return code;
}
