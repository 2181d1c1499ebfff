#include "client/alert/rehearsal.h"

#include "client/clock.h"
#include "client/complain.h"
#include "client/signals.h"

#define GO_ON   (-1)
#define LOOK_MS 500

static bool read_silences(struct rehearsal *rehearsal, const char *path)
{
    struct text message;
    if (!path)
        return true;
    text_init(&message);
    bool is_good = silences_read_file(&rehearsal->silences, path, &message);
    if (!is_good)
        complain("%.*s", (int)message.len, message.data);
    text_fini(&message);
    return is_good;
}

bool rehearsal_read(struct rehearsal *rehearsal, const struct options *options)
{
    const char *path = options_get(options, OPTION_RULES);
    *rehearsal = (struct rehearsal){.first = 0};
    if (!path)
        complain("--rules: which file?");
    if (!sub_options_read(&rehearsal->settings, options) || !path || !rules_file_read_told(&rehearsal->rules, path))
        return false;
    rehearsal->is_read = true;
    rehearsal->told = (struct source_told){.dir = options_get(options, OPTION_DIR),
                                           .endpoint = rehearsal->settings.where.endpoint,
                                           .is_quiet = rehearsal->settings.is_quiet,
                                           .progress = &rehearsal->progress};
    return read_silences(rehearsal, options_get(options, OPTION_SILENCES));
}

void rehearsal_fini(struct rehearsal *rehearsal)
{
    engine_free(&rehearsal->engine);
    dispatch_free(&rehearsal->dispatch);
    silences_fini(&rehearsal->silences);
    if (rehearsal->is_read)
        rules_file_fini(&rehearsal->rules);
    source_close(&rehearsal->source);
    wanted_fini(&rehearsal->wanted);
    sub_options_fini(&rehearsal->settings);
}

static void on_alert(void *context, const struct alert *alert)
{
    struct rehearsal *rehearsal = context;
    rehearsal->alerts++;
    if (rehearsal->on_alert)
        rehearsal->on_alert(rehearsal->calls.context, alert);
    dispatch_alert(rehearsal->dispatch, alert, 0);
}

static bool begin(struct rehearsal *rehearsal, uint64_t now_us)
{
    if (rehearsal->engine)
        return true;
    rehearsal->engine = engine_new(&rehearsal->rules.rules, now_us, clock_wall_us(), on_alert, rehearsal);
    if (rehearsal->engine && rehearsal->on_match)
        engine_watch(rehearsal->engine, rehearsal->on_match, rehearsal->calls.context);
    return rehearsal->engine != NULL;
}

static int code_of_error(const struct rehearsal *rehearsal)
{
    if (dispatch_is_short_of_memory(rehearsal->dispatch)) {
        complain("%s", tocsin_error_text(TOCSIN_E_NOMEM));
        return EXIT_CODE_FAILED;
    }
    return rehearsal->get_error && rehearsal->get_error(rehearsal->calls.context) ? EXIT_CODE_OK : GO_ON;
}

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
    dispatch_advance(rehearsal->dispatch, message->received_us, 0);
    return code_of_error(rehearsal);
}

static int on_error(struct rehearsal *rehearsal, int error)
{
    enum source_verdict verdict = source_told_error(&rehearsal->told, &rehearsal->source, error);
    if (verdict == SOURCE_FAILED)
        complain("%s", tocsin_error_text(error));
    return verdict == SOURCE_FAILED ? EXIT_CODE_FAILED : verdict == SOURCE_END ? EXIT_CODE_OK : GO_ON;
}

static int on_message(struct rehearsal *rehearsal, const struct tocsin_message *message)
{
    if (message->kind == TOCSIN_MESSAGE_EVENT)
        return on_event(rehearsal, message);
    enum source_verdict verdict = source_told_message(&rehearsal->told, message);
    return verdict == SOURCE_FAILED ? EXIT_CODE_FAILED : verdict == SOURCE_END ? EXIT_CODE_OK : GO_ON;
}

