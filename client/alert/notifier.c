#include "client/alert/notifier.h"

#include <sodium.h>
#include <stdlib.h>

#include "client/alert/notifier_inner.h"
#include "client/complain.h"

#define TELL_AGAIN_US INT64_C(60000000)

static bool make_lanes(struct notifier *notifier, const struct receivers *receivers)
{
    size_t count = 0;
    for (size_t i = 0; i < receivers->count; i++)
        count += receivers->items[i].target_count;
    notifier->lanes = calloc(count + 1, sizeof *notifier->lanes);
    notifier->attempts = calloc((count + 1) * LANE_AT_ONCE, sizeof(struct attempt *));
    if (!notifier->lanes || !notifier->attempts)
        return false;
    for (size_t i = 0; i < receivers->count; i++) {
        for (size_t target = 0; target < receivers->items[i].target_count; target++)
            notifier->lanes[notifier->lane_count++] = (struct lane){
                .receiver = &receivers->items[i], .target = &receivers->items[i].targets[target], .index = target};
    }
    return true;
}

struct notifier *notifier_new(const struct receivers *receivers, const struct notifier_calls *calls)
{
    struct notifier *notifier = calloc(1, sizeof *notifier);
    if (!notifier || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(notifier);
        return NULL;
    }
    notifier->calls = *calls;
    notifier->multi = curl_multi_init();
    if (!notifier->multi || !make_lanes(notifier, receivers))
        notifier_free(&notifier);
    return notifier;
}

static void end_attempt(struct notifier *notifier, struct attempt *attempt)
{
    for (size_t i = 0; i < notifier->attempt_count; i++) {
        if (notifier->attempts[i] == attempt)
            notifier->attempts[i] = notifier->attempts[--notifier->attempt_count];
    }
    if (attempt->easy)
        curl_multi_remove_handle(notifier->multi, attempt->easy);
    attempt_free(&attempt);
}

void notifier_free(struct notifier **self)
{
    struct notifier *notifier = *self;
    if (!notifier)
        return;
    while (notifier->attempt_count > 0)
        end_attempt(notifier, notifier->attempts[0]);
    for (size_t i = 0; i < notifier->lane_count; i++)
        lane_fini(&notifier->lanes[i]);
    if (notifier->multi)
        curl_multi_cleanup(notifier->multi);
    curl_global_cleanup();
    free(notifier->lanes);
    free(notifier->attempts);
    free(notifier);
    *self = NULL;
}

/* --- queueing --- */

static void tell_fate(const struct notifier *notifier, enum fate fate, const struct lane *lane,
                      const struct delivery *delivery, const char *reason)
{
    if (notifier->calls.on_fate)
        notifier->calls.on_fate(notifier->calls.context, fate, lane, delivery, reason);
}

struct delivery *notifier_queue(struct notifier *notifier, struct lane *lane, const struct letter *letter,
                                const char *id, uint64_t wall_us)
{
    bool has_dropped = false;
    struct delivery *delivery = lane_add(lane, letter, id, wall_us, &has_dropped);
    if (delivery)
        delivery->number = ++notifier->queued;
    notifier->changes++;
    if (has_dropped && !lane->is_limited)
        complain("receiver %s, %s: more than %u notices wait; the oldest are dropped", lane->receiver->name,
                 target_name(lane->target->kind), LANE_NOTICES_MAX);
    lane->is_limited |= has_dropped;
    return delivery;
}

bool notifier_tell(struct notifier *notifier, const struct receiver *receiver, bool is_managers, enum tell tell,
                   const struct letter *letter, uint64_t wall_us)
{
    char id[LETTER_ID_MAX];
    bool is_good = true;
    for (size_t i = 0; i < notifier->lane_count; i++) {
        struct lane *lane = &notifier->lanes[i];
        bool is_manager = lane->target->kind == TARGET_ALERTMANAGER;
        if (lane->receiver != receiver || is_manager != is_managers ||
            (is_manager && tell == TELL_AGAIN && lane_has(lane, letter->key)))
            continue;
        letter_make_id(id, letter, receiver->name, lane->index);
        const struct delivery *delivery = notifier_queue(notifier, lane, letter, id, wall_us);
        is_good &= delivery != NULL;
        if (delivery && !(is_manager && tell == TELL_AGAIN))
            tell_fate(notifier, FATE_QUEUED, lane, delivery, NULL);
    }
    return is_good;
}

static void tell_limit(struct lane *lane, size_t merged, int64_t now_us)
{
    if (lane->told_limit_us != 0 && now_us - lane->told_limit_us < TELL_AGAIN_US)
        return;
    lane->told_limit_us = now_us;
    complain("receiver %s, %s: more than its rate_limit of %u; %zu notices are told as one", lane->receiver->name,
             target_name(lane->target->kind), lane->receiver->limit_count, merged + 1);
}

void notifier_choose(struct notifier *notifier, int64_t now_us)
{
    for (size_t i = 0; i < notifier->lane_count; i++) {
        struct lane *lane = &notifier->lanes[i];
        uint64_t before = notifier->queued;
        size_t merged = lane_choose(lane, now_us, &notifier->queued);
        if (merged == 0)
            continue;
        notifier->changes++;
        tell_limit(lane, merged, now_us);
        for (size_t d = 0; d < lane->count; d++) {
            if (lane->items[d]->number > before)
                tell_fate(notifier, FATE_MERGED, lane, lane->items[d], NULL);
        }
    }
}

