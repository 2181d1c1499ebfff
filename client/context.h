/* The ZeroMQ context: one for all handles of the process, or the caller's own. */
#ifndef CLIENT_CONTEXT_H
#define CLIENT_CONTEXT_H

/* `own` if there is one, else the shared context, made at the first call. NULL when out of memory or of files. */
void *context_acquire(void *own);

/* Gives back what context_acquire returned, after all its sockets are closed: the shared one ends with its last user,
 * and waits for the linger of the sockets. */
void context_release(void *context, void *own);

#endif
