/* The HTTP door: health for those who watch over the process, counters for Prometheus. A thread of its own, that of
 * libmicrohttpd; it reads counters and nothing else of the broker. */
#ifndef BROKER_HTTP_H
#define BROKER_HTTP_H

#include <stddef.h>
#include <stdint.h>

#include "broker/health.h"
#include "broker/stats.h"

struct http;

/* Binds to `host` (an IPv4 or IPv6 address in figures, without brackets) and `port` (0: any free one), and serves from
 * then on: GET and HEAD of /, /healthz, /readyz and /metrics. `stats` and `health` are borrowed until http_stop.
 * NULL when that cannot be; `error` (`error_size` bytes) then says why in a sentence. */
struct http *http_start(const char *host, uint16_t port, const struct stats *stats, const struct health *health,
                        char *error, size_t error_size);

/* The port that it really has. */
uint16_t http_port(const struct http *http);

/* Closes all connections, ends the thread and frees; nothing happens where *http is NULL. */
void http_stop(struct http **http);

#endif
