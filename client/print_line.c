/* A line for people:
 *
 *     Nov 21 09:30:00.125 Warning StreamEvent/#default#app/cam StreamCreated: A camera came (BFrameDetected)
 *
 * The topic is what one gives to `tocsin sub` to see only that. */
#include "client/escape.h"
#include "client/event_time.h"
#include "client/print.h"

/* The longest level word, so that what follows stands in one column. */
#define LEVEL_WIDTH 7

static const char *const level_colors[TOCSIN_LEVEL_COUNT] = {
    [TOCSIN_LEVEL_TRACE] = "\033[2m",                                        /* faint */
    [TOCSIN_LEVEL_DEBUG] = "\033[2m",      [TOCSIN_LEVEL_INFO] = "\033[32m", /* green */
    [TOCSIN_LEVEL_WARNING] = "\033[1;33m",                                   /* bold yellow */
    [TOCSIN_LEVEL_ERROR] = "\033[1;31m",                                     /* bold red */
};

static void color(struct text *out, const struct printer *printer, const char *sequence)
{
    if (printer->has_color)
        text_put_str(out, sequence);
}

static void put(struct text *out, struct tocsin_text text)
{
    escape_text(out, span_of(text.data, text.len));
}

static void put_time(struct text *out, const struct printer *printer, const struct tocsin_message *message)
{
    struct event_time time = event_time_of(message, printer->is_utc);
    if (printer->form == PRINT_ISO) {
        event_time_put_iso(out, &time, printer->is_utc);
        return;
    }
    char date[32];
    text_put(out, date, strftime(date, sizeof date, "%b %e %H:%M:%S", &time.tm));
    text_printf(out, ".%03u", time.nanoseconds / 1000000);
}

void print_line(struct text *out, const struct printer *printer, const struct tocsin_message *message)
{
    put_time(out, printer, message);
    text_put_char(out, ' ');
    color(out, printer, level_colors[message->level]);
    text_printf(out, "%-*s", LEVEL_WIDTH, tocsin_level_word(message->level));
    color(out, printer, "\033[0m");
    text_put_char(out, ' ');
    put(out, message->topic);
    text_put_char(out, ' ');
    color(out, printer, "\033[1m");
    put(out, message->type);
    color(out, printer, "\033[0m");
    text_put_str(out, ": ");
    put(out, message->summary);
    if (message->cause.data) {
        text_put_str(out, " (");
        put(out, message->cause);
        text_put_char(out, ')');
    }
    text_put_char(out, '\n');
}
