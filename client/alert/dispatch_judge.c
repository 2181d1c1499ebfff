/* What keeps an alert back: a silence, or another alert. */
#include "client/alert/dispatch_inner.h"

static const struct active *find_inhibitor(const struct dispatch *dispatch, const struct labels *labels)
{
    const struct inhibit_rules *rules = &dispatch->rules->inhibit_rules;
    if (!inhibit_has_target(rules, labels))
        return NULL;
    for (size_t i = 0; i < dispatch->actives.count; i++) {
        const struct active *active = dispatch->actives.items[i];
        for (size_t rule = 0; active->is_source && active->notice.is_firing && rule < rules->count; rule++) {
            if (inhibit_holds(&rules->items[rule], &active->notice.labels, labels))
                return active;
        }
    }
    return NULL;
}

struct mute dispatch_judge(const struct dispatch *dispatch, const struct labels *labels)
{
    struct mute mute = {MUTE_NONE, ""};
    const struct silence *silence =
        dispatch->silences ? silences_find(dispatch->silences, labels, dispatch->now_us) : NULL;
    const struct active *inhibitor = silence ? NULL : find_inhibitor(dispatch, labels);
    if (silence) {
        mute.kind = MUTE_SILENCED;
        memcpy(mute.by, silence->id, sizeof silence->id);
    } else if (inhibitor) {
        mute.kind = MUTE_INHIBITED;
        memcpy(mute.by, inhibitor->notice.fingerprint, sizeof mute.by);
    }
    return mute;
}