void notifier_settle(struct notifier *notifier)
{
    notifier->settled = notifier->queued;
}

/* --- sending --- */

static void tell_trouble(struct lane *lane, const char *reason, int64_t now_us)
{
    if (lane->told_us != 0 && now_us - lane->told_us < TELL_AGAIN_US)
        return;
    lane->told_us = now_us;
    complain("receiver %s, %s: %s; trying again, %zu waiting", lane->receiver->name, target_name(lane->target->kind),
             reason, lane->count);
}

static void try_later(struct lane *lane, struct delivery *delivery, int64_t pause_ms, int64_t now_us)
{
    delivery->is_under_way = false;
    lane->under_way--;
    delivery->due_us =
        now_us + (pause_ms > 0 ? pause_ms * 1000 : lane_pause_us(delivery->attempts, randombytes_random()));
}

static void give_up(struct notifier *notifier, struct lane *lane, struct delivery *delivery, const char *reason)
{
    complain("receiver %s, %s: %s; a notice of %zu alerts, first %s, is given up", lane->receiver->name,
             target_name(lane->target->kind), reason, delivery->letter.count,
             notice_label(&delivery->letter.notices[0], "alertname"));
    tell_fate(notifier, FATE_GIVEN_UP, lane, delivery, reason);
    lane->dropped++;
    lane_remove(lane, delivery);
    notifier->changes++;
}

static void on_end(struct notifier *notifier, struct attempt *attempt, enum attempt_end end, int64_t now_us,
                   uint64_t wall_us)
{
    struct lane *lane = attempt->lane;
    struct delivery *delivery = attempt->delivery;
    if (end == ATTEMPT_DONE) {
        if (lane->told_us != 0)
            complain("receiver %s, %s: takes notices again; %llu were dropped in all", lane->receiver->name,
                     target_name(lane->target->kind), (unsigned long long)lane->dropped);
        lane->told_us = 0;
        lane->is_limited = false;
        tell_fate(notifier, FATE_TAKEN, lane, delivery, NULL);
        lane_remove(lane, delivery);
        notifier->changes++;
    } else if (end == ATTEMPT_NEVER || wall_us > delivery->queued_us + LANE_GIVE_UP_US) {
        give_up(notifier, lane, delivery, attempt->reason);
    } else {
        tell_trouble(lane, attempt->reason, now_us);
        if (delivery->attempts == 1)
            tell_fate(notifier, FATE_FAILED, lane, delivery, attempt->reason);
        try_later(lane, delivery, attempt->pause_ms, now_us);
    }
    end_attempt(notifier, attempt);
}

static void begin(struct notifier *notifier, struct lane *lane, struct delivery *delivery, int64_t now_us,
                  uint64_t wall_us)
{
    delivery->attempts++;
    delivery->is_under_way = true;
    lane->under_way++;
    struct attempt *attempt = attempt_new(lane, delivery, wall_us, now_us);
    if (attempt && attempt->easy && curl_multi_add_handle(notifier->multi, attempt->easy) != CURLM_OK)
        attempt_free(&attempt);
    if (attempt) {
        notifier->attempts[notifier->attempt_count++] = attempt;
        return;
    }
    tell_trouble(lane, "cannot be tried", now_us);
    try_later(lane, delivery, 0, now_us);
}

static void end_requests(struct notifier *notifier, int64_t now_us, uint64_t wall_us)
{
    int left;
    CURLMsg *message;
    curl_multi_perform(notifier->multi, &left);
    while ((message = curl_multi_info_read(notifier->multi, &left)) != NULL) {
        struct attempt *attempt;
        CURLcode result = message->data.result;
        if (message->msg != CURLMSG_DONE ||
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&attempt) != CURLE_OK)
            continue;
        on_end(notifier, attempt, attempt_judge(attempt, result), now_us, wall_us);
    }
}

static void end_programs(struct notifier *notifier, int64_t now_us, uint64_t wall_us)
{
    for (size_t i = notifier->attempt_count; i-- > 0;) {
        enum attempt_end end;
        struct attempt *attempt = notifier->attempts[i];
        if (attempt->pid > 0 && attempt_has_ended(attempt, now_us, &end))
            on_end(notifier, attempt, end, now_us, wall_us);
    }
}

void notifier_run(struct notifier *notifier, int64_t now_us, uint64_t wall_us)
{
    for (size_t i = 0; i < notifier->lane_count; i++) {
        struct delivery *delivery;
        while ((delivery = lane_next(&notifier->lanes[i], now_us, notifier->settled)) != NULL)
            begin(notifier, &notifier->lanes[i], delivery, now_us, wall_us);
    }
    if (notifier->attempt_count == 0)
        return;
    end_requests(notifier, now_us, wall_us);
    end_programs(notifier, now_us, wall_us);
}

size_t notifier_waiting(const struct notifier *notifier)
{
    size_t waiting = 0;
    for (size_t i = 0; i < notifier->lane_count; i++)
        waiting += notifier->lanes[i].count;
    return waiting;
}

size_t notifier_under_way(const struct notifier *notifier)
{
    return notifier->attempt_count;
}

uint64_t notifier_changes(const struct notifier *notifier)
{
    return notifier->changes;
}
