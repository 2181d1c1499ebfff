#include "client/tracker/sr.h"

#include <strings.h>
#include <time.h>

#include "proto/json.h"
#include "proto/rfc3339.h"

struct writing {
    struct text *out;
    const struct sr_view *view;
    bool is_utc;
};

static bool is_named(struct span name, const char *wanted)
{
    return strlen(wanted) == name.len && strncasecmp((const char *)name.data, wanted, name.len) == 0;
}

/* {"Source":…, where that is not clear by itself */
static void open_object(const struct writing *writing, struct span source)
{
    text_put_char(writing->out, '{');
    if (!writing->view->is_of_several)
        return;
    text_put_str(writing->out, "\"Source\":");
    json_write_string(writing->out, source);
    text_put_char(writing->out, ',');
}

static void put_status(struct text *out, const struct item *item)
{
    text_printf(out, "\"Readiness\":%s,\"Status\":%lld", item->as.status.status > 0 ? "true" : "false",
                (long long)item->as.status.status);
    if (item->text.data) {
        text_put_str(out, ",\"Details\":");
        json_write_string(out, item->text);
    }
}

/* As C's asctime has it. */
static void put_report(const struct writing *writing, const struct item_report *report)
{
    time_t seconds = (time_t)(report->time_us / 1000000);
    struct tm tm;
    char date[64];
    if (writing->is_utc)
        gmtime_r(&seconds, &tm);
    else
        localtime_r(&seconds, &tm);
    strftime(date, sizeof date, "%a %b %e %H:%M:%S %Y", &tm);
    text_printf(writing->out, "{\"Timestamp\":%lld,\"Date\":\"%s\",\"Log\":", (long long)seconds, date);
    json_write_string(writing->out, span_of(report->text, report->len));
    text_put_char(writing->out, '}');
}

static void put_reports(const struct writing *writing, const struct item *item)
{
    text_put_char(writing->out, '[');
    for (size_t i = 0; i < item->as.status.report_count; i++) {
        if (i > 0)
            text_put_char(writing->out, ',');
        put_report(writing, &item->as.status.reports[i]);
    }
    text_put_char(writing->out, ']');
}

static void put_identifier(const struct writing *writing, const struct item *item, enum sr_what what, bool is_alone)
{
    struct text *out = writing->out;
    if (what == SR_IDENTIFIERS) {
        json_write_string(out, item->part);
        return;
    }
    if (is_alone)
        open_object(writing, item->source);
    else
        text_put_char(out, '{');
    text_put_str(out, "\"Name\":");
    json_write_string(out, item->part);
    text_put_char(out, ',');
    if (what == SR_STATUS) {
        put_status(out, item);
    } else {
        text_put_str(out, "\"Reports\":");
        put_reports(writing, item);
    }
    text_put_char(out, '}');
}

static void put_identifiers(const struct writing *writing, const struct sr_group *group, enum sr_what what,
                            bool is_alone)
{
    for (size_t i = group->begin; i < group->end; i++) {
        if (i > group->begin)
            text_put_char(writing->out, ',');
        put_identifier(writing, writing->view->items[i], what, is_alone);
    }
}

static void put_group(const struct writing *writing, const struct sr_group *group, enum sr_what what)
{
    open_object(writing, group->source);
    text_put_str(writing->out, what == SR_IDENTIFIERS ? "\"Group\":" : "\"Name\":");
    json_write_string(writing->out, group->name);
    text_put_str(writing->out, ",\"Identifiers\":[");
    put_identifiers(writing, group, what, false);
    text_put_str(writing->out, "]}");
}

static void put_all(const struct writing *writing, enum sr_what what)
{
    text_put_char(writing->out, '[');
    for (size_t i = 0; i < writing->view->group_count; i++) {
        if (i > 0)
            text_put_char(writing->out, ',');
        put_group(writing, &writing->view->groups[i], what);
    }
    text_put_char(writing->out, ']');
}

