/* Bundles, and the letters that are made of them. */
#include <stdlib.h>

#include "client/alert/dispatch_inner.h"

#define REPEAT_US UINT64_C(14400000000) /* 4 hours, as Alertmanager's repeat_interval */

/* --- bundles --- */

bool dispatch_add_bundle(struct dispatch *dispatch, struct bundle *bundle)
{
    if (dispatch->bundle_count == dispatch->bundle_room) {
        size_t room = dispatch->bundle_room ? dispatch->bundle_room * 2 : 64;
        struct bundle **bundles = realloc(dispatch->bundles, room * sizeof(struct bundle *));
        if (bundles)
            dispatch->bundles = bundles;
        struct bundle **ready = bundles ? realloc(dispatch->ready, room * sizeof(struct bundle *)) : NULL;
        if (!ready) {
            bundle_free(&bundle);
            return false;
        }
        dispatch->ready = ready;
        dispatch->bundle_room = room;
    }
    bundle->place = dispatch->bundle_count;
    dispatch->bundles[dispatch->bundle_count++] = bundle;
    if (bundle->due_us < dispatch->next_us)
        dispatch->next_us = bundle->due_us;
    return true;
}

static void remove_bundle(struct dispatch *dispatch, struct bundle *bundle)
{
    struct bundle *last = dispatch->bundles[--dispatch->bundle_count];
    dispatch->bundles[bundle->place] = last;
    last->place = bundle->place;
    bundle_free(&bundle);
}

static struct bundle *find_group(const struct dispatch *dispatch, const struct receiver *receiver, const char *key)
{
    for (size_t i = 0; i < dispatch->bundle_count; i++) {
        struct bundle *bundle = dispatch->bundles[i];
        if (bundle->is_group && bundle->receiver == receiver && strcmp(bundle->key, key) == 0)
            return bundle;
    }
    return NULL;
}

static struct bundle *make_group(struct dispatch *dispatch, const struct receiver *receiver,
                                 const struct labels *of_alert)
{
    struct text key;
    struct labels labels = {0};
    text_init(&key);
    bool is_good = bundle_make_key(&key, &labels, receiver, of_alert);
    struct bundle *bundle = is_good ? find_group(dispatch, receiver, key.data) : NULL;
    if (is_good && !bundle && (bundle = bundle_new(receiver, false, key.data, true)) != NULL) {
        bundle->labels = labels;
        labels = (struct labels){0};
        if (!dispatch_add_bundle(dispatch, bundle))
            bundle = NULL;
    }
    labels_fini(&labels);
    text_fini(&key);
    return bundle;
}

static bool is_in(const struct active *active, const struct receiver *receiver, bool is_managers)
{
    for (size_t i = 0; i < active->bundle_count; i++) {
        if (active->bundles[i]->receiver == receiver && active->bundles[i]->is_managers == is_managers)
            return true;
    }
    return false;
}

static void join(struct dispatch *dispatch, struct active *active, const struct receiver *receiver, bool is_managers)
{
    if (is_in(active, receiver, is_managers))
        return;
    struct bundle *bundle;
    if (receiver->is_grouped && !is_managers) {
        bundle = make_group(dispatch, receiver, &active->notice.labels);
    } else {
        bundle = bundle_new(receiver, is_managers, active->notice.fingerprint, false);
        if (bundle && (!labels_copy(&bundle->labels, &active->notice.labels) || !dispatch_add_bundle(dispatch, bundle)))
            bundle = NULL; /* memory is out: nothing that matters is lost any more */
    }
    if (!bundle || !bundle_add(bundle, active))
        dispatch->is_short_of_memory = true;
}

void dispatch_join(struct dispatch *dispatch, struct active *active, const struct receiver *receiver)
{
    if (receiver_has_managers(receiver))
        join(dispatch, active, receiver, true);
    if (receiver_has_others(receiver))
        join(dispatch, active, receiver, false);
}

void dispatch_touch(struct dispatch *dispatch, struct bundle *bundle)
{
    const struct receiver *receiver = bundle->receiver;
    uint64_t due_us = dispatch->now_us;
    if (bundle->is_group && bundle->flushed_us == 0)
        due_us += receiver->group_wait_us;
    else if (bundle->is_group && bundle->flushed_us + receiver->group_interval_us > due_us)
        due_us = bundle->flushed_us + receiver->group_interval_us;
    if (due_us < bundle->due_us)
        bundle->due_us = due_us;
    if (bundle->due_us <= dispatch->now_us && !bundle->is_ready) {
        bundle->is_ready = true;
        dispatch->ready[dispatch->ready_count++] = bundle;
    } else if (bundle->due_us < dispatch->next_us) {
        dispatch->next_us = bundle->due_us;
    }
}

/* --- letters --- */

