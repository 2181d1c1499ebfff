/* tocsin query: searches the log, through the broker's stream or in the files of a folder.
 *
 * The happy path: a source opens, each event that matches is counted, grouped, kept or printed, and at the end what was
 * counted, grouped or kept is written. What can fail: as with sub; a line of a file is none (told, and 1 at the end);
 * there is more than can be kept for -r (1). */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "client/clock.h"
#include "client/command.h"
#include "client/complain.h"
#include "client/last_find.h"
#include "client/member.h"
#include "client/out.h"
#include "client/progress.h"
#include "client/query_write.h"
#include "client/signals.h"
#include "client/source_told.h"
#include "client/sub_options.h"
#include "client/wanted.h"

#define GO_ON (-1)

struct query {
    struct sub_options *settings;
    const char *dir;   /* NULL: the broker */
    const char *field; /* NULL: not grouped */
    bool counts;
    bool is_reverse;
    struct source source;
    struct source_told told;
    struct wanted wanted; /* of the files */
    struct out out;
    struct progress progress;
    struct query_groups *groups;
    struct query_last last; /* where the last ones are to be told, or newest first */
    bool keeps;
    struct text text;
    uint64_t first; /* seq where it began, to tell how far one is */
    uint64_t matched;
};

static int code_of(struct query *query, int error)
{
    int reason = errno;
    progress_end(&query->progress);
    errno = reason;
    switch (error) {
    case TOCSIN_OK:
        return GO_ON;
    case TOCSIN_E_FULL:
        complain(query->field ? "--group-by: there are more than a million values; narrow the search"
                              : "this is more than can be kept in memory: give a smaller -n, or narrow the search");
        return EXIT_CODE_FAILED;
    default:
        return out_code(error);
    }
}

/* --- one event --- */

static int group(struct query *query, const struct tocsin_message *message)
{
    text_clear(&query->text);
    member_put(&query->text, message, span_of_str(query->field));
    return query->text.failed ? TOCSIN_E_NOMEM : query_groups_add(query->groups, text_span(&query->text));
}

static int print(struct query *query, const struct tocsin_message *message)
{
    struct tocsin_text json = {"", 0};
    const struct printer *printer = &query->settings->printer;
    if (print_needs_json(printer) && source_event_json(&query->source, &json) == TOCSIN_E_NOMEM)
        return TOCSIN_E_NOMEM;
    struct text *out = query->keeps ? &query->text : &query->out.text;
    if (query->keeps)
        text_clear(out);
    print_event(out, printer, message, span_of(json.data, json.len));
    if (!query->keeps)
        return out_done(&query->out);
    return out->failed ? TOCSIN_E_NOMEM : query_last_put(&query->last, text_span(out));
}

static int on_event(struct query *query, const struct tocsin_message *message)
{
    const struct sub_options *settings = query->settings;
    if (past_is_over(&settings->past, message))
        return EXIT_CODE_OK;
    if (!matcher_takes(&settings->matcher, message))
        return GO_ON;
    query->matched++;
    if (query->field)
        return code_of(query, group(query, message));
    int error = query->counts ? TOCSIN_OK : print(query, message);
    return error ? code_of(query, error) : GO_ON;
}

/* --- all of them --- */

static void show_progress(struct query *query)
{
    uint64_t done, total;
    source_progress(&query->source, query->first, &done, &total);
    progress_show(&query->progress, done, total, query->matched);
}

static int on_error(struct query *query, int error)
{
    enum source_verdict verdict = source_told_error(&query->told, &query->source, error);
    if (verdict != SOURCE_FAILED)
        return verdict == SOURCE_END ? EXIT_CODE_OK : GO_ON;
    progress_end(&query->progress);
    if (query->source.stream)
        return where_complain(&query->settings->where, error);
    complain("--dir: %s: %s", query->dir, tocsin_error_text(error));
    return EXIT_CODE_FAILED;
}

static int on_message(struct query *query, const struct tocsin_message *message)
{
    if (message->kind == TOCSIN_MESSAGE_EVENT)
        return on_event(query, message);
    enum source_verdict verdict = source_told_message(&query->told, message);
    return verdict == SOURCE_FAILED ? EXIT_CODE_FAILED : verdict == SOURCE_END ? EXIT_CODE_OK : GO_ON;
}

