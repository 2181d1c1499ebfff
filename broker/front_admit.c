/* What becomes of an event that was judged, whichever door it came by: it is counted, and handed to the journal or
 * refused. */
#include "broker/admitted.h"
#include "broker/front_internal.h"
#include "proto/catalog.h"
#include "proto/error.h"

void front_refuse(struct front *front, const struct refusal *refusal)
{
    stats_add(&front->options.stats->events_refused[refusal->code], 1);
    uint64_t suppressed;
    if (log_limit_passes(&front->refusal_limit, front->monotonic_us, &suppressed))
        log_info("refused an event: %.*s %s (%s; %llu more before it)", LOG_SPAN(refusal->field),
                 refusal_text(refusal->code), refusal_word(refusal->code), (unsigned long long)suppressed);
}

/* Events that the catalog knows should look as it says; others pass all the same. */
void front_count_event(struct front *front, const struct event *event)
{
    stats_add(&front->options.stats->events_received, 1);
    const struct catalog_param *missing = catalog_missing(event);
    if (!missing)
        return;
    stats_add(&front->options.stats->catalog_mismatches, 1);
    uint64_t suppressed;
    if (log_limit_passes(&front->catalog_limit, front->monotonic_us, &suppressed))
        log_info("%.*s from %.*s: the snapshot lacks %s, or has it in another type than the catalog",
                 LOG_SPAN(event->type), LOG_SPAN(event->source_id), missing->name);
}

void front_look_around(void *socket)
{
    int events;
    size_t len = sizeof events;
    zmq_getsockopt(socket, ZMQ_EVENTS, &events, &len);
}

/* A producer's events stay in order, also when a session's messages come from two places. */
static bool is_behind(struct front *front, uint64_t sender)
{
    return front->is_behind ||
           (waiting_has_queue(&front->waiting) && sender != 0 && shares_is_queued(&front->shares, sender));
}

bool front_admit(struct front *front, const struct event *event, const struct append_origin *origin)
{
    size_t size = admitted_size(event, origin);
    uint64_t sender = origin ? origin->sender : front->sender;
    bool behind = is_behind(front, sender) && shares_queue(&front->shares, sender, front->waiting.put + size);
    void *message = waiting_reserve(&front->waiting, size, behind);
    if (!message)
        return false;
    admitted_put(message, event, origin, front->received_us);
    waiting_commit(&front->waiting, size, behind);
    return true;
}
