/* Where following stands, for all files of it. */
#include "client/clock.h"
#include "client/complain.h"
#include "client/gateway/follow.h"

#define TELL_EVERY_US 60000000

struct follow_file *follow_current(struct follow *follow)
{
    struct follow_state *state = &follow->store->state;
    return state->current < state->file_count ? &state->files[state->current] : NULL;
}

uint64_t follow_taken(const struct follow *follow)
{
    return follow->base_n + follow->sink->taken;
}

uint64_t follow_settled(const struct follow *follow)
{
    return follow->base_n + sink_settled(follow->sink);
}

void follow_tell(struct follow *follow, const char *name, const char *what, const char *reason)
{
    int64_t now_us = clock_now_us();
    if (follow->told_us != 0 && now_us - follow->told_us < TELL_EVERY_US)
        return;
    follow->told_us = now_us;
    complain("%s %s: %s; trying again", name, what, reason);
}
