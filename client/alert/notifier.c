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

struct notifier *notifier_new(const struct receivers *receivers)
{
    struct notifier *notifier = calloc(1, sizeof *notifier);
    if (!notifier || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(notifier);
        return NULL;
    }
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

static void make_id(char id[DELIVERY_ID_MAX], const struct lane *lane, const struct notice *notice, unsigned repeats)
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    struct text text;
    text_init(&text);
    text_printf(&text, "%s\n%zu\n%s\n%llu\n%d\n%u", lane->receiver->name, lane->index, notice->fingerprint,
                (unsigned long long)notice->starts_us, notice->is_firing, repeats);
    crypto_hash_sha256(hash, (const uint8_t *)text.data, text.len);
    text_fini(&text);
    memcpy(id, "msg_", 4);
    sodium_bin2hex(id + 4, DELIVERY_ID_MAX - 4, hash, 16);
}

bool notifier_queue(struct notifier *notifier, struct lane *lane, const struct notice *notice, const char *id,
                    uint64_t wall_us)
{
    bool has_dropped = false;
    bool is_good = lane_add(lane, notice, id, wall_us, &has_dropped);
    notifier->changes++;
    if (has_dropped && !lane->is_limited)
        complain("receiver %s, %s: more than %u notices wait; the oldest are dropped", lane->receiver->name,
                 target_name(lane->target->kind), LANE_DELIVERIES_MAX);
    lane->is_limited |= has_dropped;
    return is_good;
}

bool notifier_tell(struct notifier *notifier, struct span receiver, enum tell tell, const struct notice *notice,
                   unsigned repeats, uint64_t wall_us)
{
    char id[DELIVERY_ID_MAX];
    bool is_good = true;
    for (size_t i = 0; i < notifier->lane_count; i++) {
        struct lane *lane = &notifier->lanes[i];
        bool is_manager = lane->target->kind == TARGET_ALERTMANAGER;
        if (!span_is(receiver, lane->receiver->name) || (tell == TELL_REPEAT && is_manager) ||
            (tell == TELL_RESEND && (!is_manager || lane_has(lane, notice->fingerprint))))
            continue;
        make_id(id, lane, notice, repeats);
        is_good &= notifier_queue(notifier, lane, notice, id, wall_us);
    }
    return is_good;
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
    complain("receiver %s, %s: %s; the notice of %s is given up", lane->receiver->name, target_name(lane->target->kind),
             reason, notice_label(&delivery->notice, "alertname"));
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
            complain("receiver %s, %s: takes notices again", lane->receiver->name, target_name(lane->target->kind));
        lane->told_us = 0;
        lane->is_limited = false;
        lane_remove(lane, delivery);
        notifier->changes++;
    } else if (end == ATTEMPT_NEVER || wall_us > delivery->queued_us + LANE_GIVE_UP_US) {
        give_up(notifier, lane, delivery, attempt->reason);
    } else {
        tell_trouble(lane, attempt->reason, now_us);
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
        while ((delivery = lane_next(&notifier->lanes[i], now_us)) != NULL)
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
