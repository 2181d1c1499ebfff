#include "broker/log_state.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "proto/wire.h"

#define MAGIC         "tocsin-state-2\n"
#define MAGIC_LEN     (sizeof MAGIC - 1)
#define STATE_LEN_MAX (UINT64_C(4) << 30)
#define PIECE_LEN     65536
#define NEW_NAME      LOG_NAME_STATE ".new"

void log_state_fini(struct log_state *state)
{
    log_mark_fini(&state->mark);
    text_fini(&state->raw);
    *state = (struct log_state){0};
}

static bool read_str(struct wire_reader *reader, char *out, size_t size)
{
    struct span value;
    if (!wire_read_str(reader, &value) || value.len >= size)
        return false;
    memcpy(out, value.data, value.len);
    out[value.len] = '\0';
    return true;
}

static bool read_hash(struct wire_reader *reader, uint8_t hash[CHAIN_HASH_LEN])
{
    struct wire_token token;
    if (wire_read(reader, &token) != WIRE_BIN || token.as.bytes.len != CHAIN_HASH_LEN)
        return false;
    memcpy(hash, token.as.bytes.data, CHAIN_HASH_LEN);
    return true;
}

static bool read_bool(struct wire_reader *reader, bool *value)
{
    struct wire_token token;
    if (wire_read(reader, &token) != WIRE_BOOL)
        return false;
    *value = token.as.boolean;
    return true;
}

static bool read_place(struct wire_reader *reader, struct log_place *place)
{
    return wire_read_uint(reader, &place->offset) && wire_read_uint(reader, &place->line) &&
           wire_read_uint(reader, &place->seq) && read_hash(reader, place->hash);
}

static bool read_origin(struct wire_reader *reader, struct log_origin *origin)
{
    return read_str(reader, origin->log_id, sizeof origin->log_id) && strlen(origin->log_id) == LOG_ID_LEN &&
           read_bool(reader, &origin->has_previous) &&
           read_str(reader, origin->previous_file, sizeof origin->previous_file) &&
           wire_read_uint(reader, &origin->previous_seq) && read_hash(reader, origin->previous_hash);
}

static bool read_anchors(struct wire_reader *reader, struct log_mark *mark)
{
    struct log_place end = mark->end;
    struct log_place anchor;
    uint32_t count;

    if (!wire_read_array(reader, &count))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        if (!read_place(reader, &anchor) || anchor.offset > end.offset || anchor.seq > end.seq)
            return false;
        log_mark_move(mark, &anchor);
    }
    mark->end = end;
    return true;
}

static bool read_state(struct wire_reader *reader, struct log_state *state)
{
    uint64_t gap;

    if (!read_origin(reader, &state->mark.origin) || !read_place(reader, &state->mark.end) ||
        !wire_read_uint(reader, &state->next_seq) || !wire_read_uint(reader, &gap) || gap >= LOG_GAP_COUNT ||
        !read_bool(reader, &state->is_relaxed) || !read_str(reader, state->boot_id, sizeof state->boot_id))
        return false;
    state->gap = (enum log_gap)gap;
    return state->next_seq > state->mark.end.seq && read_anchors(reader, &state->mark);
}

/* The whole file, when its name, frame and checksum are right. */
static const char *read_file(struct text *raw, const struct disk *disk, int dir)
{
    struct disk_stat stat;
    uint8_t hash[CHAIN_HASH_LEN];

    int fd = disk->open(disk, dir, LOG_NAME_STATE, DISK_READ);
    if (fd == -ENOENT)
        return "there is no state file";
    if (fd < 0)
        return "the state file cannot be opened";
    ssize_t len = -EIO;
    if (disk->stat(disk, fd, &stat) == 0 && stat.len <= STATE_LEN_MAX && text_reserve(raw, stat.len))
        len = disk_read_all(disk, fd, raw->data, stat.len, 0);
    disk->close(disk, fd);
    if (len < 0)
        return "the state file cannot be read";
    if ((size_t)len < MAGIC_LEN + CHAIN_HASH_LEN || memcmp(raw->data, MAGIC, MAGIC_LEN) != 0)
        return "the state file is of another kind";
    raw->len = (size_t)len - CHAIN_HASH_LEN;
    crypto_generichash(hash, CHAIN_HASH_LEN, (const uint8_t *)raw->data, raw->len, NULL, 0);
    return memcmp(hash, raw->data + raw->len, CHAIN_HASH_LEN) == 0 ? NULL : "the state file is damaged";
}

const char *log_state_load(struct log_state *state, const struct disk *disk, int dir)
{
    *state = (struct log_state){0};
    const char *fault = read_file(&state->raw, disk, dir);
    if (fault == NULL) {
        struct wire_reader reader = wire_reader_of(span_of(state->raw.data + MAGIC_LEN, state->raw.len - MAGIC_LEN));
        if (!read_state(&reader, state))
            fault = "the state file makes no sense";
        state->lasts_at = (size_t)(reader.at - (const uint8_t *)state->raw.data);
    }
    if (fault != NULL)
        log_state_fini(state);
    return fault;
}

static bool take_topics(struct wire_reader *reader, uint64_t end_seq, struct topics *topics)
{
    struct span topic;
    uint64_t seq;
    uint32_t count;

    if (!wire_read_array(reader, &count))
        return false;
    for (uint32_t i = 0; i + 1 < count; i += 2) {
        if (!wire_read_str(reader, &topic) || !wire_read_uint(reader, &seq) || seq > end_seq)
            return false;
        if (topics)
            topics_advance(topics, topic, seq);
    }
    return true;
}

