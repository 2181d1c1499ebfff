/* Bytes as a client's message at the stream door. What is a request stays within its limits, and the sets that are made
 * of it answer as they should. */
#include "tests/fuzz/fuzz_support.h"

#include "broker/prefix_set.h"
#include "broker/stream_request.h"

static void check_set(const struct span *prefixes, size_t count, bool is_whole)
{
    if (count == 0)
        return;
    struct prefix_set *set = prefix_set_new(prefixes, count, is_whole);
    must(set != NULL);
    for (size_t i = 0; i < count; i++) {
        size_t len = prefixes[i].len;
        bool has_nul = len > 0 && memchr(prefixes[i].data, '\0', len) != NULL;
        if (!has_nul) /* a text has none */
            must(prefix_set_has(set, prefixes[i]));
    }
    prefix_set_free(&set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct stream_request request;
    const char *code = NULL;
    const char *wrong = stream_request_read(&request, span_of(data, size), &code);
    if (wrong) {
        must(code != NULL);
        return 0;
    }
    must(request.filter_count <= STREAM_FILTERS_MAX && request.type_count <= STREAM_TYPES_MAX);
    for (size_t i = 0; i < request.filter_count; i++)
        must(request.filters[i].len <= STREAM_FILTER_LEN_MAX);
    check_set(request.filters, request.filter_count, false);
    check_set(request.types, request.type_count, true);
    return 0;
}
