#include "broker/pruned.h"

#include <sodium.h>

#include "broker/broker_event.h"
#include "proto/wire.h"

#define HASH_HEX_LEN (2 * PRODUCER_HASH_LEN)

/* Calls `write` for each producer that is only known from what goes. Returns how many. */
static uint32_t each_producer(struct text *out, const struct producers *producers, uint64_t last_seq,
                              void (*write)(struct text *out, struct span name, const struct producer_last *last))
{
    struct producer_last last;
    struct span name;
    uint32_t count = 0;
    for (size_t at = 0; count < PRUNED_PRODUCERS_MAX && producers_next(producers, &at, &name, &last);) {
        if (last.seq > last_seq)
            continue;
        write(out, name, &last);
        count++;
    }
    return count;
}

static void count_only(struct text *out, struct span name, const struct producer_last *last)
{
    (void)out;
    (void)name;
    (void)last;
}

static void write_producer(struct text *out, struct span name, const struct producer_last *last)
{
    char hex[HASH_HEX_LEN + 1];
    sodium_bin2hex(hex, sizeof hex, last->hash, sizeof last->hash);
    wire_write_str(out, name);
    wire_write_array(out, 3);
    wire_write_uint(out, last->n);
    wire_write_uint(out, last->seq);
    wire_write_str(out, span_of(hex, HASH_HEX_LEN));
}

void pruned_write(struct text *out, const struct pruned *pruned, const struct producers *producers)
{
    char chain[CHAIN_FULL_HEX_LEN];

    chain_write_full_hex(chain, pruned->last_hash);
    wire_write_map(out, 7);
    broker_event_put_str(out, "file", pruned->file);
    broker_event_put_uint(out, "bytes", pruned->bytes);
    broker_event_put_uint(out, "firstSeq", pruned->first_seq);
    broker_event_put_uint(out, "lastSeq", pruned->last_seq);
    wire_write_str(out, span_of_str("lastChain"));
    wire_write_str(out, span_of(chain, sizeof chain));
    broker_event_put_str(out, "reason", pruned->reason);
    wire_write_str(out, span_of_str("producers"));
    wire_write_map(out, each_producer(out, producers, pruned->last_seq, count_only));
    each_producer(out, producers, pruned->last_seq, write_producer);
}

static bool read_producer(struct wire_reader *reader, struct span *name, struct producer_last *last)
{
    struct span hex;
    uint32_t count;
    size_t len;
    return wire_read_str(reader, name) && wire_read_array(reader, &count) && count == 3 &&
           wire_read_uint(reader, &last->n) && wire_read_uint(reader, &last->seq) && wire_read_str(reader, &hex) &&
           hex.len == HASH_HEX_LEN &&
           sodium_hex2bin(last->hash, sizeof last->hash, (const char *)hex.data, hex.len, NULL, &len, NULL) == 0 &&
           len == sizeof last->hash;
}

static void take_producers(struct wire_reader *reader, struct producers *producers)
{
    struct producer_last last, known;
    struct span name;
    uint32_t count;
    if (!wire_read_map(reader, &count))
        return;
    for (; count > 0 && read_producer(reader, &name, &last); count--)
        if (!producers_find(producers, name, &known) || known.seq < last.seq)
            producers_advance(producers, name, &last);
}

void pruned_take_producers(const struct event *event, struct producers *producers)
{
    struct span key;
    uint32_t count;

    if (!span_is(event->category, "BrokerEvent") || !span_is(event->type, "LogPruned") || event->snapshot.data == NULL)
        return;
    struct wire_reader reader = wire_reader_of(event->snapshot);
    if (!wire_read_map(&reader, &count))
        return;
    for (; count > 0 && wire_read_str(&reader, &key); count--) {
        if (span_is(key, "producers")) {
            take_producers(&reader, producers);
            return;
        }
        if (!wire_skip(&reader))
            return;
    }
}
