#include <stdlib.h>
#include <string.h>

#include "client/alert/rule.h"
#include "client/span_text.h"

static struct label *find(const struct labels *labels, struct span name)
{
    for (size_t i = 0; i < labels->count; i++) {
        if (span_is(name, labels->items[i].name))
            return &labels->items[i];
    }
    return NULL;
}

static void take_away(struct labels *labels, struct label *label)
{
    free(label->name);
    free(label->value);
    *label = labels->items[--labels->count];
}

static bool add(struct labels *labels, struct span name, char *value)
{
    struct label *items = realloc(labels->items, (labels->count + 1) * sizeof *items);
    if (!items)
        return false;
    labels->items = items;
    char *copied = span_text(name);
    if (!copied)
        return false;
    items[labels->count++] = (struct label){copied, value};
    return true;
}

bool labels_set(struct labels *labels, struct span name, struct span value)
{
    struct label *label = find(labels, name);
    if (value.len == 0) {
        if (label)
            take_away(labels, label);
        return true;
    }
    char *copied = span_text(value);
    if (!copied)
        return false;
    if (label) {
        free(label->value);
        label->value = copied;
        return true;
    }
    bool is_added = add(labels, name, copied);
    if (!is_added)
        free(copied);
    return is_added;
}

const char *labels_get(const struct labels *labels, const char *name)
{
    const struct label *label = find(labels, span_of_str(name));
    return label ? label->value : NULL;
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct label *)a)->name, ((const struct label *)b)->name);
}

void labels_sort(struct labels *labels)
{
    if (labels->count > 0)
        qsort(labels->items, labels->count, sizeof *labels->items, compare);
}

void labels_fini(struct labels *labels)
{
    for (size_t i = 0; i < labels->count; i++) {
        free(labels->items[i].name);
        free(labels->items[i].value);
    }
    free(labels->items);
    *labels = (struct labels){0};
}
