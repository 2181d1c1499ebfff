/* tocsin verify: is a log what its broker wrote?
 *
 * The happy path: options become keys, a range of time and receipts; the log is walked along; the report is printed. Its
 * verdict is the exit code. Whatever keeps us from reading is "cannot tell", never "tampered". */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <time.h>

#include "client/command.h"
#include "client/complain.h"
#include "client/time_arg.h"
#include "client/verify.h"

static bool read_time(const struct options *options, enum option_id id, bool *is_given, uint64_t *us)
{
    const char *text = options_get(options, id);
    struct timespec now;
    int64_t time_us;

    *is_given = text != NULL;
    if (text == NULL)
        return true;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t now_us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
    if (!time_arg_read(text, now_us, options_has(options, OPTION_VERIFY_UTC), &time_us)) {
        complain("--%s: no time: %s (tocsin help verify)", option_table[id].name, text);
        return false;
    }
    *us = (uint64_t)time_us;
    return true;
}

static bool read_keys(const struct options *options, struct verify_keys *keys)
{
    const char *why;
    for (size_t i = 0; i < options->value_count; i++) {
        if (options->values[i].id != OPTION_PUBKEY)
            continue;
        if (!verify_keys_add(keys, options->values[i].value, &why)) {
            complain("--pubkey %s: %s", options->values[i].value, why);
            return false;
        }
    }
    return true;
}

static bool read_receipts(const char *path, struct verify_receipts *receipts)
{
    const char *why;
    uint64_t line;
    if (verify_receipts_read(receipts, path, &why, &line))
        return true;
    if (line > 0)
        complain("%s:%" PRIu64 ": %s", path, line, why);
    else
        complain("%s: %s", path, why);
    return false;
}

static bool read_options(const struct options *options, struct verify_options *settings)
{
    const char *path = options_get(options, OPTION_RECEIPT);
    if (options->operand_count != 1) {
        complain("which directory? (tocsin help verify)");
        return false;
    }
    settings->dir = options->operands[0];
    return read_time(options, OPTION_VERIFY_SINCE, &settings->has_since, &settings->since_us) &&
           read_time(options, OPTION_VERIFY_UNTIL, &settings->has_until, &settings->until_us) &&
           read_keys(options, &settings->keys) && (path == NULL || read_receipts(path, settings->receipts));
}

static int print(const struct options *options, const struct verify_report *report)
{
    static const int codes[] = {VERIFY_CODE_INTACT, VERIFY_CODE_TAMPERED, VERIFY_CODE_UNSURE};
    struct text out;

    text_init(&out);
    if (options_has(options, OPTION_JSON))
        verify_report_put_json(&out, report);
    else
        verify_report_put(&out, report, options_has(options, OPTION_QUIET));
    bool is_printed = !out.failed && fwrite(out.data, 1, out.len, stdout) == out.len && fflush(stdout) == 0;
    text_fini(&out);
    if (!is_printed)
        complain("the report cannot be written");
    return is_printed || report->verdict == VERIFY_TAMPERED ? codes[report->verdict] : VERIFY_CODE_UNSURE;
}

static int verify(const struct options *options, const struct verify_options *settings)
{
    struct progress progress;
    struct verify_report report;

    progress_begin(&progress, options_has(options, OPTION_QUIET));
    verify_report_init(&report);
    verify_run(&report, settings, &progress);
    progress_end(&progress);
    int code = print(options, &report);
    verify_report_fini(&report);
    return code;
}

int command_verify(const struct options *options)
{
    struct verify_receipts receipts = {.items = NULL};
    struct verify_options settings = {.receipts = &receipts};
    int code = EXIT_CODE_USAGE;

    if (sodium_init() < 0) {
        complain("libsodium does not start");
        return VERIFY_CODE_UNSURE;
    }
    if (read_options(options, &settings)) {
        if (!options_has(options, OPTION_RECEIPT))
            settings.receipts = NULL;
        code = verify(options, &settings);
    }
    verify_receipts_fini(&receipts);
    return code;
}
