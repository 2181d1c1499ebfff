/* Whose turn it is not: senders that take more than a fair share while others wait (shares.h). At ingest what they send is
 * dropped, and who goes on is shut out; at append they are acknowledged slowly, so that they wait. */
#include "broker/front_internal.h"

/* Over so many syncs the mean is taken. */
#define SYNCS_MEAN 16

/* Events that one who is held is acknowledged at a time. */
#define HELD_STEP 128

#define FNV_BASIS UINT64_C(14695981039346656037)
#define FNV_PRIME UINT64_C(1099511628211)

/* Without keys an address is all that is known; "" through inproc. */
static const char *address_of(struct front *front)
{
    const char *address = zmq_msg_gets(&front->message, "Peer-Address");
    return address ? address : "";
}

uint64_t front_sender(struct front *front)
{
    if (front->key)
        return front->key->id;
    uint64_t hash = FNV_BASIS;
    for (const char *at = address_of(front); *at; at++)
        hash = (hash ^ (uint8_t)*at) * FNV_PRIME;
    return hash | 1;
}

static const char *name_of(struct front *front)
{
    return front->key ? front->key->name : address_of(front);
}

static uint64_t cost_of(struct front *front)
{
    return zmq_msg_size(&front->message) + SHARES_MESSAGE_BYTES;
}

static void tell_held(struct front *front, const struct door *door, struct share *share)
{
    share->is_told = true;
    log_warning("%s takes more than its share while others wait, and is held to %llu KiB a second", name_of(front),
                (unsigned long long)(share->allowed >> 10));
    guard_deny(&front->guard, door, "more than its share", &front->message, span_of("", 0));
}

/* What was sent in vain; a flood of it keeps the sender out for a while. */
static void note_waste(struct front *front, const struct door *door, struct share *share)
{
    if (!shares_waste(&front->shares, share, cost_of(front), front->monotonic_us))
        return;
    front_bar(front, door, name_of(front));
}

static void drop(struct front *front, const struct door *door, struct share *share)
{
    stats_add(&front->options.stats->messages_throttled, 1);
    stats_add(&front->options.stats->bytes_throttled, zmq_msg_size(&front->message));
    if (share->barred_until_us > 0 && !front->key)
        guard_kick(&front->guard, door, &front->message); /* it has come again */
    else
        note_waste(front, door, share);
}

/* What it sends is put behind others': because it sends much, or what it sent before is there. */
static void place(struct front *front, const struct share *share, bool is_long)
{
    bool is_burst = is_long && shares_is_burst(&front->shares, share);
    front->is_behind = is_burst || shares_is_queued(&front->shares, share->id);
}

bool front_has_share(struct front *front, const struct door *door, bool can_wait)
{
    bool is_long = waiting_is_long(&front->waiting);
    front->is_behind = false;
    if (!shares_wants(&front->shares, is_long, waiting_has_queue(&front->waiting), front->monotonic_us))
        return true;
    uint64_t cost = cost_of(front);
    front->sender = front_sender(front);
    struct share *share = shares_note(&front->shares, front->sender, cost, front->monotonic_us);
    if (!share)
        return true;
    place(front, share, is_long);
    share->is_exempt = front->key && front->key->is_limited;
    bool is_barred = shares_is_barred(share, front->monotonic_us);
    bool has_some = !is_barred && shares_take(share, cost, can_wait, front->monotonic_us);
    if (share->allowed > 0 && !share->is_told && !has_some)
        tell_held(front, door, share);
    if (!is_barred && (has_some || can_wait) &&
        !(share->is_beyond && !can_wait && waiting_is_nearly_full(&front->waiting)))
        return true;
    drop(front, door, share);
    return false;
}

void front_share_vain(struct front *front, const struct door *door)
{
    if (front->shares.restricted == 0)
        return;
    struct share *share = shares_note(&front->shares, front_sender(front), 0, front->monotonic_us);
    if (share)
        note_waste(front, door, share);
}

bool front_is_held(struct front *front, uint64_t sender, uint64_t *step)
{
    bool has_left;
    if (!shares_is_held(&front->shares, sender, front->monotonic_us, &has_left))
        return false;
    *step = has_left ? HELD_STEP : 0;
    return true;
}

void front_move_waiting(struct front *front)
{
    waiting_move(&front->waiting, false);
    shares_moved(&front->shares, front->waiting.moved);
}

uint64_t front_count_unwritten(const struct front *front)
{
    return front->waiting.count;
}

/* To what the disk takes for a sync of late. */
static void fit_waiting(struct front *front)
{
    uint64_t syncs = stats_get(&front->options.stats->syncs), us = stats_get(&front->options.stats->sync_us);
    if (syncs - front->syncs_seen < SYNCS_MEAN || us < front->sync_us_seen)
        return;
    waiting_fit(&front->waiting, (us - front->sync_us_seen) / (syncs - front->syncs_seen));
    front->syncs_seen = syncs;
    front->sync_us_seen = us;
}

void front_share_turn(struct front *front)
{
    fit_waiting(front);
    if (!shares_is_look_due(&front->shares, front->monotonic_us))
        return;
    shares_waited(&front->shares, cpu_wait_take_us(&front->cpu_wait));
    struct shares_backlog backlog = {
        .used = waiting_used(&front->waiting),
        .capacity = ring_capacity(front->options.admitted),
        .written = stats_get(&front->options.stats->log_bytes),
    };
    if (shares_look(&front->shares, front->monotonic_us, &backlog))
        stats_add(&front->options.stats->senders_held, 1);
}
