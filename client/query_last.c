#include "client/query_last.h"

#include <stdlib.h>

#include "proto/tocsin_base.h"

#define ROOM_MIN 64

void query_last_init(struct query_last *last, size_t limit)
{
    *last = (struct query_last){.limit = limit};
}

void query_last_fini(struct query_last *last)
{
    for (size_t i = 0; i < last->room; i++)
        text_fini(&last->texts[i]);
    free(last->texts);
    *last = (struct query_last){0};
}

/* Twice the room, as long as nothing has gone round. */
static bool grow(struct query_last *last)
{
    size_t room = last->room < ROOM_MIN ? ROOM_MIN : 2 * last->room;
    if (last->limit > 0 && room > last->limit)
        room = last->limit;
    struct text *texts = realloc(last->texts, room * sizeof *texts);
    if (!texts)
        return false;
    for (size_t i = last->room; i < room; i++)
        text_init(&texts[i]);
    last->texts = texts;
    last->room = room;
    return true;
}

int query_last_put(struct query_last *last, struct span text)
{
    if (last->count == last->room && last->room != last->limit && !grow(last))
        return TOCSIN_E_NOMEM;
    if (last->room == 0 && !grow(last))
        return TOCSIN_E_NOMEM;
    struct text *slot = &last->texts[last->count++ % last->room];
    last->bytes -= slot->len;
    text_clear(slot);
    text_put(slot, text.data, text.len);
    last->bytes += slot->len;
    if (slot->failed)
        return TOCSIN_E_NOMEM;
    return last->bytes > QUERY_LAST_BYTES_MAX ? TOCSIN_E_FULL : TOCSIN_OK;
}

size_t query_last_count(const struct query_last *last)
{
    return last->count < last->room ? last->count : last->room;
}

struct span query_last_at(const struct query_last *last, size_t index)
{
    size_t first = last->count > last->room ? last->count : 0;
    return text_span(&last->texts[(first + index) % last->room]);
}
