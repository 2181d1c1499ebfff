#include "client/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "client/clock.h"

#define FIRST_US INT64_C(300000) /* what is done sooner needs no bar */
#define EACH_US  INT64_C(100000)
#define CELLS    30

void progress_begin(struct progress *progress, bool is_quiet)
{
    *progress = (struct progress){.is_shown = !is_quiet && isatty(STDERR_FILENO) == 1, .begun_us = clock_now_us()};
}

/* Appends the line for `elapsed_us` since the beginning. Pure. */
static void put_line(struct text *out, uint64_t done, uint64_t total, uint64_t events, int64_t elapsed_us)
{
    double seconds = (double)elapsed_us / 1e6, share = total > 0 ? (double)done / (double)total : 0;
    share = share > 1 ? 1 : share;
    if (total > 0) {
        text_printf(out, "%3.0f%% [", share * 100);
        for (int i = 0; i < CELLS; i++)
            text_put_char(out, i < (int)(share * CELLS) ? '#' : ' ');
        text_put_str(out, "] ");
    }
    text_printf(out, "%llu events, %.0f a second", (unsigned long long)events,
                seconds > 0 ? (double)events / seconds : 0);
    if (share > 0 && share < 1)
        text_printf(out, ", %.0f s to go", seconds / share * (1 - share));
}

static void draw(const char *text, size_t len)
{
    fprintf(stderr, "\r%.*s\033[K", (int)len, text);
    fflush(stderr);
}

void progress_show(struct progress *progress, uint64_t done, uint64_t total, uint64_t events)
{
    if (!progress->is_shown)
        return;
    int64_t now_us = clock_now_us();
    if (now_us - progress->begun_us < FIRST_US || now_us - progress->drawn_us < EACH_US)
        return;
    struct text line;
    text_init(&line);
    put_line(&line, done, total, events, now_us - progress->begun_us);
    if (!line.failed)
        draw(line.data, line.len);
    text_fini(&line);
    progress->drawn_us = now_us;
    progress->is_drawn = true;
}

void progress_end(struct progress *progress)
{
    if (progress->is_drawn)
        draw("", 0);
    progress->is_drawn = false;
}
