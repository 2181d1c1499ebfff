#include "broker/log_mark.h"

#include <stdlib.h>
#include <string.h>

#define ANCHORS_MAX  (1u << 20)
#define LINE_END_LEN (CHAIN_HEX_LEN + 3) /* the digits, "} and LF */

void log_mark_fini(struct log_mark *mark)
{
    free(mark->anchors);
    *mark = (struct log_mark){.anchor_bytes = mark->anchor_bytes};
}

struct log_place log_mark_start(const struct log_origin *origin)
{
    struct log_place place = {.seq = origin->previous_seq};
    if (origin->has_previous)
        memcpy(place.hash, origin->previous_hash, CHAIN_HASH_LEN);
    else
        chain_start(place.hash, span_of(origin->log_id, LOG_ID_LEN));
    return place;
}

bool log_mark_is_origin(const struct log_mark *mark, const struct log_origin *origin)
{
    const struct log_origin *own = &mark->origin;
    return strcmp(own->log_id, origin->log_id) == 0 && own->has_previous == origin->has_previous &&
           own->previous_seq == origin->previous_seq &&
           memcmp(own->previous_hash, origin->previous_hash, CHAIN_HASH_LEN) == 0;
}

static void add_anchor(struct log_mark *mark, const struct log_place *place)
{
    if (mark->anchor_count == mark->anchor_room) {
        size_t room = mark->anchor_room == 0 ? 16 : mark->anchor_room * 2;
        struct log_place *anchors =
            mark->anchor_room < ANCHORS_MAX ? realloc(mark->anchors, room * sizeof *anchors) : NULL;
        if (anchors == NULL)
            return;
        mark->anchors = anchors;
        mark->anchor_room = room;
    }
    mark->anchors[mark->anchor_count++] = *place;
}

void log_mark_move(struct log_mark *mark, const struct log_place *end)
{
    uint64_t last = mark->anchor_count == 0 ? 0 : mark->anchors[mark->anchor_count - 1].offset;
    mark->end = *end;
    if (end->offset >= last + mark->anchor_bytes)
        add_anchor(mark, end);
}

const struct log_place *log_mark_anchor(const struct log_mark *mark, uint64_t len, uint64_t leave)
{
    for (size_t i = mark->anchor_count; i > 0; i--)
        if (mark->anchors[i - 1].offset <= len && len - mark->anchors[i - 1].offset >= leave)
            return &mark->anchors[i - 1];
    return NULL;
}

int log_mark_check(const struct log_place *place, const struct disk *disk, int fd)
{
    char expected[LINE_END_LEN];
    char found[LINE_END_LEN];

    if (place->offset < LINE_END_LEN)
        return 0;
    ssize_t len = disk_read_all(disk, fd, found, LINE_END_LEN, place->offset - LINE_END_LEN);
    if (len < 0)
        return (int)len;
    chain_write_hex(expected, place->hash);
    memcpy(expected + CHAIN_HEX_LEN, "\"}\n", 3);
    return len == LINE_END_LEN && memcmp(found, expected, LINE_END_LEN) == 0;
}
