/* Whose turn it is not: senders that take more than a fair share while others wait (shares.h). At ingest what they send is
 * dropped, and who goes on is shut out; at append they are acknowledged slowly, so that they wait. */
#include "broker/front_internal.h"

/* So much of the ring is kept for those that send no more than their share. */
#define KEPT_PART 4

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

static bool is_nearly_full(const struct front *front)
{
    size_t capacity = ring_capacity(front->options.admitted);
    return ring_used(front->options.admitted) > capacity - capacity / KEPT_PART;
}

bool front_has_share(struct front *front, const struct door *door, bool can_wait)
{
    if (!shares_wants(&front->shares))
        return true;
    uint64_t cost = cost_of(front);
    struct share *share = shares_note(&front->shares, front_sender(front), cost, front->monotonic_us);
    if (!share)
        return true;
    share->is_exempt = front->key && front->key->is_limited;
    bool is_barred = shares_is_barred(share, front->monotonic_us);
    bool has_some = !is_barred && shares_take(share, cost, can_wait, front->monotonic_us);
    if (share->allowed > 0 && !share->is_told && !has_some)
        tell_held(front, door, share);
    if (!is_barred && (has_some || can_wait) && !(share->is_beyond && !can_wait && is_nearly_full(front)))
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

void front_share_turn(struct front *front)
{
    struct shares_backlog backlog = {
        .used = ring_used(front->options.admitted),
        .capacity = ring_capacity(front->options.admitted),
        .written = stats_get(&front->options.stats->log_bytes),
    };
    if (shares_look(&front->shares, front->monotonic_us, &backlog))
        stats_add(&front->options.stats->senders_held, 1);
}
