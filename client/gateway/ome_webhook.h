/* Takes OvenMediaEngine's alerts, HTTP requests that are signed (X-OME-Signature), in the gateway's loop.
 *
 * 200 is answered when all events of an alert are in the broker's log, 202 when that takes longer than two seconds: they
 * are in the queue then, and go on. OvenMediaEngine waits with its next alert until it has an answer, tries again where it
 * gets none in its own time (then the alert is not taken a second time), and drops what is answered otherwise. */
#ifndef CLIENT_GATEWAY_OME_WEBHOOK_H
#define CLIENT_GATEWAY_OME_WEBHOOK_H

#include "client/gateway/gateway.h"
#include "client/gateway/ome_alert.h"

struct MHD_Daemon;
struct ome_request;

struct ome_webhook {
    struct loop_watch watch;
    struct loop_timer timer;
    struct MHD_Daemon *daemon; /* NULL: not open */
    struct gateway *gateway;
    struct sink *sink;
    struct ome_alert alert;
    struct text key;             /* the SecretKey */
    struct text bytes;           /* scratch */
    struct ome_request *pending; /* whose events are not all settled */
};

/* Listens at HOST:PORT, with the SecretKey in the first line of `secret_file`, and says so. Complains and returns false
 * where that is not possible; ome_webhook_close is due in any case. */
bool ome_webhook_open(struct ome_webhook *webhook, struct gateway *gateway, struct sink *sink, const char *where,
                      const char *secret_file);

/* The sink has settled something, or has room again. */
void ome_webhook_resume(struct ome_webhook *webhook);

/* Answers what is still waiting for an answer, and ends. Also for a struct that is all zero. */
void ome_webhook_close(struct ome_webhook *webhook);

/* ---- Between the files of webhook: ome_webhook.c has HTTP, ome_request.c what becomes of a request ---- */

struct MHD_Connection;

struct ome_request {
    struct ome_webhook *webhook;
    struct MHD_Connection *connection;
    struct text body;
    int64_t begun_us; /* when its head came; when it is whole, when that was */
    uint32_t taken;   /* messages whose events the sink has taken, or that were refused */
    uint64_t last;    /* number of the last of these events; 0: none */
    unsigned status;  /* the answer; 0: not yet */
    bool is_listed;   /* among the pending ones */
    struct ome_request *next;
};

/* A request is whole: checks it and takes its events. request->status is set where the answer is known. */
void ome_request_take(struct ome_request *request, const char *signature);

/* Goes on with one that is pending. True when its status is known now. */
bool ome_request_go_on(struct ome_request *request);

#endif
