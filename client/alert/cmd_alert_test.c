/* tocsin alert test: what the rules of a file would have told of the past. tocsin alert check: whether a file is one.
 *
 * The happy path: the events of the log, from the broker or a folder, go through the rules, and each alert that begins
 * or ends is printed. What can fail: the file of rules (2, told with its place), the broker (3), a line of a file of the
 * log (told, and 1). */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/alert/notice.h"
#include "client/alert/rules_file.h"
#include "client/arg.h"
#include "client/clock.h"
#include "client/command.h"
#include "client/complain.h"
#include "client/out.h"
#include "client/progress.h"
#include "client/signals.h"
#include "client/source.h"
#include "client/sub_options.h"
#include "client/wanted.h"

#define GO_ON   (-1)
#define LOOK_MS 500

struct rehearsal {
    struct sub_options settings;
    struct rules_file rules;
    const char *dir; /* NULL: the broker */
    bool is_json;
    struct source source;
    struct wanted wanted;
    struct engine *engine; /* NULL before the first event */
    struct out out;
    int error; /* of writing */
    uint64_t first;
    uint64_t told;
    bool has_bad_lines;
    struct progress progress;
};

/* --- alerts --- */

static void on_alert(void *context, const struct alert *alert)
{
    struct rehearsal *rehearsal = context;
    struct notice notice;
    if (!notice_make(&notice, alert))
        rehearsal->error = TOCSIN_E_NOMEM;
    else if (rehearsal->is_json)
        notice_put_json_line(&rehearsal->out.text, &notice, alert->rule);
    else
        notice_put_line(&rehearsal->out.text, &notice, rehearsal->settings.printer.is_utc);
    notice_fini(&notice);
    rehearsal->told++;
    if (!rehearsal->error)
        rehearsal->error = out_done(&rehearsal->out);
}

static int code_of_output(int error)
{
    if (error == TOCSIN_OK || error == TOCSIN_E_CLOSED)
        return error ? EXIT_CODE_OK : GO_ON;
    complain("standard output: %s", tocsin_error_text(error));
    return EXIT_CODE_FAILED;
}

static bool begin(struct rehearsal *rehearsal, uint64_t now_us)
{
    if (!rehearsal->engine)
        rehearsal->engine = engine_new(&rehearsal->rules.rules, now_us, clock_wall_us(), on_alert, rehearsal);
    return rehearsal->engine != NULL;
}

/* --- events --- */

static int on_event(struct rehearsal *rehearsal, const struct tocsin_message *message)
{
    const struct past_options *past = &rehearsal->settings.past;
    if (past_is_over(past, message))
        return EXIT_CODE_OK;
    if (!begin(rehearsal, past->from == TOCSIN_FROM_TIME ? past->from_value : message->received_us)) {
        complain("%s", tocsin_error_text(TOCSIN_E_NOMEM));
        return EXIT_CODE_FAILED;
    }
    engine_take(rehearsal->engine, message);
    return code_of_output(rehearsal->error);
}

static int on_message(struct rehearsal *rehearsal, const struct tocsin_message *message)
{
    switch (message->kind) {
    case TOCSIN_MESSAGE_EVENT:
        return on_event(rehearsal, message);
    case TOCSIN_MESSAGE_END:
        return EXIT_CODE_OK;
    case TOCSIN_MESSAGE_HOLE:
        complain("the broker's log does not hold seq %llu to %llu any more", (unsigned long long)message->first,
                 (unsigned long long)message->last);
        return GO_ON;
    case TOCSIN_MESSAGE_RESET:
        complain("the broker's log became another one in the middle");
        return EXIT_CODE_FAILED;
    case TOCSIN_MESSAGE_LOST:
        complain("lost the connection to %s; trying again", rehearsal->settings.where.endpoint);
        return GO_ON;
    default:
        return GO_ON;
    }
}

static int on_bad_line(struct rehearsal *rehearsal, const char *reason)
{
    const char *path;
    uint64_t line;
    log_files_place(rehearsal->source.files, &path, &line);
    progress_end(&rehearsal->progress);
    complain("%s/%s:%llu: %s, passed over", rehearsal->dir, path, (unsigned long long)line, reason);
    rehearsal->has_bad_lines = true;
    return GO_ON;
}

static int on_error(struct rehearsal *rehearsal, int error)
{
    bool has_files = rehearsal->source.files != NULL;
    if (error == TOCSIN_E_END)
        return EXIT_CODE_OK;
    if (error == TOCSIN_E_INTERRUPTED || (!has_files && (error == TOCSIN_E_TIMEOUT || error == TOCSIN_E_PROTOCOL)))
        return GO_ON;
    if (has_files && error == TOCSIN_E_SYNTAX)
        return on_bad_line(rehearsal, "no line of the log");
    if (has_files && error == TOCSIN_E_IO)
        return on_bad_line(rehearsal, strerror(errno));
    complain("%s", tocsin_error_text(error));
    return EXIT_CODE_FAILED;
}

static void show_progress(struct rehearsal *rehearsal)
{
    uint64_t done, total;
    source_progress(&rehearsal->source, rehearsal->first, &done, &total);
    progress_show(&rehearsal->progress, done, total, rehearsal->told);
}

