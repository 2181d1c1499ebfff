#include "client/gateway/opensips_flatstore.h"

#include "client/complain.h"
#include "client/gateway/flatstore.h"

#define DELIMITER ','

static int take_record(struct opensips_flatstore *flatstore, struct span record)
{
    text_clear(&flatstore->document);
    flatstore_put_document(&flatstore->document, record, DELIMITER);
    if (flatstore->document.failed) {
        counts_complain(&flatstore->opensips->gateway.counts, COUNT_REFUSED_EVENT, 1, "%s: out of memory",
                        flatstore->tail.path);
        return TOCSIN_E_REFUSED;
    }
    return opensips_take(flatstore->opensips, text_span(&flatstore->document), flatstore->tail.path, NULL, NULL);
}

static void refuse_long(struct opensips_flatstore *flatstore)
{
    struct gateway *gateway = &flatstore->opensips->gateway;
    if (!flatstore->is_skipping) {
        counts_add(&gateway->counts, COUNT_RECEIVED, 1);
        counts_complain(&gateway->counts, COUNT_REFUSED_LENGTH, 1, "%s: a record of more than %zu bytes",
                        flatstore->tail.path, gateway->max_message_bytes);
    }
    flatstore->is_skipping = true;
}

/* One record, or lines that are none. False when the sink is full. */
static bool take_found(struct opensips_flatstore *flatstore, enum flatstore_found what, struct span record)
{
    struct gateway *gateway = &flatstore->opensips->gateway;
    bool was_skipping = flatstore->is_skipping;
    flatstore->is_skipping = false;
    if (was_skipping && what == FLATSTORE_NONE)
        return true; /* the end of what was too long */
    if (what == FLATSTORE_NONE)
        counts_complain(&gateway->counts, COUNT_REFUSED_SYNTAX, 1, "%s: %zu bytes that belong to no record",
                        flatstore->tail.path, record.len);
    else if (record.len > gateway->max_message_bytes)
        refuse_long(flatstore);
    else if (take_record(flatstore, record) == TOCSIN_E_FULL)
        return false;
    if (!flatstore->is_skipping)
        counts_add(&gateway->counts, COUNT_RECEIVED, 1);
    flatstore->is_skipping = false;
    counts_add(&gateway->counts, COUNT_BYTES, record.len + 1);
    return true;
}

static size_t take(void *context, struct span bytes, bool is_rest, bool *is_full)
{
    struct opensips_flatstore *flatstore = context;
    size_t done = 0;
    for (;;) {
        struct span record, rest = span_of(bytes.data + done, bytes.len - done);
        size_t taken;
        enum flatstore_found what =
            rest.len > 0 ? flatstore_next(rest, DELIMITER, is_rest, &record, &taken) : FLATSTORE_MORE;
        if (what == FLATSTORE_MORE && rest.len <= flatstore->opensips->gateway.max_message_bytes)
            return done;
        if (what == FLATSTORE_MORE) {
            refuse_long(flatstore);
            return bytes.len;
        }
        *is_full = !take_found(flatstore, what, record);
        if (*is_full)
            return done;
        done += taken;
    }
}

void opensips_flatstore_begin(struct opensips_flatstore *flatstore, struct opensips *opensips, const char *path,
                              bool from_start)
{
    *flatstore = (struct opensips_flatstore){.opensips = opensips};
    tail_begin(&flatstore->tail, &opensips->gateway.loop, path, from_start, take, flatstore);
    if (!opensips->gateway.is_quiet)
        complain("following %s from byte %llu on%s", path, (unsigned long long)flatstore->tail.offset,
                 flatstore->tail.fd < 0 ? ", when it is there" : "");
}

void opensips_flatstore_resume(struct opensips_flatstore *flatstore)
{
    if (flatstore->opensips && flatstore->tail.is_full)
        tail_look(&flatstore->tail);
}

void opensips_flatstore_finish(struct opensips_flatstore *flatstore)
{
    for (int i = 0; i < 2 && flatstore->opensips && !flatstore->tail.is_full; i++)
        tail_look(&flatstore->tail); /* what is there, then what may have seemed unfinished */
}

void opensips_flatstore_close(struct opensips_flatstore *flatstore)
{
    if (!flatstore->opensips)
        return;
    tail_close(&flatstore->tail);
    text_fini(&flatstore->document);
    flatstore->opensips = NULL;
}
