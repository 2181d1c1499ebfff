#include "client/alert/receiver.h"

#include <stdlib.h>

static const char *const target_names[] = {
#define TARGET(ID, name, meaning) name,
#define TARGET_OPTION(target, ID, name, type, is_required, meaning)
#include "client/alert/target.def"
#undef TARGET
#undef TARGET_OPTION
};

const char *target_name(enum target_kind kind)
{
    return target_names[kind];
}

void receivers_fini(struct receivers *receivers)
{
    for (size_t i = 0; i < receivers->count; i++) {
        struct receiver *receiver = &receivers->items[i];
        for (size_t target = 0; target < receiver->target_count; target++) {
            for (size_t option = 0; option < TARGET_OPTION_COUNT; option++)
                free(receiver->targets[target].options[option]);
        }
        free(receiver->targets);
        free(receiver->name);
    }
    free(receivers->items);
    *receivers = (struct receivers){0};
}

const struct receiver *receivers_find(const struct receivers *receivers, struct span name)
{
    for (size_t i = 0; i < receivers->count; i++) {
        if (span_is(name, receivers->items[i].name))
            return &receivers->items[i];
    }
    return NULL;
}