static int search(struct query *query)
{
    struct tocsin_message message;
    int code = GO_ON;
    progress_begin(&query->progress, query->settings->is_quiet || query->out.is_terminal);
    while (code == GO_ON && !signals_caught()) {
        int error = source_next(&query->source, &message, 500);
        code = error ? on_error(query, error) : on_message(query, &message);
        show_progress(query);
    }
    progress_end(&query->progress);
    return code == GO_ON ? 128 + signals_caught() : code;
}

/* --- what was found --- */

static int finish(struct query *query)
{
    int error = TOCSIN_OK;
    if (query->field)
        error = query_write_groups(&query->out, query->groups, query->settings->printer.form == PRINT_JSON);
    else if (query->counts)
        text_printf(&query->out.text, "%llu\n", (unsigned long long)query->matched);
    else if (query->keeps)
        error = query_write_last(&query->out, &query->last, query->is_reverse);
    if (!error)
        error = out_flush(&query->out);
    int code = error ? code_of(query, error) : EXIT_CODE_OK;
    return code == EXIT_CODE_OK && query->told.has_bad_lines ? EXIT_CODE_FAILED : code;
}

/* --- opening --- */

static int open_files(struct query *query)
{
    const struct past_options *past = &query->settings->past;
    int error = wanted_init(&query->wanted, &query->settings->stream);
    uint64_t since_us = past->from == TOCSIN_FROM_TIME ? past->from_value : 0;
    uint64_t first_seq = past->from == TOCSIN_FROM_SEQ ? past->from_value : 0;
    if (error) {
        complain("--dir: %s: %s", query->dir, tocsin_error_text(error));
        return EXIT_CODE_FAILED;
    }
    bool is_open = source_told_open_files(&query->told, &query->source, &query->wanted, since_us, first_seq);
    return is_open ? GO_ON : EXIT_CODE_FAILED;
}

static int open_stream(struct query *query)
{
    struct sub_options *settings = query->settings;
    int error = settings->past.last_count > 0 ? last_find(&settings->past, &settings->stream, &settings->matcher) : 0;
    settings->stream.from = settings->past.from;
    settings->stream.from_value = settings->past.from_value;
    if (!error)
        error = tocsin_stream_open(&query->source.stream, &settings->stream);
    if (error)
        return where_complain(&settings->where, error);
    query->first = tocsin_stream_cursor(query->source.stream);
    return GO_ON;
}

static bool read_options(struct query *query, const struct options *options)
{
    query->dir = options_get(options, OPTION_DIR);
    query->field = options_get(options, OPTION_GROUP_BY);
    query->counts = options_has(options, OPTION_COUNT_ONLY);
    query->is_reverse = options_has(options, OPTION_REVERSE);
    query->keeps = query->is_reverse || query->settings->past.last_count > 0;
    if (query->field && !member_is_path(span_of_str(query->field))) {
        complain("--group-by: \"%s\" is no field: as level, type, snapshot.width", query->field);
        return false;
    }
    if (query->counts && query->field) {
        complain("--count and --group-by: give one");
        return false;
    }
    return true;
}

static int run(struct query *query)
{
    signals_catch();
    out_init(&query->out, STDOUT_FILENO);
    query_last_init(&query->last, (size_t)query->settings->past.last_count);
    query->groups = query_groups_new((uint64_t)clock_now_us());
    int code = query->groups ? GO_ON : EXIT_CODE_FAILED;
    if (code == GO_ON)
        code = query->dir ? open_files(query) : open_stream(query);
    if (code == GO_ON)
        code = search(query);
    else if (code == EXIT_CODE_OK)
        code = EXIT_CODE_FAILED;
    if (code == EXIT_CODE_OK)
        code = finish(query);
    query_groups_free(&query->groups);
    query_last_fini(&query->last);
    text_fini(&query->text);
    out_fini(&query->out);
    source_close(&query->source);
    wanted_fini(&query->wanted);
    return code;
}

int command_query(const struct options *options)
{
    struct sub_options settings;
    int code = EXIT_CODE_USAGE;
    if (sub_options_read(&settings, options)) {
        struct query query = {.settings = &settings};
        query.told = (struct source_told){.dir = options_get(options, OPTION_DIR),
                                          .endpoint = settings.where.endpoint,
                                          .is_quiet = settings.is_quiet,
                                          .progress = &query.progress};
        if (read_options(&query, options))
            code = run(&query);
    }
    sub_options_fini(&settings);
    return code;
}
