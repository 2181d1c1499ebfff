#include "client/gateway/follow_gateway.h"

int follow_gateway_open(struct gateway *gateway, struct follow_store *store, const char *kind,
                        const struct options *options, void (*resume)(void *context), void *context)
{
    struct where where;
    const char *key = "", *producer = options_get(options, OPTION_PRODUCER_OF_GATEWAY);
    if (!where_find(options, ENDPOINT_APPEND, &where))
        return EXIT_CODE_USAGE;
    size_t key_len = where_key_name(&where, &key);
    if (!follow_store_open(store, kind, options_get(options, OPTION_STATE), producer, span_of(key, key_len)))
        return EXIT_CODE_FAILED;
    return gateway_open_numbered(gateway, options, NULL, store->state.producer, store->state.n + 1, resume, context);
}
