/* Each record is one event, or where it cannot be one a refusal that is an event too: so the numbers of what follows
 * depend on the bytes alone. Lines that belong to no record have no number. They are told from lines of a record by what
 * is before them, and that may be done with by then: what one life took for a whole record, another may read with more
 * lines; both give it the same number. */
#include "client/gateway/opensips_flatstore.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/complain.h"
#include "client/gateway/flatstore.h"

#define DELIMITER ','
#define REST_NS   INT64_C(400000000)

static enum follow_begin begins(struct span bytes)
{
    return flatstore_begins(bytes, DELIMITER);
}

/* Puts the event that stands for a record which cannot be one. */
static int put_refusal(struct opensips_flatstore *flatstore, const struct follow_reader_line *record,
                       const struct refusal_origin *origin)
{
    struct gateway *gateway = &flatstore->opensips->gateway;
    bool is_long = record->len > record->text.len;
    char reason[REFUSAL_REASON_MAX] = "it is longer than is allowed (--max-message)";
    if (!is_long)
        refusal_reason(gateway->event, reason);
    int error = refusal_put(&flatstore->refusal, record->text, origin, is_long ? "TooLong" : "NoEvent", reason);
    flatstore->is_refused = error != TOCSIN_OK;
    if (!error && is_long)
        counts_complain(&gateway->counts, COUNT_REFUSED_LENGTH, 1, "%s: a record of %" PRIu64 " bytes", origin->where,
                        record->len);
    return error;
}

static int put_record(struct opensips_flatstore *flatstore, const struct follow_reader_line *record,
                      const struct refusal_origin *origin)
{
    struct text *document = &flatstore->document;
    if (flatstore->is_refused || record->len > record->text.len)
        return put_refusal(flatstore, record, origin);
    text_clear(document);
    flatstore_put_document(document, record->text, DELIMITER);
    if (document->failed)
        return TOCSIN_E_NOMEM;
    struct opensips *opensips = flatstore->opensips;
    int error = opensips_take(opensips, &opensips->gateway.sink, text_span(document), origin->where, NULL, NULL);
    return error == TOCSIN_E_REFUSED ? put_refusal(flatstore, record, origin) : error;
}

static int put(void *context, const struct follow_reader_line *record, const char *name)
{
    struct opensips_flatstore *flatstore = context;
    char where[FOLLOW_FILE_NAME_MAX + 32];
    struct refusal_origin origin = {name, "offset", record->offset, record->len, where};
    snprintf(where, sizeof where, "%s:%" PRIu64, name, record->offset);
    enum follow_begin begin = begins(record->text);
    if (begin == FOLLOW_BEGIN_YES || (begin == FOLLOW_BEGIN_OPEN && record->text.len > strlen("E_")))
        return put_record(flatstore, record, &origin);
    counts_complain(&flatstore->opensips->gateway.counts, COUNT_REFUSED_SYNTAX, 1,
                    "%s: %" PRIu64 " bytes that belong to no record", where, record->len);
    return TOCSIN_OK;
}

/* "." and the name, where there is no folder in the path. */
static bool split(struct opensips_flatstore *flatstore, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash)
        flatstore->dir = slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
    else
        flatstore->dir = strdup(".");
    flatstore->base = strdup(slash ? slash + 1 : path);
    return flatstore->dir && flatstore->base;
}

bool opensips_flatstore_begin(struct opensips_flatstore *flatstore, struct opensips *opensips,
                              struct follow_store *store, const char *path, bool from_start, bool is_once)
{
    *flatstore = (struct opensips_flatstore){.store = store};
    text_init(&flatstore->document);
    if (!split(flatstore, path)) {
        complain("out of memory");
        return false;
    }
    struct follow_settings settings = {
        .dir = flatstore->dir,
        .base = flatstore->base,
        .form = {begins, REST_NS},
        .is_by_number = true, /* records bear no time */
        .put = put,
        .context = flatstore,
        .is_once = is_once,
        .is_from_end = !from_start,
    };
    flatstore->opensips = opensips;
    refusal_init(&flatstore->refusal, &opensips->gateway, &opensips->gateway.sink, store->state.producer);
    follow_open(&flatstore->follow, &opensips->gateway, store, &settings);
    return true;
}

void opensips_flatstore_resume(struct opensips_flatstore *flatstore)
{
    if (flatstore->opensips)
        follow_resume(&flatstore->follow);
}

bool opensips_flatstore_close(struct opensips_flatstore *flatstore)
{
    bool is_good = true;
    if (flatstore->opensips) {
        is_good = !flatstore->follow.is_failed;
        follow_close(&flatstore->follow);
        refusal_fini(&flatstore->refusal);
        flatstore->opensips = NULL;
    }
    text_fini(&flatstore->document);
    free(flatstore->dir);
    free(flatstore->base);
    flatstore->dir = flatstore->base = NULL;
    return is_good;
}