static void show_progress(struct rehearsal *rehearsal)
{
    uint64_t done, total;
    source_progress(&rehearsal->source, rehearsal->first, &done, &total);
    progress_show(&rehearsal->progress, done, total, rehearsal->alerts);
}

static int read_all(struct rehearsal *rehearsal)
{
    struct tocsin_message message;
    int code = GO_ON;
    while (code == GO_ON && !signals_caught()) {
        int error = source_next(&rehearsal->source, &message, LOOK_MS);
        code = error ? on_error(rehearsal, error) : on_message(rehearsal, &message);
        show_progress(rehearsal);
    }
    progress_end(&rehearsal->progress);
    return code == GO_ON ? 128 + signals_caught() : code;
}

static int open_source(struct rehearsal *rehearsal)
{
    struct sub_options *settings = &rehearsal->settings;
    const struct past_options *past = &settings->past;
    if (!rehearsal->told.dir) {
        int error = tocsin_stream_open(&rehearsal->source.stream, &settings->stream);
        if (error)
            return where_complain(&settings->where, error);
        rehearsal->first = tocsin_stream_cursor(rehearsal->source.stream);
        return GO_ON;
    }
    int error = wanted_init(&rehearsal->wanted, &settings->stream);
    if (error) {
        complain("--dir: %s: %s", rehearsal->told.dir, tocsin_error_text(error));
        return EXIT_CODE_FAILED;
    }
    bool is_open = source_told_open_files(&rehearsal->told, &rehearsal->source, &rehearsal->wanted,
                                          past->from == TOCSIN_FROM_TIME ? past->from_value : 0, 0);
    return is_open ? GO_ON : EXIT_CODE_FAILED;
}

static void advance_to_end(struct rehearsal *rehearsal)
{
    uint64_t now_us = clock_wall_us(), end_us = rehearsal->settings.past.until_us;
    if (end_us == UINT64_MAX && !rehearsal->told.dir)
        end_us = now_us;
    if (end_us > now_us)
        end_us = end_us == UINT64_MAX ? 0 : now_us;
    if (!rehearsal->engine)
        return;
    engine_advance(rehearsal->engine, end_us);
    dispatch_advance(rehearsal->dispatch, end_us, 0);
}

int rehearsal_run(struct rehearsal *rehearsal, const struct dispatch_calls *calls)
{
    signals_catch();
    rehearsal->calls = *calls;
    rehearsal->dispatch = dispatch_new(&rehearsal->rules, calls);
    if (!rehearsal->dispatch) {
        complain("%s", tocsin_error_text(TOCSIN_E_NOMEM));
        return EXIT_CODE_FAILED;
    }
    dispatch_silence(rehearsal->dispatch, &rehearsal->silences);
    int code = open_source(rehearsal);
    if (code != GO_ON)
        return code;
    progress_begin(&rehearsal->progress, rehearsal->settings.is_quiet);
    code = read_all(rehearsal);
    if (code == EXIT_CODE_OK && code_of_error(rehearsal) == GO_ON)
        advance_to_end(rehearsal);
    return code;
}

int rehearsal_sum_up(const struct rehearsal *rehearsal)
{
    struct engine_counts counts = {0};
    if (rehearsal->engine)
        counts = engine_count(rehearsal->engine);
    if (counts.overflown > 0)
        complain("%llu events were passed over: a rule had more than %d alerts", (unsigned long long)counts.overflown,
                 ENGINE_GROUPS_MAX);
    if (!rehearsal->settings.is_quiet)
        complain("%llu events, %llu matches, %llu alerts are firing at the end", (unsigned long long)counts.events,
                 (unsigned long long)counts.matches, (unsigned long long)counts.firing);
    return rehearsal->told.has_bad_lines ? EXIT_CODE_FAILED : EXIT_CODE_OK;
}
