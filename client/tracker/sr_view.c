/* Identifiers in their groups. */
#include <stdlib.h>
#include <strings.h>

#include "client/tracker/sr.h"

static int compare_bytes(struct span a, struct span b, bool folds)
{
    size_t len = a.len < b.len ? a.len : b.len;
    const char *left = (const char *)a.data, *right = (const char *)b.data;
    int order = folds ? strncasecmp(left, right, len) : memcmp(left, right, len);
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_groups_of(const struct item *a, const struct item *b)
{
    int order = compare_bytes(a->source, b->source, false);
    return order ? order : compare_bytes(a->name, b->name, true);
}

/* By server and group; the newest first. */
static int compare_items(const void *one, const void *other)
{
    const struct item *a = *(struct item *const *)one, *b = *(struct item *const *)other;
    int order = compare_groups_of(a, b);
    return order ? order : (a->order < b->order) - (a->order > b->order);
}

static int compare_ages(const void *one, const void *other)
{
    const struct sr_group *a = one, *b = other;
    return (a->order < b->order) - (a->order > b->order);
}

/* Each run of items of one group; its age is that of its oldest identifier. */
static void find_groups(struct sr_view *view)
{
    for (size_t begin = 0, end; begin < view->item_count; begin = end) {
        end = begin + 1;
        while (end < view->item_count && compare_groups_of(view->items[begin], view->items[end]) == 0)
            end++;
        const struct item *oldest = view->items[end - 1];
        if (begin > 0 && !span_equals(oldest->source, view->items[begin - 1]->source))
            view->is_of_several = true;
        view->groups[view->group_count++] = (struct sr_group){oldest->source, oldest->name, begin, end, oldest->order};
    }
    qsort(view->groups, view->group_count, sizeof *view->groups, compare_ages);
}

bool sr_view_init(struct sr_view *view, const struct tracker *tracker)
{
    *view = (struct sr_view){0};
    view->items = items_list(tracker->items, ITEM_STATUS, false, &view->item_count);
    if (!view->items)
        return view->item_count == 0;
    view->groups = calloc(view->item_count, sizeof *view->groups);
    if (!view->groups)
        return false;
    qsort(view->items, view->item_count, sizeof(struct item *), compare_items);
    find_groups(view);
    return true;
}

static int compare_servers(const void *one, const void *other)
{
    int order = compare_bytes(((const struct sr_group *)one)->source, ((const struct sr_group *)other)->source, false);
    return order ? order : compare_ages(one, other);
}

void sr_view_sort_by_server(struct sr_view *view)
{
    if (view->group_count > 0)
        qsort(view->groups, view->group_count, sizeof *view->groups, compare_servers);
}

void sr_view_fini(struct sr_view *view)
{
    free(view->items);
    free(view->groups);
    *view = (struct sr_view){0};
}
