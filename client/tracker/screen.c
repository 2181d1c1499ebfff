#include "client/tracker/screen.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "client/tracker/grid.h"

#define ENTER "\033[?1049h\033[?25l"
#define LEAVE "\033[0m\033[?25h\033[?1049l"
#define HOME  "\033[H"

static int terminal = -1;
static volatile sig_atomic_t has_changed;
static volatile sig_atomic_t is_to_stop;
static volatile sig_atomic_t ended_by;

static void say(const char *text, size_t len)
{
    while (len > 0) {
        ssize_t written = write(terminal, text, len);
        if (written <= 0)
            return; /* a terminal that is gone; SIGHUP comes */
        text += written;
        len -= (size_t)written;
    }
}

static void on_resize(int signal)
{
    (void)signal;
    has_changed = 1;
}

static void on_stop(int signal)
{
    (void)signal;
    is_to_stop = 1;
}

static void on_end(int signal)
{
    ended_by = signal;
}

static void catch (int signal, void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler};
    sigemptyset(&action.sa_mask);
    sigaction(signal, &action, NULL);
}

void screen_enter(int fd)
{
    terminal = fd;
    catch (SIGWINCH, on_resize);
    catch (SIGTSTP, on_stop);
    catch (SIGHUP, on_end);
    catch (SIGQUIT, on_end);
    say(ENTER, sizeof ENTER - 1);
}

void screen_leave(void)
{
    if (terminal >= 0)
        say(LEAVE, sizeof LEAVE - 1);
    terminal = -1;
}

bool screen_has_changed(void)
{
    if (is_to_stop) {
        is_to_stop = 0;
        say(LEAVE, sizeof LEAVE - 1);
        raise(SIGSTOP);
        say(ENTER, sizeof ENTER - 1);
        has_changed = 1;
    }
    if (!has_changed)
        return false;
    has_changed = 0; /* a signal that comes from here on is for the next time */
    return true;
}

int screen_ended_by(void)
{
    return ended_by;
}

void screen_draw(struct span text)
{
    struct winsize size = {.ws_row = 24, .ws_col = 80};
    struct text clipped, frame;
    text_init(&clipped);
    text_init(&frame);
    if (ioctl(terminal, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0)
        size = (struct winsize){.ws_row = 24, .ws_col = 80};
    grid_clip(&clipped, text, size.ws_col, size.ws_row);
    text_put_str(&frame, HOME);
    for (size_t i = 0; i < clipped.len; i++) {
        if (clipped.data[i] == '\n')
            text_put_str(&frame, "\033[0m\033[K\r");
        text_put_char(&frame, clipped.data[i]);
    }
    text_put_str(&frame, "\033[0m\033[K\033[J");
    if (!frame.failed && !clipped.failed)
        say(frame.data, frame.len);
    text_fini(&clipped);
    text_fini(&frame);
}
