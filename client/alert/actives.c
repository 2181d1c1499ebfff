#include "client/alert/actives.h"

#include <stdlib.h>
#include <string.h>

#include "client/span_text.h"

#define TABLE_MIN 256u

static void active_free(struct active *active)
{
    notice_fini(&active->notice);
    free(active->rule);
    free(active->bundles);
    free(active);
}

void actives_fini(struct actives *actives)
{
    for (size_t i = 0; i < actives->count; i++)
        active_free(actives->items[i]);
    free(actives->items);
    free(actives->table);
    *actives = (struct actives){0};
}

/* A fingerprint is as random as its place need be. */
static size_t place_of(const struct actives *actives, const char *fingerprint)
{
    uint64_t hash;
    memcpy(&hash, fingerprint, sizeof hash);
    hash *= UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(hash >> 32) & (actives->table_size - 1);
}

static void put_in(struct actives *actives, struct active *active)
{
    struct active **place = &actives->table[place_of(actives, active->notice.fingerprint)];
    active->next = *place;
    *place = active;
}

/* Room for one more, in the list and in the table. */
static bool make_room(struct actives *actives)
{
    if (actives->count < actives->table_size)
        return true;
    size_t size = actives->table_size ? actives->table_size * 2 : TABLE_MIN;
    struct active **items = realloc(actives->items, size * sizeof(struct active *));
    if (items)
        actives->items = items;
    struct active **table = items ? calloc(size, sizeof(struct active *)) : NULL;
    if (!table)
        return false;
    free(actives->table);
    actives->table = table;
    actives->table_size = size;
    for (size_t i = 0; i < actives->count; i++)
        put_in(actives, actives->items[i]);
    return true;
}

struct active *actives_add(struct actives *actives, const struct notice *notice, struct span rule)
{
    struct active *active = make_room(actives) ? calloc(1, sizeof *active) : NULL;
    if (!active)
        return NULL;
    active->rule = span_text(rule);
    if (!notice_copy(&active->notice, notice) || !active->rule) {
        active_free(active);
        return NULL;
    }
    active->place = actives->count;
    actives->items[actives->count++] = active;
    put_in(actives, active);
    return active;
}

struct active *actives_find(const struct actives *actives, const char *fingerprint)
{
    struct active *active = actives->table_size ? actives->table[place_of(actives, fingerprint)] : NULL;
    while (active && memcmp(active->notice.fingerprint, fingerprint, NOTICE_FINGERPRINT_LEN) != 0)
        active = active->next;
    return active;
}

void actives_remove(struct actives *actives, struct active *active)
{
    struct active **at = &actives->table[place_of(actives, active->notice.fingerprint)];
    while (*at != active)
        at = &(*at)->next;
    *at = active->next;
    struct active *last = actives->items[--actives->count];
    actives->items[active->place] = last;
    last->place = active->place;
    active_free(active);
}

bool active_join(struct active *active, struct bundle *bundle)
{
    struct bundle **bundles = realloc(active->bundles, (active->bundle_count + 1) * sizeof(struct bundle *));
    if (!bundles)
        return false;
    active->bundles = bundles;
    bundles[active->bundle_count++] = bundle;
    return true;
}

void active_leave(struct active *active, const struct bundle *bundle)
{
    for (size_t i = 0; i < active->bundle_count; i++) {
        if (active->bundles[i] != bundle)
            continue;
        active->bundle_count--;
        memmove(&active->bundles[i], &active->bundles[i + 1], (active->bundle_count - i) * sizeof(struct bundle *));
        return;
    }
}

void actives_save(const struct actives *actives, struct text *out)
{
    wire_write_array(out, (uint32_t)actives->count);
    for (size_t i = 0; i < actives->count; i++) {
        const struct active *active = actives->items[i];
        wire_write_str(out, span_of_str(active->rule));
        wire_write_uint(out, active->repeat_us);
        wire_write_uint(out, (uint64_t)active->mute.kind);
        wire_write_str(out, span_of_str(active->mute.by));
        notice_save(&active->notice, out);
    }
}

static bool restore_one(struct actives *actives, struct wire_reader *reader)
{
    struct span rule, by;
    uint64_t repeat_us, kind;
    struct notice notice = {.is_firing = false};
    bool is_good = wire_read_str(reader, &rule) && wire_read_uint(reader, &repeat_us) &&
                   wire_read_uint(reader, &kind) && kind <= MUTE_INHIBITED && wire_read_str(reader, &by) &&
                   by.len <= NOTICE_FINGERPRINT_LEN && notice_restore(&notice, reader) &&
                   !actives_find(actives, notice.fingerprint);
    struct active *active = is_good ? actives_add(actives, &notice, rule) : NULL;
    notice_fini(&notice);
    if (!active)
        return false;
    active->repeat_us = repeat_us;
    active->mute.kind = (enum mute_kind)kind;
    memcpy(active->mute.by, by.data, by.len);
    return true;
}

bool actives_restore(struct actives *actives, struct wire_reader *reader)
{
    uint32_t count;
    if (!wire_read_array(reader, &count))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        if (!restore_one(actives, reader))
            return false;
    }
    return true;
}