static bool take_producers(struct wire_reader *reader, uint64_t end_seq, struct producers *producers)
{
    struct span name;
    struct wire_token hash;
    struct producer_last last;
    uint32_t count;

    if (!wire_read_array(reader, &count))
        return false;
    for (uint32_t i = 0; i + 3 < count; i += 4) {
        if (!wire_read_str(reader, &name) || !wire_read_uint(reader, &last.n) || !wire_read_uint(reader, &last.seq) ||
            last.seq > end_seq || wire_read(reader, &hash) != WIRE_BIN || hash.as.bytes.len != sizeof last.hash)
            return false;
        memcpy(last.hash, hash.as.bytes.data, sizeof last.hash);
        if (producers)
            producers_advance(producers, name, &last);
    }
    return true;
}

bool log_state_take_lasts(const struct log_state *state, struct log_lasts lasts)
{
    struct span bytes = span_of(state->raw.data + state->lasts_at, state->raw.len - state->lasts_at);
    struct wire_reader reader = wire_reader_of(bytes);
    return take_topics(&reader, state->mark.end.seq, lasts.topics) &&
           take_producers(&reader, state->mark.end.seq, lasts.producers);
}

/* The file as it is written, a piece at a time. */
struct writer {
    const struct disk *disk;
    int fd;
    struct text piece;
    crypto_generichash_state hash;
    int64_t len;
    int error;
};

static void flush(struct writer *writer)
{
    if (writer->piece.failed && writer->error == 0)
        writer->error = -ENOMEM;
    crypto_generichash_update(&writer->hash, (const uint8_t *)writer->piece.data, writer->piece.len);
    if (writer->error == 0)
        writer->error =
            disk_write_all_at(writer->disk, writer->fd, writer->piece.data, writer->piece.len, (uint64_t)writer->len);
    writer->len += (int64_t)writer->piece.len;
    text_clear(&writer->piece);
}

static void write_place(struct text *out, const struct log_place *place)
{
    wire_write_uint(out, place->offset);
    wire_write_uint(out, place->line);
    wire_write_uint(out, place->seq);
    wire_write_bin(out, span_of(place->hash, CHAIN_HASH_LEN));
}

static void write_state(struct text *out, const struct log_state *state)
{
    const struct log_origin *origin = &state->mark.origin;

    text_put(out, MAGIC, MAGIC_LEN);
    wire_write_str(out, span_of_str(origin->log_id));
    wire_write_bool(out, origin->has_previous);
    wire_write_str(out, span_of_str(origin->previous_file));
    wire_write_uint(out, origin->previous_seq);
    wire_write_bin(out, span_of(origin->previous_hash, CHAIN_HASH_LEN));
    write_place(out, &state->mark.end);
    wire_write_uint(out, state->next_seq);
    wire_write_uint(out, (uint64_t)state->gap);
    wire_write_bool(out, state->is_relaxed);
    wire_write_str(out, span_of_str(state->boot_id));
    wire_write_array(out, (uint32_t)state->mark.anchor_count);
    for (size_t i = 0; i < state->mark.anchor_count; i++)
        write_place(out, &state->mark.anchors[i]);
}

static void write_topics(struct writer *writer, const struct topics *topics)
{
    struct span topic;
    uint64_t seq;

    wire_write_array(&writer->piece, (uint32_t)topics_count(topics) * 2);
    for (size_t at = 0; topics_next(topics, &at, &topic, &seq);) {
        wire_write_str(&writer->piece, topic);
        wire_write_uint(&writer->piece, seq);
        if (writer->piece.len >= PIECE_LEN)
            flush(writer);
    }
}

static void write_producers(struct writer *writer, const struct producers *producers)
{
    struct span name;
    struct producer_last last;

    wire_write_array(&writer->piece, producers != NULL ? (uint32_t)producers_count(producers) * 4 : 0);
    if (producers == NULL)
        return;
    for (size_t at = 0; producers_next(producers, &at, &name, &last);) {
        wire_write_str(&writer->piece, name);
        wire_write_uint(&writer->piece, last.n);
        wire_write_uint(&writer->piece, last.seq);
        wire_write_bin(&writer->piece, span_of(last.hash, sizeof last.hash));
        if (writer->piece.len >= PIECE_LEN)
            flush(writer);
    }
}

static void write_file(struct writer *writer, const struct log_state *state, struct log_lasts lasts)
{
    uint8_t hash[CHAIN_HASH_LEN];

    crypto_generichash_init(&writer->hash, NULL, 0, CHAIN_HASH_LEN);
    write_state(&writer->piece, state);
    if (lasts.topics != NULL) {
        write_topics(writer, lasts.topics);
        write_producers(writer, lasts.producers);
    }
    flush(writer);
    crypto_generichash_final(&writer->hash, hash, CHAIN_HASH_LEN);
    if (writer->error == 0)
        writer->error = disk_write_all_at(writer->disk, writer->fd, hash, CHAIN_HASH_LEN, (uint64_t)writer->len);
    if (writer->error == 0)
        writer->error = writer->disk->sync(writer->disk, writer->fd);
    text_fini(&writer->piece);
}

int64_t log_state_save(const struct log_state *state, struct log_lasts lasts, const struct disk *disk, int dir)
{
    struct writer writer = {.disk = disk};

    writer.fd = disk->open(disk, dir, NEW_NAME, DISK_REPLACEABLE);
    if (writer.fd < 0)
        return writer.fd;
    write_file(&writer, state, lasts);
    disk->close(disk, writer.fd);
    if (writer.error == 0)
        writer.error = disk->replace(disk, dir, NEW_NAME, LOG_NAME_STATE);
    if (writer.error == 0)
        writer.error = disk->sync_dir(disk, dir);
    if (writer.error != 0)
        disk->unlink(disk, dir, NEW_NAME);
    return writer.error != 0 ? writer.error : writer.len + CHAIN_HASH_LEN;
}
