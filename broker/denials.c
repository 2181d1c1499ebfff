#include "broker/denials.h"

#include <string.h>

void denials_init(struct denials *denials)
{
    *denials = (struct denials){.items = {{.door = NULL}}};
    pthread_mutex_init(&denials->lock, NULL);
}

void denials_fini(struct denials *denials)
{
    pthread_mutex_destroy(&denials->lock);
}

void denial_put(char *out, size_t size, struct span text)
{
    size_t len = text.len < size ? text.len : size - 1;
    if (len > 0)
        memcpy(out, text.data, len);
    out[len] = '\0';
}

static bool is_same(const struct denial *a, const struct denial *b)
{
    return a->door && strcmp(a->door, b->door) == 0 && strcmp(a->reason, b->reason) == 0 &&
           strcmp(a->key, b->key) == 0 && strcmp(a->address, b->address) == 0 && strcmp(a->producer, b->producer) == 0;
}

static struct denial *find(struct denials *denials, const struct denial *denial)
{
    struct denial *room = NULL;
    for (size_t i = 0; i < DENIALS_MAX - 1; i++) {
        struct denial *item = &denials->items[i];
        if (is_same(item, denial))
            return item;
        if (!room && !item->door)
            room = item;
    }
    if (room) {
        *room = *denial;
        room->count = 0;
        room->next_us = 0;
    }
    return room;
}

void denials_note(struct denials *denials, const struct denial *denial)
{
    static const struct denial others = {.door = "all", .reason = "too many kinds to name"};
    pthread_mutex_lock(&denials->lock);
    struct denial *item = find(denials, denial);
    if (!item) {
        item = &denials->items[DENIALS_MAX - 1];
        if (!item->door)
            *item = others;
    }
    item->count += denial->count;
    pthread_mutex_unlock(&denials->lock);
}

bool denials_next(struct denials *denials, uint64_t now_us, struct denial *out)
{
    bool is_found = false;
    pthread_mutex_lock(&denials->lock);
    for (size_t i = 0; i < DENIALS_MAX && !is_found; i++) {
        struct denial *item = &denials->items[i];
        if (!item->door || now_us < item->next_us)
            continue;
        is_found = item->count > 0;
        if (!is_found) {
            item->door = NULL; /* not seen for long */
            continue;
        }
        *out = *item;
        item->count = 0;
        item->next_us = now_us + DENIALS_REPEAT_US;
    }
    pthread_mutex_unlock(&denials->lock);
    return is_found;
}
