/* Bytes as a stream of OpenSIPS's event interface. However they are split, the same is found; and what is a document
 * becomes an event that its judge accepts, or refuses by a rule. */
#include "tests/fuzz/fuzz_support.h"

#include "client/gateway/counts.h"
#include "client/gateway/json_split.h"
#include "client/gateway/opensips_event.h"
#include "client/gateway/redact_event.h"

#define DOCUMENT_MAX 4096

/* What was found, one behind the other: a byte for its kind, then its bytes. */
static void note(struct text *found, enum json_split_found what, struct span bytes)
{
    text_put_char(found, (char)what);
    text_put(found, bytes.data, bytes.len);
}

static void split_all(struct span bytes, size_t piece, struct text *found)
{
    struct json_split split = {.max_bytes = DOCUMENT_MAX};
    size_t start = 0, end = 0;
    bool is_end = false;
    while (!is_end) {
        end = bytes.len - end > piece ? end + piece : bytes.len;
        is_end = end == bytes.len;
        for (;;) {
            struct span document;
            size_t taken;
            enum json_split_found what =
                json_split_next(&split, span_of(bytes.data + start, end - start), is_end, &document, &taken);
            must(taken <= end - start && document.len <= DOCUMENT_MAX);
            start += taken;
            if (what == JSON_SPLIT_MORE)
                break;
            must(taken > 0);
            note(found, what, document);
        }
    }
    must(start == bytes.len);
}

static void make_event(struct span document)
{
    static struct opensips_room room;
    static struct opensips_texts texts;
    static struct redact redact;
    static struct counts counts;
    static struct tocsin_event *event, *spare;
    static struct text members, scratch;
    if (!event) {
        struct options options = {0};
        event = tocsin_event_new();
        spare = tocsin_event_new();
        must(redact_init(&redact, &options) && event && spare);
        counts_init(&counts);
    }
    struct opensips_message message;
    struct json_fault fault;
    if (opensips_message_read(document, &room, &message, &fault))
        return;
    must(opensips_event_compose(event, "sip-1", &message, &texts) == TOCSIN_OK);
    struct tocsin_event *final = event;
    int error = redact_event(&redact, &counts, &final, spare, &members, &scratch);
    if (!error)
        error = tocsin_event_encode(final, NULL, NULL);
    must(error == TOCSIN_OK || error == TOCSIN_E_REFUSED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    struct span bytes = span_of(data + 1, size - 1);
    struct text whole, pieces;
    text_init(&whole);
    text_init(&pieces);
    split_all(bytes, bytes.len + 1, &whole);
    split_all(bytes, 1U + data[0] % 64U, &pieces);
    must(span_equals(text_span(&whole), text_span(&pieces)));
    text_fini(&whole);
    text_fini(&pieces);
    make_event(bytes); /* as a datagram */
    return 0;
}
