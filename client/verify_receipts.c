#include "client/verify_receipts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/verify_told.h"
#include "proto/json_read.h"
#include "proto/wire.h"

#define LINE_MAX_LEN 65536
#define COUNT_MAX    16000000u

enum member { PRODUCER = 1, N = 2, SEQ = 4, HASH = 8, ALL = 15, BAD = 16 };

static unsigned read_member(struct wire_reader *reader, struct verify_receipt *receipt, bool *has_hash)
{
    struct span key, value;
    if (!wire_read_str(reader, &key))
        return BAD;
    if (span_is(key, "producer")) {
        if (!wire_read_str(reader, &value) || value.len == 0 || value.len > TOCSIN_PRODUCER_MAX ||
            memchr(value.data, '\0', value.len) != NULL)
            return BAD;
        memcpy(receipt->producer, value.data, value.len);
        receipt->producer[value.len] = '\0';
        return PRODUCER;
    }
    if (span_is(key, "n"))
        return wire_read_uint(reader, &receipt->n) ? N : BAD;
    if (span_is(key, "seq"))
        return wire_read_uint(reader, &receipt->seq) ? SEQ : BAD;
    if (span_is(key, "hash")) {
        if (!wire_read_str(reader, &value))
            return BAD;
        *has_hash = verify_hex_read(receipt->hash, VERIFY_RECEIPT_HASH_LEN, value);
        return *has_hash || value.len == 0 ? HASH : BAD;
    }
    return wire_skip(reader) ? 0 : BAD;
}

/* 1: a receipt; 0: one that says nothing; or an error. */
static int read_line(struct span json, struct text *scratch, struct verify_receipt *receipt)
{
    uint32_t count;
    unsigned seen = 0;
    bool has_hash = false;

    text_clear(scratch);
    int error = json_read_value(json, 8, scratch, NULL);
    if (error != TOCSIN_OK)
        return error;
    struct wire_reader reader = wire_reader_of(text_span(scratch));
    if (!wire_read_map(&reader, &count))
        return TOCSIN_E_SYNTAX;
    for (uint32_t i = 0; i < count && (seen & BAD) == 0; i++)
        seen |= read_member(&reader, receipt, &has_hash);
    if (seen != ALL || (receipt->seq > 0 && !has_hash))
        return TOCSIN_E_SYNTAX;
    return receipt->seq > 0;
}

static bool add(struct verify_receipts *receipts, const struct verify_receipt *receipt)
{
    if (receipts->count == receipts->room) {
        size_t room = receipts->room == 0 ? 1024 : 2 * receipts->room;
        struct verify_receipt *items = room > 2 * COUNT_MAX ? NULL : realloc(receipts->items, room * sizeof *items);
        if (items == NULL)
            return false;
        receipts->items = items;
        receipts->room = room;
    }
    receipts->items[receipts->count++] = *receipt;
    return true;
}

static int compare(const void *left, const void *right)
{
    const struct verify_receipt *a = left, *b = right;
    return a->seq < b->seq ? -1 : a->seq > b->seq;
}

/* The next line of the file without its LF; -1 at the end, -2 when it is too long for a receipt. */
static int get_line(FILE *file, char *line)
{
    if (fgets(line, LINE_MAX_LEN, file) == NULL)
        return -1;
    size_t len = strlen(line);
    if (len == LINE_MAX_LEN - 1 && line[len - 1] != '\n')
        return -2;
    return (int)(len > 0 && line[len - 1] == '\n' ? len - 1 : len);
}

static const char *read_file(struct verify_receipts *receipts, FILE *file, uint64_t *number)
{
    static char line[LINE_MAX_LEN];
    struct text scratch;
    const char *why = NULL;
    int len;

    text_init(&scratch);
    while (why == NULL && (len = get_line(file, line)) != -1) {
        struct verify_receipt receipt = {.line = ++*number};
        if (len == 0)
            continue;
        int result = len < 0 ? TOCSIN_E_SYNTAX : read_line(span_of(line, (size_t)len), &scratch, &receipt);
        if (result == TOCSIN_E_NOMEM || (result == 1 && !add(receipts, &receipt)))
            why = "too many receipts for this machine's memory";
        else if (result < 0)
            why = "it is no receipt, {\"producer\":…,\"n\":…,\"seq\":…,\"hash\":…}";
    }
    text_fini(&scratch);
    if (why == NULL && ferror(file)) {
        *number = 0;
        why = "it cannot be read";
    }
    return why;
}

bool verify_receipts_read(struct verify_receipts *receipts, const char *path, const char **why, uint64_t *line)
{
    *receipts = (struct verify_receipts){.path = path};
    *line = 0;
    *why = "it cannot be opened";
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    *why = read_file(receipts, file, line);
    fclose(file);
    if (receipts->count > 1)
        qsort(receipts->items, receipts->count, sizeof *receipts->items, compare);
    return *why == NULL;
}

void verify_receipts_fini(struct verify_receipts *receipts)
{
    free(receipts->items);
}
