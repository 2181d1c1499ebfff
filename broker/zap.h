/* The handler that libzmq asks, by ZAP (27/ZAP of ZeroMQ's RFCs), whom to let in at a door with CURVE: whose public key
 * is in the access file, is valid now and may open that door. A thread of its own, which never waits for another; while
 * there is none, libzmq lets nobody in (ZMQ_ZAP_ENFORCE_DOMAIN, doors.c). */
#ifndef BROKER_ZAP_H
#define BROKER_ZAP_H

#include "broker/access_gate.h"
#include "broker/arrivals.h"
#include "broker/denials.h"
#include "broker/settings.h"
#include "broker/stats.h"

struct zap;

/* All is borrowed until zap_stop. */
struct zap_options {
    void *zmq; /* the context, in which no door may be open yet */
    struct access_gate *gate;
    struct denials *denials;
    struct stats *stats;
    struct arrivals *arrivals;            /* is told of everybody who comes in */
    const struct settings_realms *realms; /* whose doors there are beside the four */
};

/* NULL when there is no memory, or another handler in this context. */
struct zap *zap_start(const struct zap_options *options);
void zap_stop(struct zap **zap);

/* While it is on, refusals are neither counted nor told: the broker tries its own doors. */
void zap_set_quiet(struct zap *zap, bool is_quiet);

/* A request's frames behind its envelope, judged; pure. public_key is "" where none was shown. */
#define ZAP_FRAMES 7
struct zap_verdict {
    const char *status; /* "200", "400", "500" */
    const char *reason; /* static */
    const char *door;   /* static, or of the realms; NULL: none of ours */
    char public_key[CURVE_Z85_LEN + 1];
    access_id owner; /* with "200" */
};
void zap_judge(const struct access *access, const struct settings_realms *realms, const struct span *frames,
               size_t count, uint64_t now_us, struct zap_verdict *verdict);

#endif
