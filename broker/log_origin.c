#include "broker/log_origin.h"

#include <string.h>

#include "proto/wire.h"

void log_origin_write(struct text *out, const struct log_origin *origin)
{
    char hash[CHAIN_FULL_HEX_LEN];

    wire_write_map(out, origin->has_previous ? 5 : 1);
    wire_write_str(out, span_of_str("log_id"));
    wire_write_str(out, span_of_str(origin->log_id));
    if (!origin->has_previous)
        return;
    chain_write_full_hex(hash, origin->previous_hash);
    wire_write_str(out, span_of_str("previousFile"));
    wire_write_str(out, span_of_str(origin->previous_file));
    wire_write_str(out, span_of_str("previousSeq"));
    wire_write_uint(out, origin->previous_seq);
    wire_write_str(out, span_of_str("previousHash"));
    wire_write_str(out, span_of(hash, CHAIN_HEX_LEN)); /* as the line says it: the first digits of the whole */
    wire_write_str(out, span_of_str("previousChain"));
    wire_write_str(out, span_of(hash, sizeof hash));
}

static bool is_log_id(struct span text)
{
    if (text.len != LOG_ID_LEN)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (!(text.data[i] >= '0' && text.data[i] <= '9') && !(text.data[i] >= 'a' && text.data[i] <= 'f'))
            return false;
    return true;
}

static bool read_name(struct wire_reader *reader, char out[LOG_NAME_MAX])
{
    struct span name;
    if (!wire_read_str(reader, &name) || name.len >= LOG_NAME_MAX || memchr(name.data, '\0', name.len) != NULL)
        return false;
    memcpy(out, name.data, name.len);
    out[name.len] = '\0';
    return log_name_is_dated(out);
}

enum member {
    LOG_ID = 1,
    PREVIOUS_FILE = 2,
    PREVIOUS_SEQ = 4,
    PREVIOUS_HASH = 8,
    PREVIOUS_CHAIN = 16,
    UNKNOWN = 32,
    BAD = 64
};

static unsigned read_member(struct wire_reader *reader, struct log_origin *origin, struct span *hash)
{
    struct span key, value;

    if (!wire_read_str(reader, &key))
        return BAD;
    if (span_is(key, "log_id")) {
        if (!wire_read_str(reader, &value) || !is_log_id(value))
            return BAD;
        memcpy(origin->log_id, value.data, LOG_ID_LEN);
        return LOG_ID;
    }
    if (span_is(key, "previousFile"))
        return read_name(reader, origin->previous_file) ? PREVIOUS_FILE : BAD;
    if (span_is(key, "previousSeq"))
        return wire_read_uint(reader, &origin->previous_seq) && origin->previous_seq > 0 ? PREVIOUS_SEQ : BAD;
    if (span_is(key, "previousHash"))
        return wire_read_str(reader, hash) ? PREVIOUS_HASH : BAD;
    if (span_is(key, "previousChain"))
        return wire_read_str(reader, &value) && chain_read_full_hex(origin->previous_hash, value) ? PREVIOUS_CHAIN
                                                                                                  : BAD;
    return wire_skip(reader) ? UNKNOWN : BAD;
}

bool log_origin_read(const struct event *event, struct log_origin *origin)
{
    uint32_t count;
    unsigned seen = 0;
    struct span hash = {NULL, 0};

    *origin = (struct log_origin){0};
    if (!span_is(event->category, "BrokerEvent") || !span_is(event->type, "LogOpened") || event->snapshot.data == NULL)
        return false;
    struct wire_reader reader = wire_reader_of(event->snapshot);
    if (!wire_read_map(&reader, &count))
        return false;
    for (uint32_t i = 0; i < count; i++)
        seen |= read_member(&reader, origin, &hash);
    seen &= ~(unsigned)UNKNOWN;
    origin->has_previous = seen == (LOG_ID | PREVIOUS_FILE | PREVIOUS_SEQ | PREVIOUS_HASH | PREVIOUS_CHAIN) &&
                           chain_matches(origin->previous_hash, hash);
    return origin->has_previous || seen == LOG_ID;
}
