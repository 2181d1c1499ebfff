#include "proto/checkpoint.h"

#include <inttypes.h>
#include <stdio.h>

#include "proto/rfc3339.h"

#define US_PER_SECOND UINT64_C(1000000)

static const char domain[] = "tocsin-checkpoint-1";

static uint8_t *put_bytes(uint8_t *at, const void *bytes, size_t len)
{
    memcpy(at, bytes, len);
    return at + len;
}

static uint8_t *put_uint(uint8_t *at, uint64_t value)
{
    for (unsigned shift = 64; shift > 0; shift -= 8)
        *at++ = (uint8_t)(value >> (shift - 8));
    return at;
}

void checkpoint_signed_bytes(uint8_t out[CHECKPOINT_SIGNED_LEN], const struct checkpoint *checkpoint)
{
    uint8_t *at = put_bytes(out, domain, sizeof domain - 1);
    at = put_bytes(at, checkpoint->log_id, sizeof checkpoint->log_id);
    at = put_uint(at, checkpoint->first_seq);
    at = put_uint(at, checkpoint->seq);
    at = put_bytes(at, checkpoint->hash, sizeof checkpoint->hash);
    at = put_uint(at, checkpoint->received_us);
    put_bytes(at, checkpoint->key, sizeof checkpoint->key);
}

static void put_hex(char *out, const uint8_t *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
}

size_t checkpoint_write_line(char out[CHECKPOINT_LINE_MAX], const struct checkpoint *checkpoint)
{
    char received[RFC3339_US_LEN];
    char hash[2 * CHECKPOINT_HASH_LEN];
    char key[2 * CHECKPOINT_KEY_LEN];
    char signature[2 * CHECKPOINT_SIGNATURE_LEN];

    rfc3339_write_us(received, checkpoint->received_us);
    put_hex(hash, checkpoint->hash, sizeof checkpoint->hash);
    put_hex(key, checkpoint->key, sizeof checkpoint->key);
    put_hex(signature, checkpoint->signature, sizeof checkpoint->signature);
    int len =
        snprintf(out, CHECKPOINT_LINE_MAX,
                 "{\"version\":1,\"log_id\":\"%.*s\",\"first_seq\":%" PRIu64 ",\"seq\":%" PRIu64
                 ",\"hash\":\"%.*s\",\"received\":\"%.*s\",\"key\":\"%.*s\",\"signature\":\"%.*s\"}\n",
                 CHECKPOINT_LOG_ID_LEN, checkpoint->log_id, checkpoint->first_seq, checkpoint->seq, (int)sizeof hash,
                 hash, RFC3339_US_LEN, received, (int)sizeof key, key, (int)sizeof signature, signature);
    return (size_t)len;
}

struct cursor {
    const uint8_t *at;
    const uint8_t *end;
};

static bool take(struct cursor *cursor, const char *literal)
{
    size_t len = strlen(literal);
    if ((size_t)(cursor->end - cursor->at) < len || memcmp(cursor->at, literal, len) != 0)
        return false;
    cursor->at += len;
    return true;
}

static bool take_uint(struct cursor *cursor, uint64_t *value)
{
    const uint8_t *begin = cursor->at;
    *value = 0;
    for (; cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9'; cursor->at++) {
        if (__builtin_mul_overflow(*value, 10U, value) ||
            __builtin_add_overflow(*value, *cursor->at - (unsigned)'0', value))
            return false;
    }
    return cursor->at > begin;
}

static int hex_value(uint8_t digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

static bool take_hex(struct cursor *cursor, uint8_t *out, size_t len)
{
    if ((size_t)(cursor->end - cursor->at) < 2 * len)
        return false;
    for (size_t i = 0; i < len; i++) {
        int high = hex_value(cursor->at[2 * i]), low = hex_value(cursor->at[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    cursor->at += 2 * len;
    return true;
}

static bool take_log_id(struct cursor *cursor, char out[CHECKPOINT_LOG_ID_LEN])
{
    uint8_t bytes[CHECKPOINT_LOG_ID_LEN / 2];
    const uint8_t *begin = cursor->at;
    if (!take_hex(cursor, bytes, sizeof bytes))
        return false;
    memcpy(out, begin, CHECKPOINT_LOG_ID_LEN);
    return true;
}

static bool take_received(struct cursor *cursor, uint64_t *us)
{
    struct rfc3339 time;
    if (cursor->end - cursor->at < RFC3339_US_LEN || !rfc3339_read(span_of(cursor->at, RFC3339_US_LEN), &time) ||
        time.seconds < 0)
        return false;
    *us = (uint64_t)time.seconds * US_PER_SECOND + time.nanoseconds / 1000;
    cursor->at += RFC3339_US_LEN;
    return true;
}

bool checkpoint_read_line(struct span line, struct checkpoint *out)
{
    struct cursor cursor = {line.data, span_end(line)};
    char again[CHECKPOINT_LINE_MAX];

    bool is_read = take(&cursor, "{\"version\":1,\"log_id\":\"") && take_log_id(&cursor, out->log_id) &&
                   take(&cursor, "\",\"first_seq\":") && take_uint(&cursor, &out->first_seq) &&
                   take(&cursor, ",\"seq\":") && take_uint(&cursor, &out->seq) && take(&cursor, ",\"hash\":\"") &&
                   take_hex(&cursor, out->hash, sizeof out->hash) && take(&cursor, "\",\"received\":\"") &&
                   take_received(&cursor, &out->received_us) && take(&cursor, "\",\"key\":\"") &&
                   take_hex(&cursor, out->key, sizeof out->key) && take(&cursor, "\",\"signature\":\"") &&
                   take_hex(&cursor, out->signature, sizeof out->signature) && take(&cursor, "\"}") &&
                   cursor.at == cursor.end;
    if (!is_read || out->first_seq == 0 || out->first_seq > out->seq)
        return false;
    /* numbers and times have other spellings; only one of them was signed and written */
    size_t len = checkpoint_write_line(again, out);
    return len == line.len + 1 && memcmp(again, line.data, line.len) == 0;
}
