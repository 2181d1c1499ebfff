/* Publishes what has changed between well and wrong, as events StatusEvent/… StatusChanged: `tocsin status --publish`. */
#ifndef CLIENT_TRACKER_PUBLISH_H
#define CLIENT_TRACKER_PUBLISH_H

#include "client/pub_door.h"
#include "client/tracker/verdict.h"

struct publish {
    struct pub_options settings; /* the append door */
    struct pub_door door;
    struct tocsin_event *event;
    struct text summary;
    bool is_open;
    bool has_failed; /* that it cannot be sent was told */
};

/* Connects to the append door of `publish->settings`. 0 or an error of tocsin_appender_open; publish_close is due in any
 * case. */
int publish_open(struct publish *publish);

/* Sends what was not told yet. What cannot be sent now is told to be so, once, and tried the next time. */
void publish_changes(struct publish *publish, const struct state_view *view);

/* Waits for the acknowledgements. */
void publish_close(struct publish *publish);

/* Composes the event of an item; `summary` is for scratch. 0 or an error of tocsin_event_set and its like. */
int publish_compose(struct tocsin_event *event, struct text *summary, const struct item *item, bool is_bad);

#endif
