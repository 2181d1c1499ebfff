/* Eight tables, eight bytes a step: a gigabyte a second and more without any instruction of one processor. */
#include "client/crc32c.h"

#include <endian.h>
#include <pthread.h>

#define POLYNOMIAL 0x82f63b78U /* bits reversed */
#define STEP       8

static uint32_t tables[STEP][256];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_tables(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i;
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ POLYNOMIAL : crc >> 1;
        tables[0][i] = crc;
    }
    for (size_t step = 1; step < STEP; step++) {
        for (size_t i = 0; i < 256; i++)
            tables[step][i] = tables[step - 1][i] >> 8 ^ tables[0][tables[step - 1][i] & 0xff];
    }
}

static uint32_t take_eight(uint32_t crc, const uint8_t *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    word = le64toh(word) ^ crc;
    crc = 0;
    for (size_t i = 0; i < STEP; i++)
        crc ^= tables[STEP - 1 - i][word >> 8 * i & 0xff];
    return crc;
}

uint32_t crc32c(uint32_t crc, struct span bytes)
{
    pthread_once(&once, make_tables);
    const uint8_t *at = bytes.data;
    size_t left = bytes.len;
    crc = ~crc;
    for (; left >= STEP; at += STEP, left -= STEP)
        crc = take_eight(crc, at);
    for (; left > 0; at++, left--)
        crc = crc >> 8 ^ tables[0][(crc ^ *at) & 0xff];
    return ~crc;
}
