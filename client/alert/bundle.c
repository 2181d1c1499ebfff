#include "client/alert/bundle.h"

#include <stdlib.h>

struct bundle *bundle_new(const struct receiver *receiver, bool is_managers, const char *key, bool is_group)
{
    struct bundle *bundle = calloc(1, sizeof *bundle);
    if (!bundle)
        return NULL;
    *bundle = (struct bundle){.receiver = receiver,
                              .is_managers = is_managers,
                              .key = strdup(key),
                              .is_group = is_group,
                              .due_us = UINT64_MAX,
                              .repeat_us = UINT64_MAX};
    if (!bundle->key)
        bundle_free(&bundle);
    return bundle;
}

void bundle_free(struct bundle **self)
{
    struct bundle *bundle = *self;
    if (!bundle)
        return;
    labels_fini(&bundle->labels);
    free(bundle->key);
    free(bundle->posts);
    free(bundle);
    *self = NULL;
}

/* {}:{sourceId="a", …}, as Alertmanager has it. */
bool bundle_make_key(struct text *key, struct labels *labels, const struct receiver *receiver,
                     const struct labels *of_alert)
{
    text_put_str(key, "{}:{");
    for (size_t i = 0; i < receiver->group_by.count; i++) {
        struct span name = receiver->group_by.items[i];
        const char *value = labels_get(of_alert, (const char *)name.data);
        if (!value)
            continue;
        text_printf(key, "%s%s=\"%s\"", labels->count > 0 ? ", " : "", (const char *)name.data, value);
        if (!labels_set(labels, name, span_of_str(value)))
            return false;
    }
    text_put_char(key, '}');
    text_put_char(key, '\0');
    return !key->failed;
}

struct post *bundle_find(const struct bundle *bundle, const struct active *active)
{
    for (size_t i = 0; i < bundle->count; i++) {
        if (bundle->posts[i].active == active)
            return &bundle->posts[i];
    }
    return NULL;
}

struct post *bundle_add(struct bundle *bundle, struct active *active)
{
    struct post *posts = realloc(bundle->posts, (bundle->count + 1) * sizeof *posts);
    if (!posts)
        return NULL;
    bundle->posts = posts;
    if (!active_join(active, bundle))
        return NULL;
    posts[bundle->count] = (struct post){.active = active};
    return &posts[bundle->count++];
}

void bundle_remove_ended(struct bundle *bundle, void (*on_removed)(void *context, struct active *active), void *context)
{
    size_t kept = 0;
    for (size_t i = 0; i < bundle->count; i++) {
        struct active *active = bundle->posts[i].active;
        if (active->notice.is_firing) {
            bundle->posts[kept++] = bundle->posts[i];
            continue;
        }
        active_leave(active, bundle);
        if (active->bundle_count == 0)
            on_removed(context, active);
    }
    bundle->count = kept;
}