/* Of one server an object where identifiers are asked for, else the array of identifiers. */
static const char *put_groups_named(const struct writing *writing, enum sr_what what, const char *name)
{
    size_t count = 0;
    bool is_list = what != SR_IDENTIFIERS || writing->view->is_of_several;
    size_t begin = writing->out->len;
    if (is_list)
        text_put_char(writing->out, '[');
    for (size_t i = 0; i < writing->view->group_count; i++) {
        const struct sr_group *group = &writing->view->groups[i];
        if (!is_named(group->name, name))
            continue;
        if (count++ > 0)
            text_put_char(writing->out, ',');
        if (what == SR_IDENTIFIERS)
            put_group(writing, group, what);
        else
            put_identifiers(writing, group, what, true);
    }
    if (is_list)
        text_put_char(writing->out, ']');
    if (count > 0)
        return NULL;
    writing->out->len = begin;
    return "Group not found";
}

/* --- one identifier --- */

static void put_aggregate(struct text *out, const struct sr_view *view, const struct sr_group *group)
{
    bool is_ready = true;
    for (size_t i = group->begin; i < group->end; i++)
        is_ready &= view->items[i]->as.status.status > 0;
    text_printf(out, "{\"Readiness\":%s,\"Status\":%d,\"Details\":\"aggregated\"}", is_ready ? "true" : "false",
                is_ready ? 1 : -1);
}

static const char *put_one(const struct writing *writing, enum sr_what what, const char *group_name,
                           const char *identifier)
{
    const struct sr_view *view = writing->view;
    const char *fault = "Group not found";
    for (size_t g = 0; g < view->group_count; g++) {
        const struct sr_group *group = &view->groups[g];
        if (!is_named(group->name, group_name))
            continue;
        fault = what == SR_REPORTS ? "Identifier not found" : "Identity not found";
        if (what == SR_STATUS && strcasecmp(identifier, "all") == 0) {
            put_aggregate(writing->out, view, group);
            return NULL;
        }
        for (size_t i = group->begin; i < group->end; i++) {
            if (!is_named(view->items[i]->part, identifier))
                continue;
            if (what == SR_REPORTS) {
                put_reports(writing, view->items[i]);
                return NULL;
            }
            text_put_char(writing->out, '{');
            put_status(writing->out, view->items[i]);
            text_put_char(writing->out, '}');
            return NULL;
        }
    }
    return fault;
}

const char *sr_write(struct text *out, const struct sr_view *view, enum sr_what what, const char *group,
                     const char *identifier, bool is_utc)
{
    struct writing writing = {out, view, is_utc};
    if (group && identifier)
        return put_one(&writing, what, group, identifier);
    if (group)
        return put_groups_named(&writing, what, group);
    put_all(&writing, what);
    return NULL;
}

void sr_write_whole(struct text *out, const struct sr_view *view, const struct sr_group *group, bool is_utc)
{
    struct writing writing = {out, view, is_utc};
    text_put_str(out, "{\"Name\":");
    json_write_string(out, group->name);
    text_put_str(out, ",\"Identifiers\":[");
    for (size_t i = group->begin; i < group->end; i++) {
        const struct item *item = view->items[i];
        const struct item_status *status = &item->as.status;
        char since[RFC3339_US_LEN];
        rfc3339_write_us(since, item->since_us);
        text_put_str(out, i > group->begin ? ",{\"Name\":" : "{\"Name\":");
        json_write_string(out, item->part);
        text_put_char(out, ',');
        put_status(out, item);
        if (status->has_old)
            text_printf(out, ",\"OldStatus\":%lld", (long long)status->old_status);
        text_printf(out, ",\"Since\":\"%.*s\",\"Seq\":%llu,\"HeardSinceStart\":%s,\"Missed\":%llu,\"Reports\":",
                    RFC3339_US_LEN, since, (unsigned long long)item->seq, status->is_from_before ? "false" : "true",
                    (unsigned long long)status->missed);
        put_reports(&writing, item);
        text_put_char(out, '}');
    }
    text_put_str(out, "]}");
}
