/* What is kept of the things that are tracked: texts and reports. */
#include <stdlib.h>

#include "client/tracker/items.h"

static void count_bytes(struct items *items, struct item *item, size_t more, size_t less)
{
    item->bytes += more - less;
    items->bytes += more - less;
}

bool items_set_text(struct items *items, struct item *item, struct span text)
{
    uint8_t *copy = text.data ? malloc(text.len + 1) : NULL;
    if (text.data && !copy)
        return false;
    if (text.len > 0)
        memcpy(copy, text.data, text.len);
    count_bytes(items, item, text.len, item->text.len);
    free((void *)(uintptr_t)item->text.data);
    item->text = span_of(copy, text.len);
    return true;
}

/* At most ITEMS_REPORT_MAX bytes, and no half of a character. */
static size_t report_len(struct span text)
{
    if (text.len <= ITEMS_REPORT_MAX)
        return text.len;
    size_t len = ITEMS_REPORT_MAX;
    while (len > 0 && (text.data[len] & 0xc0) == 0x80)
        len--;
    return len;
}

/* Makes room for one more; the oldest goes where there are enough. */
static bool make_room(struct items *items, struct item *item)
{
    struct item_status *status = &item->as.status;
    if (status->report_count == ITEMS_REPORTS_MAX) {
        count_bytes(items, item, 0, status->reports[0].len + sizeof *status->reports);
        free(status->reports[0].text);
        memmove(status->reports, status->reports + 1, --status->report_count * sizeof *status->reports);
        return true;
    }
    struct item_report *reports = realloc(status->reports, (status->report_count + 1) * sizeof *reports);
    if (!reports)
        return false;
    status->reports = reports;
    return true;
}

bool items_add_report(struct items *items, struct item *item, uint64_t time_us, struct span text)
{
    struct item_status *status = &item->as.status;
    size_t len = report_len(text);
    char *copy = malloc(len + 1);
    if (!copy || !make_room(items, item)) {
        free(copy);
        return false;
    }
    if (len > 0)
        memcpy(copy, text.data, len);
    struct item_report *report = &status->reports[status->report_count++];
    report->time_us = time_us;
    report->text = copy;
    report->len = len;
    count_bytes(items, item, len + sizeof *status->reports, 0);
    return true;
}
