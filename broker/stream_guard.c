/* What a key may read, and what becomes of its sessions when that changes. */
#include "broker/clock.h"
#include "broker/stream_internal.h"

static void deny(struct stream *stream, const char *reason)
{
    guard_deny(&stream->guard, stream->options.door, reason, &stream->message, span_of("", 0));
}

static const struct access_key *key_of(const struct stream *stream, access_id owner)
{
    return access_find_id(stream->guard.view.table, owner, stream->guard.wall_us);
}

bool stream_may_read(const struct stream *stream, access_id owner)
{
    if (!stream->options.door->is_secured)
        return true;
    const struct access_key *key = key_of(stream, owner);
    return key && access_may_stream(key);
}

/* A client whose rights have changed opens again, and gets what it may have now. */
static void recheck(struct stream *stream)
{
    for (size_t slot = 0; slot < stream_table_slots(stream->table) && stream->options.door->is_secured; slot++) {
        struct stream_entry *entry = stream_table_at(stream->table, slot);
        if (!entry)
            continue;
        bool may_read = stream_may_read(stream, entry->owner);
        if (may_read && key_of(stream, entry->owner)->rights == entry->rights)
            continue;
        stream_send_error(stream, stream_entry_route(entry), may_read ? "closed" : "denied",
                          may_read ? "the rights of this key have changed" : "this key may not read any more");
        stream_close(stream, entry);
    }
}

static void sweep(struct stream *stream)
{
    guard_sweep(&stream->guard, stream->now_us);
    stats_set(&stream->options.stats->stream_connections_ended, stream->guard.kicked);
}

void stream_guard_turn(struct stream *stream)
{
    struct guard *guard = &stream->guard;
    if (guard_refresh(guard, clock_wall_us())) {
        recheck(stream);
        sweep(stream);
    } else if (guard->next_kick_us > 0 && stream->now_us >= guard->next_kick_us) {
        sweep(stream);
    }
}

void stream_guard_tick(struct stream *stream)
{
    recheck(stream);
    sweep(stream);
    guard_flush(&stream->guard);
}

bool stream_identify(struct stream *stream)
{
    if (guard_identify(&stream->guard, stream->options.door, &stream->message, &stream->key) &&
        (!stream->key || access_may_open(stream->key, stream->options.door->name)))
        return true;
    stats_add(&stream->options.stats->stream_denied, 1);
    deny(stream, "key no longer valid");
    return false;
}

const char *stream_cut_filters(struct stream *stream, const struct span **filters, size_t *count)
{
    const struct stream_request *request = &stream->request;
    *filters = request->filters;
    *count = request->filter_count;
    if (!stream->key || stream->key->reads_everything)
        return NULL;
    *filters = stream->readable;
    *count = access_readable(stream->key, request->filters, request->filter_count, stream->readable);
    if (*count > 0)
        return NULL;
    stats_add(&stream->options.stats->stream_denied, 1);
    deny(stream, "forbidden topics");
    return "this key may read nothing of that";
}

/* What is to come only: from now on, or from a seq that is not there yet. */
static bool is_past(const struct stream *stream)
{
    const struct stream_request *request = &stream->request;
    bool is_new = request->from == STREAM_FROM_NEW ||
                  (request->from == STREAM_FROM_SEQ && request->from_value > stream->limit_seq);
    return !is_new || request->latest;
}

static size_t count_of(const struct stream *stream, access_id owner, const struct stream_entry *but)
{
    size_t count = 0;
    for (size_t slot = 0; slot < stream_table_slots(stream->table); slot++) {
        const struct stream_entry *entry = stream_table_at(stream->table, slot);
        count += entry && entry != but && entry->owner == owner;
    }
    return count;
}

const char *stream_forbids_open(struct stream *stream, const struct stream_entry *entry, const char **code)
{
    const struct access_key *key = stream->key;
    if (!key)
        return NULL;
    if (!key->replay && is_past(stream)) {
        stats_add(&stream->options.stats->stream_denied, 1);
        deny(stream, "forbidden replay");
        return "this key may not read what is past";
    }
    if (key->limits.sessions == 0 || count_of(stream, key->id, entry) < key->limits.sessions)
        return NULL;
    deny(stream, "too many sessions");
    *code = "busy";
    return "this key has as many sessions as it may have";
}
