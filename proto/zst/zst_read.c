#include "proto/zst/zst_read.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

static uint32_t read_u32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* All of it, or -EBADMSG where the file ends before. */
static int read_all(const struct zst_source *source, void *bytes, size_t len, uint64_t offset)
{
    ssize_t count = source->read_at(source->arg, bytes, len, offset);
    if (count < 0)
        return (int)count;
    return (size_t)count == len ? 0 : -EBADMSG;
}

void zst_table_fini(struct zst_table *table)
{
    free(table->entries);
    *table = (struct zst_table){0};
}

/* What the end of the file says: how many frames, and how long an entry is. */
static int read_foot(size_t *count, size_t *entry_len, const struct zst_source *source, uint64_t packed_len)
{
    uint8_t foot[ZST_FOOT_LEN];
    if (packed_len < ZST_SKIP_LEN + ZST_FOOT_LEN)
        return -EBADMSG;
    int error = read_all(source, foot, sizeof foot, packed_len - sizeof foot);
    if (error < 0)
        return error;
    *count = read_u32(foot);
    *entry_len = ZST_ENTRY_LEN + ((foot[4] & ZST_CHECKSUM) != 0 ? ZST_CHECKSUM_LEN : 0);
    bool is_foot = read_u32(foot + 5) == ZST_SEEK_MAGIC && (foot[4] & ZST_RESERVED) == 0 && *count <= ZST_FRAMES_MAX;
    return is_foot ? 0 : -EBADMSG;
}

static bool add_entry(struct zst_table *table, const uint8_t *at)
{
    struct zst_entry *entry = &table->entries[table->count++];
    uint32_t packed_len = read_u32(at), content_len = read_u32(at + 4);
    entry[1] = (struct zst_entry){entry->packed_at + packed_len, entry->content_at + content_len};
    return content_len > 0 && content_len <= ZST_FRAME_MAX && packed_len > 0 &&
           packed_len <= ZSTD_compressBound(content_len);
}

/* The frame that is skipped: its head, the entries and the foot. */
static int take_entries(struct zst_table *table, const uint8_t *bytes, size_t len, size_t count, size_t entry_len,
                        uint64_t packed_len)
{
    bool is_good = read_u32(bytes) == ZST_SKIP_MAGIC && read_u32(bytes + 4) == len - ZST_SKIP_LEN;
    table->entries[0] = (struct zst_entry){0, 0};
    for (size_t i = 0; is_good && i < count; i++)
        is_good = add_entry(table, bytes + ZST_SKIP_LEN + i * entry_len);
    table->len = table->entries[table->count].content_at;
    return is_good && table->entries[table->count].packed_at == packed_len - len ? 0 : -EBADMSG;
}

int zst_table_read(struct zst_table *table, const struct zst_source *source, uint64_t packed_len)
{
    size_t count = 0, entry_len = ZST_ENTRY_LEN;

    *table = (struct zst_table){0};
    int error = read_foot(&count, &entry_len, source, packed_len);
    if (error < 0)
        return error;
    size_t len = ZST_SKIP_LEN + count * entry_len + ZST_FOOT_LEN;
    if (len > packed_len)
        return -EBADMSG;
    uint8_t *bytes = malloc(len);
    table->entries = calloc(count + 1, sizeof *table->entries);
    error = bytes == NULL || table->entries == NULL ? -ENOMEM : read_all(source, bytes, len, packed_len - len);
    if (error == 0)
        error = take_entries(table, bytes, len, count, entry_len, packed_len);
    free(bytes);
    if (error < 0)
        zst_table_fini(table);
    return error;
}

size_t zst_table_find(const struct zst_table *table, uint64_t offset)
{
    size_t low = 0, high = table->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (table->entries[middle].content_at <= offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static bool make_room(uint8_t **bytes, size_t *room, size_t wanted)
{
    if (*room >= wanted)
        return true;
    uint8_t *larger = realloc(*bytes, wanted);
    if (larger == NULL)
        return false;
    *bytes = larger;
    *room = wanted;
    return true;
}

int zst_frame_read(struct zst_frame *frame, struct zst_unpacker *unpacker, const struct zst_table *table,
                   const struct zst_source *source, size_t index)
{
    const struct zst_entry *from = &table->entries[index], *to = from + 1;
    size_t packed_len = (size_t)(to->packed_at - from->packed_at);
    size_t len = (size_t)(to->content_at - from->content_at);

    frame->len = 0;
    frame->content_at = from->content_at;
    if (unpacker->context == NULL)
        unpacker->context = ZSTD_createDCtx();
    if (unpacker->context == NULL || !make_room(&frame->bytes, &frame->room, len) ||
        !make_room(&unpacker->packed, &unpacker->room, packed_len))
        return -ENOMEM;
    int error = read_all(source, unpacker->packed, packed_len, from->packed_at);
    if (error < 0)
        return error;
    if (ZSTD_decompressDCtx(unpacker->context, frame->bytes, len, unpacker->packed, packed_len) != len)
        return -EBADMSG;
    frame->len = len;
    return 0;
}

void zst_frame_fini(struct zst_frame *frame)
{
    free(frame->bytes);
    *frame = (struct zst_frame){0};
}

void zst_unpacker_fini(struct zst_unpacker *unpacker)
{
    ZSTD_freeDCtx(unpacker->context);
    free(unpacker->packed);
    *unpacker = (struct zst_unpacker){0};
}