/* Whether its receiver is to hear of it now. */
static bool find_news(const struct dispatch *dispatch, struct post *post)
{
    struct active *active = post->active;
    bool is_told = post->told_us != 0;
    if (active->notice.is_firing && post->told_us == active->notice.starts_us)
        return false;
    if (!active->notice.is_firing && is_told)
        return true;
    active->mute = dispatch_judge(dispatch, &active->notice.labels);
    post->was_muted |= active->mute.kind != MUTE_NONE;
    if (active->notice.is_firing)
        return active->mute.kind == MUTE_NONE && !post->is_unwanted;
    return !post->was_muted && !post->is_unwanted;
}

static bool is_going_on(const struct dispatch *dispatch, const struct post *post)
{
    const struct active *active = post->active;
    return !post->is_unwanted && active->notice.is_firing && post->told_us == active->notice.starts_us &&
           dispatch_judge(dispatch, &active->notice.labels).kind == MUTE_NONE;
}

static void send(struct dispatch *dispatch, const struct bundle *bundle, enum tell tell, const struct letter *letter)
{
    if (dispatch->calls.on_letter)
        dispatch->calls.on_letter(dispatch->calls.context, bundle->receiver, bundle->is_managers, tell, letter,
                                  dispatch->now_us);
}

/* News first, and then what goes on, as far as there is room. Returns how many news are left. */
static size_t fill(struct dispatch *dispatch, struct bundle *bundle, struct letter *letter, bool *is_good)
{
    size_t left = 0;
    for (size_t i = 0; i < bundle->count && *is_good; i++) {
        struct post *post = &bundle->posts[i];
        if (!post->is_news)
            continue;
        if (letter->count == LETTER_NOTICES_MAX) {
            left++;
            continue;
        }
        *is_good = letter_add(letter, &post->active->notice);
        post->is_news = false;
        post->told_us = post->active->notice.is_firing ? post->active->notice.starts_us : 0;
    }
    letter->others = left;
    size_t news = letter->count;
    for (size_t i = 0; i < bundle->count && *is_good; i++) {
        struct post *post = &bundle->posts[i];
        bool is_in = false;
        for (size_t n = 0; n < news && !is_in; n++)
            is_in = strcmp(letter->notices[n].fingerprint, post->active->notice.fingerprint) == 0;
        if (is_in || post->is_news || !is_going_on(dispatch, post))
            continue;
        if (letter->count == LETTER_NOTICES_MAX)
            letter->others++;
        else
            *is_good = letter_add(letter, &post->active->notice);
    }
    return left;
}

/* Writes one letter. False where nothing is left for another one. */
static bool write_letter(struct dispatch *dispatch, struct bundle *bundle, enum tell tell)
{
    struct letter letter;
    bool is_good = letter_begin(&letter, bundle->key, bundle->is_group, &bundle->labels);
    letter.repeats = bundle->repeats;
    letter.superseded = bundle->superseded;
    size_t left = is_good ? fill(dispatch, bundle, &letter, &is_good) : 0;
    if (is_good && letter.count > 0)
        send(dispatch, bundle, tell, &letter);
    dispatch->is_short_of_memory |= !is_good;
    bundle->superseded = 0;
    letter_fini(&letter);
    return is_good && left > 0;
}

static void on_removed(void *context, struct active *active)
{
    struct dispatch *dispatch = context;
    dispatch->ended_count--;
    actives_remove(&dispatch->actives, active);
}

static uint64_t repeat_interval(const struct bundle *bundle)
{
    uint64_t shortest_us = UINT64_MAX, of_receiver_us = bundle->receiver->repeat_us;
    if (bundle->is_managers)
        return receiver_resend_us(bundle->receiver);
    for (size_t i = 0; i < bundle->count; i++) {
        const struct active *active = bundle->posts[i].active;
        if (active->notice.is_firing && active->repeat_us > 0 && active->repeat_us < shortest_us)
            shortest_us = active->repeat_us;
    }
    if (shortest_us != UINT64_MAX)
        return shortest_us;
    return of_receiver_us > 0 ? of_receiver_us : REPEAT_US;
}

bool dispatch_flush(struct dispatch *dispatch, struct bundle *bundle)
{
    bool has_news = false;
    bundle->due_us = UINT64_MAX;
    for (size_t i = 0; i < bundle->count; i++) {
        bundle->posts[i].is_news = find_news(dispatch, &bundle->posts[i]);
        has_news |= bundle->posts[i].is_news;
    }
    while (has_news && write_letter(dispatch, bundle, TELL_NEWS))
        ;
    if (has_news) {
        bundle->flushed_us = dispatch->now_us;
        bundle->repeat_us = dispatch->wall_us + repeat_interval(bundle);
    }
    bundle_remove_ended(bundle, on_removed, dispatch);
    if (bundle->count > 0)
        return true;
    remove_bundle(dispatch, bundle);
    return false;
}

void dispatch_remind(struct dispatch *dispatch, uint64_t wall_us)
{
    dispatch->wall_us = wall_us;
    for (size_t i = 0; i < dispatch->bundle_count; i++) {
        struct bundle *bundle = dispatch->bundles[i];
        if (bundle->repeat_us > wall_us)
            continue;
        bundle->repeat_us = wall_us + repeat_interval(bundle);
        bundle->repeats++;
        write_letter(dispatch, bundle, TELL_AGAIN);
    }
}