static int read_all(struct rehearsal *rehearsal)
{
    struct tocsin_message message;
    int code = GO_ON;
    progress_begin(&rehearsal->progress, rehearsal->settings.is_quiet || rehearsal->out.is_terminal);
    while (code == GO_ON && !signals_caught()) {
        int error = source_next(&rehearsal->source, &message, LOOK_MS);
        code = error ? on_error(rehearsal, error) : on_message(rehearsal, &message);
        show_progress(rehearsal);
    }
    progress_end(&rehearsal->progress);
    return code == GO_ON ? 128 + signals_caught() : code;
}

/* --- the command --- */

static int open_source(struct rehearsal *rehearsal)
{
    struct sub_options *settings = &rehearsal->settings;
    const struct past_options *past = &settings->past;
    if (!rehearsal->dir) {
        int error = tocsin_stream_open(&rehearsal->source.stream, &settings->stream);
        if (error)
            return where_complain(&settings->where, error);
        rehearsal->first = tocsin_stream_cursor(rehearsal->source.stream);
        return GO_ON;
    }
    int error = wanted_init(&rehearsal->wanted, &settings->stream);
    if (!error)
        error = log_files_open(&rehearsal->source.files, rehearsal->dir, &rehearsal->wanted,
                               past->from == TOCSIN_FROM_TIME ? past->from_value : 0, 0);
    if (!error)
        return GO_ON;
    complain("--dir: %s: %s", rehearsal->dir,
             error == TOCSIN_E_END  ? "no log is there"
             : error == TOCSIN_E_IO ? strerror(errno)
                                    : tocsin_error_text(error));
    return EXIT_CODE_FAILED;
}

/* What is due until the end: --until, else this moment where a broker was asked, else the last event in the folder. */
static int finish(struct rehearsal *rehearsal)
{
    uint64_t now_us = clock_wall_us(), end_us = rehearsal->settings.past.until_us;
    if (end_us == UINT64_MAX && !rehearsal->dir)
        end_us = now_us;
    if (end_us > now_us)
        end_us = end_us == UINT64_MAX ? 0 : now_us;
    if (rehearsal->engine)
        engine_advance(rehearsal->engine, end_us);
    int code = code_of_output(rehearsal->error ? rehearsal->error : out_flush(&rehearsal->out));
    if (code != GO_ON)
        return code;
    struct engine_counts counts = {0};
    if (rehearsal->engine)
        counts = engine_count(rehearsal->engine);
    if (counts.overflown > 0)
        complain("%llu events were passed over: a rule had more than %d alerts", (unsigned long long)counts.overflown,
                 ENGINE_GROUPS_MAX);
    if (!rehearsal->settings.is_quiet)
        complain("%llu events, %llu matches, %llu alerts are firing at the end", (unsigned long long)counts.events,
                 (unsigned long long)counts.matches, (unsigned long long)counts.firing);
    return rehearsal->has_bad_lines ? EXIT_CODE_FAILED : EXIT_CODE_OK;
}

static int run(struct rehearsal *rehearsal)
{
    signals_catch();
    int code = open_source(rehearsal);
    if (code != GO_ON)
        return code;
    code = read_all(rehearsal);
    return code == EXIT_CODE_OK && !rehearsal->error ? finish(rehearsal) : code;
}

int command_alert_test(const struct options *options)
{
    unsigned output = 0;
    struct rehearsal rehearsal = {.dir = options_get(options, OPTION_DIR)};
    const char *path = options_get(options, OPTION_RULES);
    int code = EXIT_CODE_USAGE;
    out_init(&rehearsal.out, STDOUT_FILENO);
    if (!path)
        complain("--rules: which file?");
    if (sub_options_read(&rehearsal.settings, options) && path &&
        arg_choice(options, OPTION_OUTPUT_OF_ALERT, &output) && rules_file_read_told(&rehearsal.rules, path)) {
        rehearsal.is_json = output == 1;
        code = run(&rehearsal);
        engine_free(&rehearsal.engine);
        rules_file_fini(&rehearsal.rules);
    }
    source_close(&rehearsal.source);
    wanted_fini(&rehearsal.wanted);
    out_fini(&rehearsal.out);
    sub_options_fini(&rehearsal.settings);
    return code;
}

int command_alert_check(const struct options *options)
{
    struct rules_file rules;
    int code = EXIT_CODE_OK;
    if (options->operand_count == 0) {
        complain("which file?");
        return EXIT_CODE_USAGE;
    }
    for (size_t i = 0; i < options->operand_count; i++) {
        if (!rules_file_read_told(&rules, options->operands[i])) {
            code = EXIT_CODE_USAGE;
            continue;
        }
        if (!options_has(options, OPTION_QUIET))
            printf("%s: %zu rules, %zu receivers\n", options->operands[i], rules.rules.count, rules.receivers.count);
        rules_file_fini(&rules);
    }
    if (fflush(stdout) != 0)
        code = EXIT_CODE_FAILED;
    return code;
}
