/* Status/Report of OpenSIPS servers, as their management interface shows it: the results of sr_list_status,
 * sr_list_reports, sr_list_identifiers, and of sr_get_status for one identifier. Newest groups and identifiers first,
 * as OpenSIPS has them. Where there are several servers, each group (or what stands for one) has a member "Source". */
#ifndef CLIENT_TRACKER_SR_H
#define CLIENT_TRACKER_SR_H

#include "client/tracker/tracker.h"
#include "proto/text.h"

/* One group of one server: identifiers of it lie side by side in the view's items, the newest first. */
struct sr_group {
    struct span source;
    struct span name;
    size_t begin;
    size_t end;
    uint64_t order;
};

struct sr_view {
    struct item **items;
    size_t item_count;
    struct sr_group *groups;
    size_t group_count;
    bool is_of_several; /* servers */
};

enum sr_what { SR_STATUS, SR_REPORTS, SR_IDENTIFIERS };

/* False when out of memory; sr_view_fini is due in any case. Valid until the tracker moves on. */
bool sr_view_init(struct sr_view *view, const struct tracker *tracker);
void sr_view_fini(struct sr_view *view);

/* Sets the groups of each server side by side. */
void sr_view_sort_by_server(struct sr_view *view);

/* Appends the JSON for all groups, for one (`group`, NULL: all), or for one identifier of one (`identifier`; "all"
 * with SR_STATUS: whether all are ready). What OpenSIPS would answer with an error: NULL when all went well, else its
 * text. */
const char *sr_write(struct text *out, const struct sr_view *view, enum sr_what what, const char *group,
                     const char *identifier, bool is_utc);

/* Appends {"Name":…,"Identifiers":[…]} of a group as sr_list_status has it, with all else that is known of each
 * identifier: OldStatus, Since, Seq, HeardSinceStart, Missed, Reports. */
void sr_write_whole(struct text *out, const struct sr_view *view, const struct sr_group *group, bool is_utc);

#endif
