/* tocsin alert test: what the rules of a file would have told of the past. tocsin alert check: whether a file is one.
 *
 * The happy path: the events of the log, from the broker or a folder, go through the rules, and each alert that begins
 * or ends is printed. What can fail: the file of rules (2, told with its place), the broker (3), a line of a file of the
 * log (told, and 1). */
#include <unistd.h>

#include "client/alert/rehearsal.h"
#include "client/arg.h"
#include "client/command.h"
#include "client/complain.h"
#include "client/escape.h"
#include "client/out.h"

struct dry_run {
    struct rehearsal rehearsal;
    bool is_json;
    bool shows_notices;
    struct out out;
    int error; /* of writing */
};

static void on_alert(void *context, const struct notice *notice, const struct mute *mute, const struct rule *rule,
                     uint64_t seq)
{
    struct dry_run *run = context;
    (void)seq;
    if (run->is_json)
        notice_put_json_line(&run->out.text, notice, mute, rule);
    else
        notice_put_line(&run->out.text, notice, mute, run->rehearsal.settings.printer.is_utc);
    if (!run->error)
        run->error = out_done(&run->out);
}

static void on_letter(void *context, const struct receiver *receiver, bool is_managers, enum tell tell,
                      const struct letter *letter, uint64_t at_us)
{
    struct dry_run *run = context;
    (void)tell;
    if (!run->shows_notices || is_managers)
        return;
    if (run->is_json)
        letter_put_json_line(&run->out.text, letter, receiver->name, at_us);
    else
        letter_put_line(&run->out.text, letter, receiver->name, at_us, run->rehearsal.settings.printer.is_utc);
    if (!run->error)
        run->error = out_done(&run->out);
}

static int get_error(void *context)
{
    const struct dry_run *run = context;
    return run->error;
}

static int finish(struct dry_run *run)
{
    int error = run->error ? run->error : out_flush(&run->out);
    if (error)
        return out_code(error);
    return rehearsal_sum_up(&run->rehearsal);
}

int command_alert_test(const struct options *options)
{
    unsigned output = 0;
    struct dry_run run = {.shows_notices = options_has(options, OPTION_NOTICES)};
    struct dispatch_calls calls = {on_alert, on_letter, &run};
    int code = EXIT_CODE_USAGE;
    out_init(&run.out, STDOUT_FILENO);
    if (rehearsal_read(&run.rehearsal, options) && arg_choice(options, OPTION_OUTPUT_OF_ALERT, &output)) {
        run.is_json = output == 1;
        run.rehearsal.get_error = get_error;
        code = rehearsal_run(&run.rehearsal, &calls);
        if (code == EXIT_CODE_OK)
            code = finish(&run);
    }
    rehearsal_fini(&run.rehearsal);
    out_fini(&run.out);
    return code;
}

static int tell_count(const char *path, const struct rules_file *file)
{
    struct text shown;
    text_init(&shown);
    escape_text(&shown, span_of_str(path));
    int code = out_line("%.*s: %zu rules, %zu receivers", (int)shown.len, shown.len > 0 ? shown.data : "",
                        file->rules.count, file->receivers.count);
    text_fini(&shown);
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
        if (!options_has(options, OPTION_QUIET) && tell_count(options->operands[i], &rules) != EXIT_CODE_OK)
            code = EXIT_CODE_FAILED;
        rules_file_fini(&rules);
    }
    return code;
}
