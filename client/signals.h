/* Signals that end a command in good order. */
#ifndef CLIENT_SIGNALS_H
#define CLIENT_SIGNALS_H

/* From now on SIGINT and SIGTERM are noted, and interrupt what waits; SIGPIPE does nothing. */
void signals_catch(void);

/* The signal that came, 0: none. */
int signals_caught(void);

#endif
