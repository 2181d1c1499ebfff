/* tocsin status: the present state of everything, or that of an earlier time.
 *
 * The happy path: a loader reads the state, which is printed once; with --watch it is drawn again as events come, with
 * --publish what changes is published. What can fail: the broker cannot be reached (3), a signal (128 + its number), a
 * line of a file is none (told, and 1). With --check the codes are a monitoring plugin's, and whatever fails is
 * UNKNOWN. */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "client/clock.h"
#include "client/command.h"
#include "client/complain.h"
#include "client/out.h"
#include "client/progress.h"
#include "client/signals.h"
#include "client/tracker/check.h"
#include "client/tracker/publish.h"
#include "client/tracker/screen.h"
#include "client/tracker/status_show.h"

#define GO_ON   (-1)
#define LOOK_MS 250

/* A screen is drawn no more often, and at least so often, for times go on. */
#define DRAW_EACH_US INT64_C(200000)
#define DRAW_LAST_US INT64_C(1000000)

/* The same of looking through all for what is to be published. */
#define PUBLISH_EACH_US INT64_C(200000)
#define PUBLISH_LAST_US INT64_C(1000000)

struct status {
    struct status_options settings;
    struct loader loader;
    struct out out;
    bool is_on_screen;
    struct publish publish;
    int64_t published_us; /* when it was looked what is to be published */
    bool is_told;         /* what a check has found is written */
};

/* --- once --- */

static int fail(struct status *status, int error)
{
    const char *dir = status->settings.load.dir;
    if (!dir)
        return where_complain(&status->settings.sub.where, error);
    complain("--dir: %s: %s", dir,
             error == TOCSIN_E_END  ? "no log is there"
             : error == TOCSIN_E_IO ? strerror(errno)
                                    : tocsin_error_text(error));
    return EXIT_CODE_FAILED;
}

/* Reads until all is read, or a signal. */
static int load(struct status *status)
{
    struct progress progress;
    uint64_t done, total;
    int error = TOCSIN_OK, code = GO_ON;
    progress_begin(&progress, status->settings.sub.is_quiet || status->settings.checks);
    while (code == GO_ON && !signals_caught()) {
        enum loader_step step = loader_step(&status->loader, LOOK_MS, &error);
        if (step == LOADER_DONE)
            code = EXIT_CODE_OK;
        else if (step == LOADER_FAILED)
            code = fail(status, error);
        loader_progress(&status->loader, &done, &total);
        progress_show(&progress, done, total, status->loader.tracker.seq);
    }
    progress_end(&progress);
    return code == GO_ON ? 128 + signals_caught() : code;
}

static void tell_holes(const struct status *status)
{
    if (status->loader.holes > 0 && !status->settings.sub.is_quiet)
        complain("the log does not hold %llu events any more; what they told is not known",
                 (unsigned long long)status->loader.holes);
}

static int once(struct status *status)
{
    int code = load(status);
    if (code != EXIT_CODE_OK)
        return code;
    tell_holes(status);
    if (status->settings.checks) {
        struct state_view view = status_show_view(&status->settings, &status->loader);
        code = (int)check_write(&status->out.text, &view);
    } else {
        code = status_show_put(&status->out.text, &status->settings, &status->loader);
    }
    if (code == EXIT_CODE_FAILED && !status->settings.checks)
        return code;
    int written = out_code(out_flush(&status->out));
    if (written != EXIT_CODE_OK)
        return written;
    status->is_told = true;
    bool has_failed = code == EXIT_CODE_OK && status->loader.has_bad_lines && !status->settings.checks;
    return has_failed ? EXIT_CODE_FAILED : code;
}

/* --- watching --- */

static void put_head(const struct status *status, struct text *out)
{
    time_t seconds = time(NULL);
    struct tm tm;
    char date[64];
    if (status->settings.sub.printer.is_utc)
        gmtime_r(&seconds, &tm);
    else
        localtime_r(&seconds, &tm);
    strftime(date, sizeof date, "%Y-%m-%d %H:%M:%S", &tm);
    text_printf(out, "tocsin status  %s  %s  %s\n\n", status->settings.sub.where.endpoint, date,
                status->loader.is_lost ? "CONNECTION LOST, trying again" : "");
}

