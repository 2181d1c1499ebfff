#include "client/spool_record.h"

#include <endian.h>

#include "client/crc32c.h"

#define CRC_LEN 4

static const char head_magic[16] = "tocsin-spool-1\n";
static const char mark_magic[12] = "tocsin-mark";

/* Where things are in a head: magic, first_n, the name filled up with NUL, four NUL, CRC. */
#define HEAD_FIRST_N  16
#define HEAD_PRODUCER 24
#define HEAD_CRC      (SPOOL_HEAD_LEN - CRC_LEN)

static void put_u32(uint8_t *out, uint32_t value)
{
    value = htobe32(value);
    memcpy(out, &value, sizeof value);
}

static void put_u64(uint8_t *out, uint64_t value)
{
    value = htobe64(value);
    memcpy(out, &value, sizeof value);
}

static uint32_t get_u32(const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return be32toh(value);
}

static uint64_t get_u64(const uint8_t *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return be64toh(value);
}

void spool_head_write(uint8_t out[SPOOL_HEAD_LEN], const struct spool_head *head)
{
    memset(out, 0, SPOOL_HEAD_LEN);
    memcpy(out, head_magic, sizeof head_magic);
    put_u64(out + HEAD_FIRST_N, head->first_n);
    memcpy(out + HEAD_PRODUCER, head->producer, strlen(head->producer));
    put_u32(out + HEAD_CRC, crc32c(0, span_of(out, HEAD_CRC)));
}

bool spool_head_read(struct span bytes, struct spool_head *head)
{
    if (bytes.len < SPOOL_HEAD_LEN || memcmp(bytes.data, head_magic, sizeof head_magic) != 0 ||
        get_u32(bytes.data + HEAD_CRC) != crc32c(0, span_of(bytes.data, HEAD_CRC)))
        return false;
    head->first_n = get_u64(bytes.data + HEAD_FIRST_N);
    memcpy(head->producer, bytes.data + HEAD_PRODUCER, TOCSIN_PRODUCER_MAX);
    head->producer[TOCSIN_PRODUCER_MAX] = '\0';
    return true;
}

static uint32_t crc_of(const uint8_t head[SPOOL_RECORD_HEAD_LEN], struct span event)
{
    return crc32c(crc32c(0, span_of(head + CRC_LEN, SPOOL_RECORD_HEAD_LEN - CRC_LEN)), event);
}

void spool_record_write(uint8_t out[SPOOL_RECORD_HEAD_LEN], const struct spool_record *record)
{
    put_u32(out + 4, (uint32_t)record->event.len);
    put_u64(out + 8, record->n);
    put_u64(out + 16, record->synced_n);
    put_u32(out, crc_of(out, record->event));
}

size_t spool_record_read(struct span bytes, uint64_t n, struct spool_record *record)
{
    if (bytes.len < SPOOL_RECORD_HEAD_LEN || get_u64(bytes.data + 8) != n)
        return 0;
    size_t len = get_u32(bytes.data + 4);
    if (len > bytes.len - SPOOL_RECORD_HEAD_LEN)
        return 0;
    record->n = n;
    record->synced_n = get_u64(bytes.data + 16);
    record->event = span_of(bytes.data + SPOOL_RECORD_HEAD_LEN, len);
    return get_u32(bytes.data) == crc_of(bytes.data, record->event) ? SPOOL_RECORD_HEAD_LEN + len : 0;
}

uint64_t spool_record_search(struct span bytes, uint64_t n)
{
    uint64_t synced_n = 0;
    for (size_t at = 0; at + SPOOL_RECORD_HEAD_LEN <= bytes.len;) {
        struct spool_record record;
        struct span rest = span_of(bytes.data + at, bytes.len - at);
        uint64_t here = get_u64(rest.data + 8);
        /* no more records can have been written there than have room */
        bool may_be = here > n && here - n <= bytes.len / SPOOL_RECORD_HEAD_LEN + 1;
        size_t len = may_be ? spool_record_read(rest, here, &record) : 0;
        if (len > 0 && record.synced_n > synced_n)
            synced_n = record.synced_n;
        at += len > 0 ? len : 1;
    }
    return synced_n;
}

void spool_mark_write(uint8_t out[SPOOL_MARK_LEN], uint64_t settled_n)
{
    memcpy(out, mark_magic, sizeof mark_magic);
    put_u64(out + 12, settled_n);
    put_u32(out + 20, crc32c(0, span_of(out, 20)));
}

bool spool_mark_read(struct span bytes, uint64_t *settled_n)
{
    if (bytes.len != SPOOL_MARK_LEN || memcmp(bytes.data, mark_magic, sizeof mark_magic) != 0 ||
        get_u32(bytes.data + 20) != crc32c(0, span_of(bytes.data, 20)))
        return false;
    *settled_n = get_u64(bytes.data + 12);
    return true;
}
