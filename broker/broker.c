#include "broker/broker.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>

#include "broker/broker_inner.h"
#include "broker/clock.h"
#include "broker/log.h"
#include "proto/error.h"

/* Frees all that there is; threads must have ended. */
static void release(struct broker **self)
{
    struct broker *broker = *self;
    watchdog_stop(&broker->watchdog);
    capacity_stop(&broker->capacity);
    retention_free(&broker->retention);
    stream_free(&broker->stream);
    front_free(&broker->front);
    journal_free(&broker->journal);
    taken_fini(&broker->taken);
    entry_close(&broker->entry, LINGER_MS);
    if (broker->zmq)
        zmq_ctx_term(broker->zmq);
    ring_free(&broker->admitted);
    ring_free(&broker->settled);
    ring_free(&broker->feed.ring);
    ring_free(&broker->pruned.ring);
    checkpoints_close(&broker->checkpoints);
    if (broker->log)
        log_file_close(&broker->log);
    topics_free(&broker->topics);
    producers_free(&broker->producers);
    http_stop(&broker->http);
    reload_fini(&broker->reload);
    if (broker->failure_fd >= 0)
        close(broker->failure_fd);
    free(broker);
    *self = NULL;
}

struct broker *broker_start(const struct settings *settings, enum exit_code *code, struct text *message)
{
    struct broker *broker = calloc(1, sizeof *broker);
    if (!broker) {
        *code = broker_no_memory(message);
        return NULL;
    }
    broker->settings = settings;
    broker->stats.started_us = clock_monotonic_us();
    broker->failure_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    randombytes_buf(&broker->seed, sizeof broker->seed);
    bool has_descriptors = reload_init(&broker->reload) && broker->failure_fd >= 0;
    *code = has_descriptors ? broker_open_parts(broker, message) : broker_no_memory(message);
    if (*code != EXIT_CODE_OK)
        release(&broker);
    return broker;
}

int broker_failure_fd(const struct broker *broker)
{
    return broker->failure_fd;
}

int broker_reload_fd(const struct broker *broker)
{
    return broker->reload.fd;
}

void broker_write_ports(const struct broker *broker, struct text *out)
{
    if (broker->entry.ingest.socket)
        text_printf(out, "ingest=%s\n", broker->entry.ingest.endpoint);
    if (broker->entry.append.socket)
        text_printf(out, "append=%s\n", broker->entry.append.endpoint);
    if (broker->entry.live.socket)
        text_printf(out, "live=%s\n", broker->entry.live.endpoint);
    for (size_t i = 0; i < broker->settings->realms.count; i++)
        text_printf(out, "%s=%s\n", broker->entry.realms[i].name, broker->entry.realms[i].endpoint);
    if (broker->entry.stream.socket)
        text_printf(out, "stream=%s\n", broker->entry.stream.endpoint);
    const char *host = broker->settings->http.host;
    if (broker->http && strchr(host, ':'))
        text_printf(out, "http=[%s]:%u\n", host, http_port(broker->http));
    else if (broker->http)
        text_printf(out, "http=%s:%u\n", host, http_port(broker->http));
}

void broker_reload(struct broker *broker)
{
    struct text message;
    if (!security_key(&broker->entry.security)) {
        log_info("SIGHUP: there is no access file to be read");
        return;
    }
    text_init(&message);
    uint64_t begun = reload_begin(&broker->reload);
    int result = security_reload(&broker->entry.security, &message);
    if (result == TOCSIN_OK)
        log_info("the access file %s was read again: %zu keys", broker->settings->access,
                 access_gate_count(broker->entry.security.gate));
    else
        log_error("the access file stays as it was: %.*s", LOG_SPAN(text_span(&message)));
    reload_end(&broker->reload, begun, access_gate_count(broker->entry.security.gate), text_span(&message));
    text_fini(&message);
    front_wake(broker->front);
    if (broker->stream)
        stream_wake(broker->stream);
}

enum exit_code broker_stop(struct broker **self, const char *reason)
{
    struct broker *broker = *self;
    health_set(&broker->health, HEALTH_STOPPING);
    retention_stop(broker->retention);
    journal_hurry(broker->journal, reason);
    front_stop(broker->front);
    int result = journal_join(broker->journal);
    front_join(broker->front);
    if (broker->stream)
        stream_stop(broker->stream);
    if (result != TOCSIN_OK)
        log_error("%s; %" PRIu64 " events that had been taken in are not safely in the log. %s", error_text(result),
                  journal_count_unwritten(broker->journal) + front_count_unwritten(broker->front),
                  exit_code_advice(result));
    release(self);
    return result == TOCSIN_OK ? EXIT_CODE_OK : EXIT_CODE_DISK;
}
