/* What waits, over restarts. */
#include "client/alert/notifier_inner.h"
#include "client/complain.h"

void notifier_save(const struct notifier *notifier, struct text *out)
{
    wire_write_array(out, (uint32_t)notifier_waiting(notifier));
    for (size_t i = 0; i < notifier->lane_count; i++) {
        const struct lane *lane = &notifier->lanes[i];
        for (size_t d = 0; d < lane->count; d++) {
            wire_write_str(out, span_of_str(lane->receiver->name));
            wire_write_uint(out, lane->index);
            wire_write_uint(out, (uint64_t)lane->target->kind);
            wire_write_str(out, span_of_str(lane->items[d]->id));
            wire_write_uint(out, lane->items[d]->queued_us);
            wire_write_uint(out, lane->items[d]->is_chosen);
            letter_save(&lane->items[d]->letter, out);
        }
    }
}

static struct lane *find_lane(struct notifier *notifier, struct span receiver, uint64_t index, uint64_t kind)
{
    for (size_t i = 0; i < notifier->lane_count; i++) {
        struct lane *lane = &notifier->lanes[i];
        if (span_is(receiver, lane->receiver->name) && lane->index == index && (uint64_t)lane->target->kind == kind)
            return lane;
    }
    return NULL;
}

static bool restore_one(struct notifier *notifier, struct wire_reader *reader, size_t *gone)
{
    struct span receiver, id;
    uint64_t index, kind, queued_us, is_chosen;
    struct letter letter = {.key = NULL};
    char copied[LETTER_ID_MAX];
    bool is_good = wire_read_str(reader, &receiver) && wire_read_uint(reader, &index) &&
                   wire_read_uint(reader, &kind) && wire_read_str(reader, &id) && id.len < LETTER_ID_MAX &&
                   wire_read_uint(reader, &queued_us) && wire_read_uint(reader, &is_chosen) &&
                   letter_restore(&letter, reader);
    if (is_good) {
        struct lane *lane = find_lane(notifier, receiver, index, kind);
        memcpy(copied, id.data, id.len);
        copied[id.len] = '\0';
        struct delivery *delivery = lane ? notifier_queue(notifier, lane, &letter, copied, queued_us) : NULL;
        if (delivery)
            delivery->is_chosen = is_chosen != 0;
        is_good = delivery || !lane;
        *gone += lane == NULL;
    }
    letter_fini(&letter);
    return is_good;
}

bool notifier_restore(struct notifier *notifier, struct wire_reader *reader)
{
    uint32_t count;
    size_t gone = 0;
    if (!wire_read_array(reader, &count))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        if (!restore_one(notifier, reader, &gone))
            return false;
    }
    if (gone > 0)
        complain("%zu notices waited for targets that are not in the file any more, and are given up", gone);
    return true;
}
