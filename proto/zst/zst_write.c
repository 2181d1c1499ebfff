#include "proto/zst/zst_write.h"

#include <errno.h>
#include <stdlib.h>
#include <zstd.h>

#define FIRST_CONTENT_LEN (16u << 10)

static void put_u32(struct text *out, uint32_t value)
{
    const uint8_t bytes[] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16), (uint8_t)(value >> 24)};
    text_put(out, bytes, sizeof bytes);
}

int zst_writer_init(struct zst_writer *writer, int level)
{
    *writer = (struct zst_writer){0};
    text_init(&writer->table);
    put_u32(&writer->table, ZST_SKIP_MAGIC);
    put_u32(&writer->table, 0); /* its length, once that is known */
    writer->context = ZSTD_createCCtx();
    if (writer->context == NULL)
        return -ENOMEM;
    ZSTD_CCtx_setParameter(writer->context, ZSTD_c_compressionLevel, level);
    ZSTD_CCtx_setParameter(writer->context, ZSTD_c_checksumFlag, 1);
    return 0;
}

void zst_writer_fini(struct zst_writer *writer)
{
    ZSTD_freeCCtx(writer->context);
    free(writer->packed);
    text_fini(&writer->table);
    *writer = (struct zst_writer){0};
}

size_t zst_writer_wants(const struct zst_writer *writer)
{
    return writer->count == 0 ? FIRST_CONTENT_LEN : ZST_CONTENT_MAX;
}

int zst_writer_add(struct zst_writer *writer, struct span content, struct span *packed)
{
    size_t bound = ZSTD_compressBound(content.len);
    if (writer->count == ZST_FRAMES_MAX)
        return -EFBIG;
    if (writer->room < bound) {
        uint8_t *larger = realloc(writer->packed, bound);
        if (larger == NULL)
            return -ENOMEM;
        writer->packed = larger;
        writer->room = bound;
    }
    size_t len = ZSTD_compress2(writer->context, writer->packed, writer->room, content.data, content.len);
    if (ZSTD_isError(len))
        return -ENOMEM; /* the room is enough, so nothing else can be wanting */
    put_u32(&writer->table, (uint32_t)len);
    put_u32(&writer->table, (uint32_t)content.len);
    writer->count++;
    *packed = span_of(writer->packed, len);
    return writer->table.failed ? -ENOMEM : 0;
}

int zst_writer_end(struct zst_writer *writer, struct span *packed)
{
    struct text *table = &writer->table;
    put_u32(table, writer->count);
    text_put_char(table, '\0'); /* no checksums here: each frame of zstd has its own */
    put_u32(table, ZST_SEEK_MAGIC);
    if (table->failed)
        return -ENOMEM;
    for (unsigned i = 0; i < 4; i++)
        table->data[4 + i] = (char)(uint8_t)((table->len - ZST_SKIP_LEN) >> (8 * i));
    *packed = text_span(table);
    return 0;
}
