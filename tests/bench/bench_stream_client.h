/* A client of the stream door that only takes the bytes. All end the program where something is wrong. */
#ifndef TESTS_BENCH_STREAM_CLIENT_H
#define TESTS_BENCH_STREAM_CLIENT_H

#include <stdint.h>

/* A DEALER, to be closed by zmq_close. */
void *stream_client_connect(void *zmq, const char *endpoint);

/* Asks for what is there from seq `from` on, not for what follows; `filter` (may be NULL) is a topic's prefix. */
void stream_client_open(void *client, uint64_t from, const char *filter);
void stream_client_credit(void *client, uint64_t bytes);

/* Waits until the session is open. */
void stream_client_await_opened(void *client);

/* Takes everything to the end and looks at nothing but the verb. Returns the bytes. */
uint64_t stream_client_take_all(void *client);

#endif
