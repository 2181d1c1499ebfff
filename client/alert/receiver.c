#include "client/alert/receiver.h"

#include <stdlib.h>

#include "client/time_arg.h"

#define RESEND_US UINT64_C(60000000)

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

static bool has(const struct receiver *receiver, bool is_manager)
{
    for (size_t i = 0; i < receiver->target_count; i++) {
        if ((receiver->targets[i].kind == TARGET_ALERTMANAGER) == is_manager)
            return true;
    }
    return false;
}

bool receiver_has_managers(const struct receiver *receiver)
{
    return has(receiver, true);
}

bool receiver_has_others(const struct receiver *receiver)
{
    return receiver->target_count == 0 || has(receiver, false);
}

uint64_t target_resend_us(const struct target *target)
{
    int64_t us;
    const char *given = target->options[TARGET_OPTION_ALERTMANAGER_RESEND_INTERVAL];
    return given && duration_arg_read(given, &us) && us > 0 ? (uint64_t)us : RESEND_US;
}

uint64_t receiver_resend_us(const struct receiver *receiver)
{
    uint64_t shortest_us = UINT64_MAX;
    for (size_t i = 0; i < receiver->target_count; i++) {
        uint64_t us = target_resend_us(&receiver->targets[i]);
        if (receiver->targets[i].kind == TARGET_ALERTMANAGER && us < shortest_us)
            shortest_us = us;
    }
    return shortest_us;
}

void receivers_fini(struct receivers *receivers)
{
    for (size_t i = 0; i < receivers->count; i++) {
        struct receiver *receiver = &receivers->items[i];
        for (size_t target = 0; target < receiver->target_count; target++) {
            for (size_t option = 0; option < TARGET_OPTION_COUNT; option++)
                free(receiver->targets[target].options[option]);
        }
        for (size_t member = 0; member < receiver->group_by.count; member++)
            free((void *)(uintptr_t)receiver->group_by.items[member].data);
        free(receiver->group_by.items);
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
