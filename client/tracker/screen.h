/* A screen that is drawn again and again: `tocsin status --watch`. The terminal is as it was after screen_leave, at
 * SIGINT, SIGTERM, SIGHUP and SIGQUIT, and while the process is stopped (Ctrl-Z). */
#ifndef CLIENT_TRACKER_SCREEN_H
#define CLIENT_TRACKER_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/span.h"

/* Takes over the terminal at `fd`, and the signals but for those of client/signals.h. */
void screen_enter(int fd);
void screen_leave(void);

/* Whether it must be drawn anew: its size is another one, or the process was stopped. Once. */
bool screen_has_changed(void);

/* The signal that asks for the end, 0: none; those of client/signals.h are not among them. */
int screen_ended_by(void);

/* Draws as much of the text as fits, from the top. Lines are cut, colours kept. */
void screen_draw(struct span text);

#endif