static int draw(struct status *status)
{
    struct text *out = &status->out.text;
    text_clear(out);
    if (status->is_on_screen)
        put_head(status, out);
    int code = status_show_put(out, &status->settings, &status->loader);
    if (code != EXIT_CODE_OK)
        return code;
    if (!status->is_on_screen) {
        int error = out_flush(&status->out);
        return error ? out_code(error) : GO_ON;
    }
    screen_draw(text_span(out));
    text_clear(out);
    return GO_ON;
}

static int end_signal(void)
{
    return signals_caught() ? signals_caught() : screen_ended_by();
}

static void publish(struct status *status, enum loader_step step)
{
    int64_t now_us = clock_now_us();
    bool is_due = step == LOADER_IDLE || now_us - status->published_us >= PUBLISH_LAST_US;
    if (!status->settings.publishes || !is_due || !loader_is_up_to_date(&status->loader) ||
        now_us - status->published_us < PUBLISH_EACH_US)
        return;
    struct state_view view = status_show_view(&status->settings, &status->loader);
    publish_changes(&status->publish, &view);
    status->published_us = now_us;
}

/* Draws when something came, and each second on a screen. */
static int follow(struct status *status)
{
    int64_t drawn_us = 0;
    uint64_t drawn_seq = UINT64_MAX;
    bool was_lost = false;
    int code = GO_ON, error = TOCSIN_OK;
    while (code == GO_ON && !end_signal()) {
        enum loader_step step = loader_step(&status->loader, LOOK_MS, &error);
        if (step == LOADER_FAILED)
            return fail(status, error);
        publish(status, step);
        if (!status->settings.watches)
            continue;
        if (!status->is_on_screen && out_is_abandoned(&status->out))
            return EXIT_CODE_OK;
        int64_t since_us = clock_now_us() - drawn_us;
        bool has_news = status->loader.tracker.seq != drawn_seq || status->loader.is_lost != was_lost;
        bool is_due = (has_news && since_us >= DRAW_EACH_US && (step == LOADER_IDLE || since_us >= DRAW_LAST_US)) ||
                      (status->is_on_screen && since_us >= DRAW_LAST_US);
        if (!is_due && !(status->is_on_screen && screen_has_changed()))
            continue;
        drawn_seq = status->loader.tracker.seq;
        was_lost = status->loader.is_lost;
        drawn_us = clock_now_us();
        code = draw(status);
    }
    return code == GO_ON ? 128 + end_signal() : code;
}

static int watch(struct status *status)
{
    status->publish.settings.where = status->settings.append;
    int error = status->settings.publishes ? publish_open(&status->publish) : TOCSIN_OK;
    if (error)
        return where_complain(&status->settings.append, error);
    status->is_on_screen =
        status->settings.watches && status->out.is_terminal && status->settings.output == STATUS_TABLE;
    if (status->is_on_screen)
        screen_enter(status->out.fd);
    int code = follow(status);
    if (status->is_on_screen)
        screen_leave();
    publish_close(&status->publish);
    return code;
}

/* --- the command --- */

static int run(struct status *status)
{
    signals_catch();
    out_init(&status->out, STDOUT_FILENO);
    int error = loader_open(&status->loader, &status->settings.load);
    int code = error ? fail(status, error) : status->settings.load.follows ? watch(status) : once(status);
    loader_close(&status->loader);
    out_fini(&status->out);
    return code;
}

/* Whatever went wrong, a plugin says so on standard output. */
static int check_failed(void)
{
    struct out out;
    out_init(&out, STDOUT_FILENO);
    check_write_unknown(&out.text, "the state cannot be told; standard error says why");
    out_flush(&out);
    out_fini(&out);
    return CHECK_UNKNOWN;
}

int command_status(const struct options *options)
{
    struct status status = {0};
    bool is_read = status_options_read(&status.settings, options);
    int code = is_read ? run(&status) : EXIT_CODE_USAGE;
    if (status.settings.checks && !status.is_told)
        code = check_failed();
    status_options_fini(&status.settings);
    return code;
}
