#include "client/verify_told.h"

#include <string.h>

#include "proto/event.h"
#include "proto/tocsin_base.h"
#include "proto/wire.h"

static int hex_value(uint8_t digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

bool verify_hex_read(uint8_t *out, size_t len, struct span hex)
{
    if (hex.len != 2 * len)
        return false;
    for (size_t i = 0; i < len; i++) {
        int high = hex_value(hex.data[2 * i]), low = hex_value(hex.data[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

enum member {
    LOG_ID = 1,
    PREVIOUS_FILE = 2,
    PREVIOUS_SEQ = 4,
    PREVIOUS_HASH = 8,
    PREVIOUS_CHAIN = 16,
    FROM = 32,
    TO = 64,
    LAST_SEQ = 128,
    LAST_CHAIN = 256,
    OTHER = 512,
    BAD = 1024
};

/* A short text without NUL, terminated in `out`. */
static bool read_text(struct wire_reader *reader, char *out, size_t room)
{
    struct span text;
    if (!wire_read_str(reader, &text) || text.len >= room || memchr(text.data, '\0', text.len) != NULL)
        return false;
    memcpy(out, text.data, text.len);
    out[text.len] = '\0';
    return true;
}

/* The one member of the snapshot that the reader is at. */
static unsigned read_member(struct wire_reader *reader, struct verify_told *told, uint8_t short_hash[16])
{
    struct span key, hex;
    if (!wire_read_str(reader, &key))
        return BAD;
    if (span_is(key, "log_id"))
        return read_text(reader, told->log_id, sizeof told->log_id) ? LOG_ID : BAD;
    if (span_is(key, "previousFile"))
        return read_text(reader, told->previous_file, sizeof told->previous_file) ? PREVIOUS_FILE : BAD;
    if (span_is(key, "previousSeq"))
        return wire_read_uint(reader, &told->previous_seq) ? PREVIOUS_SEQ : BAD;
    if (span_is(key, "previousHash"))
        return wire_read_str(reader, &hex) && verify_hex_read(short_hash, 16, hex) ? PREVIOUS_HASH : BAD;
    if (span_is(key, "previousChain"))
        return wire_read_str(reader, &hex) && verify_hex_read(told->previous_hash, VERIFY_HASH_LEN, hex)
                   ? PREVIOUS_CHAIN
                   : BAD;
    if (span_is(key, "from"))
        return wire_read_uint(reader, &told->from) ? FROM : BAD;
    if (span_is(key, "to"))
        return wire_read_uint(reader, &told->to) ? TO : BAD;
    if (span_is(key, "lastSeq"))
        return wire_read_uint(reader, &told->previous_seq) ? LAST_SEQ : BAD;
    if (span_is(key, "lastChain"))
        return wire_read_str(reader, &hex) && verify_hex_read(told->previous_hash, VERIFY_HASH_LEN, hex) ? LAST_CHAIN
                                                                                                         : BAD;
    return wire_skip(reader) ? OTHER : BAD;
}

static bool is_sound(struct verify_told *told, unsigned seen, const uint8_t short_hash[16])
{
    const unsigned previous = PREVIOUS_FILE | PREVIOUS_SEQ | PREVIOUS_HASH | PREVIOUS_CHAIN;
    if (seen & BAD)
        return false;
    if (told->kind == VERIFY_TOLD_PRUNED)
        return (seen & (LAST_SEQ | LAST_CHAIN)) == (LAST_SEQ | LAST_CHAIN);
    if (told->kind != VERIFY_TOLD_OPENED)
        return told->kind == VERIFY_TOLD_SALVAGED || (seen & (FROM | TO)) == (FROM | TO);
    told->has_previous = (seen & previous) != 0;
    if (strlen(told->log_id) != VERIFY_LOG_ID_LEN)
        return false;
    if (!told->has_previous)
        verify_chain_start(told->previous_hash, told->log_id);
    return !told->has_previous || ((seen & previous) == previous && memcmp(told->previous_hash, short_hash, 16) == 0);
}

static enum verify_told_kind kind_of(struct span type)
{
    if (span_is(type, "LogOpened"))
        return VERIFY_TOLD_OPENED;
    if (span_is(type, "SeqJumped"))
        return VERIFY_TOLD_JUMPED;
    if (span_is(type, "LogSalvaged"))
        return VERIFY_TOLD_SALVAGED;
    if (span_is(type, "LogPruned"))
        return VERIFY_TOLD_PRUNED;
    return span_is(type, "BrokerStopped") ? VERIFY_TOLD_STOPPED : VERIFY_TOLD_NOTHING;
}

static void read_event(struct verify_told *told, const struct event *event)
{
    uint8_t short_hash[16];
    uint32_t count;
    unsigned seen = 0;

    told->kind = kind_of(event->type);
    if (told->kind == VERIFY_TOLD_NOTHING || told->kind == VERIFY_TOLD_STOPPED)
        return;
    struct wire_reader reader = wire_reader_of(event->snapshot);
    bool is_map = event->snapshot.data != NULL && wire_read_map(&reader, &count);
    for (uint32_t i = 0; is_map && i < count && (seen & BAD) == 0; i++)
        seen |= read_member(&reader, told, short_hash);
    if (!is_map || !is_sound(told, seen, short_hash))
        told->kind = VERIFY_TOLD_NOTHING;
}

void verify_told_read(struct verify_told *told, const struct line *line)
{
    struct event event;
    struct text bytes;

    *told = (struct verify_told){.kind = VERIFY_TOLD_NOTHING};
    if (!span_is(line->category, "BrokerEvent"))
        return;
    text_init(&bytes);
    if (line_read_event(line, &bytes, NULL) == TOCSIN_OK && event_view(text_span(&bytes), &event))
        read_event(told, &event);
    text_fini(&bytes);
}
