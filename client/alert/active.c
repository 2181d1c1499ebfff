#include "client/alert/active.h"
#include "client/span_text.h"

#include <stdlib.h>
#include <string.h>

static void active_fini(struct active *active)
{
    notice_fini(&active->notice);
    free(active->rule);
    free(active->receivers);
}

void actives_fini(struct actives *actives)
{
    for (size_t i = 0; i < actives->count; i++)
        active_fini(&actives->items[i]);
    free(actives->items);
    *actives = (struct actives){0};
}

static struct active *make_room(struct actives *actives)
{
    if (actives->count == actives->room) {
        size_t room = actives->room ? actives->room * 2 : 64;
        struct active *items = realloc(actives->items, room * sizeof *items);
        if (!items)
            return NULL;
        actives->items = items;
        actives->room = room;
    }
    struct active *active = &actives->items[actives->count];
    *active = (struct active){0};
    return active;
}

/* NULL: out of memory. */
static char *join_receivers(const struct rule *rule)
{
    struct text names;
    text_init(&names);
    for (size_t i = 0; i < rule->receiver_count; i++) {
        text_put(&names, rule->receivers[i].data, rule->receivers[i].len);
        text_put_char(&names, '\n');
    }
    char *joined = names.failed ? NULL : span_text(text_span(&names));
    text_fini(&names);
    return joined;
}

struct active *actives_add(struct actives *actives, const struct notice *notice, const struct rule *rule)
{
    struct active *active = make_room(actives);
    if (!active)
        return NULL;
    active->rule = strdup(rule->name);
    active->receivers = join_receivers(rule);
    if (!notice_copy(&active->notice, notice) || !active->rule || !active->receivers) {
        active_fini(active);
        return NULL;
    }
    actives->count++;
    return active;
}

struct active *actives_find(const struct actives *actives, const char *fingerprint)
{
    for (size_t i = 0; i < actives->count; i++) {
        if (memcmp(actives->items[i].notice.fingerprint, fingerprint, NOTICE_FINGERPRINT_LEN) == 0)
            return &actives->items[i];
    }
    return NULL;
}

void actives_remove(struct actives *actives, struct active *active)
{
    active_fini(active);
    *active = actives->items[--actives->count];
}

void actives_save(const struct actives *actives, struct text *out)
{
    wire_write_array(out, (uint32_t)actives->count);
    for (size_t i = 0; i < actives->count; i++) {
        const struct active *active = &actives->items[i];
        wire_write_str(out, span_of_str(active->rule));
        wire_write_str(out, span_of_str(active->receivers));
        wire_write_uint(out, active->repeats);
        wire_write_uint(out, active->repeat_us);
        notice_save(&active->notice, out);
    }
}

static bool restore_one(struct actives *actives, struct wire_reader *reader)
{
    struct span rule, receivers;
    uint64_t repeats;
    struct active *active = make_room(actives);
    if (!active)
        return false;
    bool is_good = wire_read_str(reader, &rule) && wire_read_str(reader, &receivers) &&
                   wire_read_uint(reader, &repeats) && wire_read_uint(reader, &active->repeat_us) &&
                   notice_restore(&active->notice, reader) && (active->rule = span_text(rule)) != NULL &&
                   (active->receivers = span_text(receivers)) != NULL;
    if (!is_good) {
        active_fini(active);
        return false;
    }
    active->repeats = (unsigned)repeats;
    actives->count++;
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
