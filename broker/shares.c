/* Who is there and what he sent: the table, and what is asked for each message. */
#include "broker/shares.h"

#include <stdlib.h>

#define SECOND_US 1000000

/* Senders whose ids meet are kept in one set. */
#define SET 8

/* Who is held may send that a second in vain, however little he has. */
#define FLOOD_MIN (16u << 20)

/* Who is held has so much of his part at once. */
#define PART_US 20000

/* … and pays for at most so much that came before it knew. */
#define DEBT_US 200000

/* Who sends more than that in such a time is put behind others: three megabytes a second. */
#define BURST_US  20000
#define BURST_MAX (64u << 10)

/* One of so many messages is looked at while only one sender is known. A prime: senders come in turn. */
#define SAMPLE 13

bool shares_init(struct shares *shares, const struct shares_options *options, uint64_t now_us)
{
    *shares = (struct shares){.options = *options, .looked_us = now_us};
    shares->items = calloc(SHARES_MAX, sizeof *shares->items);
    return shares->items != NULL;
}

void shares_fini(struct shares *shares)
{
    free(shares->items);
    shares->items = NULL;
}

bool shares_wants_slow(struct shares *shares, bool has_queue, uint64_t now_us)
{
    if (shares->options.percent >= 100)
        return false;
    if (now_us - shares->sampled_us >= SHARES_SAMPLE_US) {
        shares->sampled_us = now_us;
        return true;
    }
    if (shares->restricted > 0 || shares->present > 1 || has_queue)
        return true;
    shares->unsampled++;
    return shares->unsampled % SAMPLE == 0;
}

static struct share *find(const struct shares *shares, uint64_t id)
{
    struct share *set = &shares->items[(id ^ (id >> 32)) % (SHARES_MAX / SET) * SET];
    for (size_t i = 0; i < SET; i++) {
        if (set[i].id == id)
            return &set[i];
    }
    return NULL;
}

static bool is_queued(const struct shares *shares, const struct share *share)
{
    return share->queued_at > shares->moved;
}

/* The place of the one unheard for longest; who is held or barred stays, and of whom something is in the queue. */
static struct share *add(struct shares *shares, uint64_t id)
{
    struct share *set = &shares->items[(id ^ (id >> 32)) % (SHARES_MAX / SET) * SET];
    struct share *oldest = NULL;
    for (size_t i = 0; i < SET; i++) {
        bool must_stay = share_is_restricted(&set[i]) || is_queued(shares, &set[i]);
        if (!must_stay && (!oldest || set[i].seen_us < oldest->seen_us))
            oldest = &set[i];
    }
    if (!oldest)
        return NULL;
    *oldest = (struct share){.id = id};
    shares->present++; /* until the next look */
    return oldest;
}

struct share *shares_note(struct shares *shares, uint64_t id, uint64_t cost, uint64_t now_us)
{
    struct share *share = find(shares, id);
    if (!share)
        share = add(shares, id);
    if (!share)
        return NULL;
    share->seen_us = now_us;
    share->cost += cost;
    if (now_us - share->burst_us >= BURST_US) {
        share->burst_us = now_us;
        share->burst = 0;
    }
    share->burst += cost;
    return share;
}

bool shares_is_burst(const struct shares *shares, const struct share *share)
{
    return shares->present > 1 && share->burst > BURST_MAX;
}

bool shares_is_queued(const struct shares *shares, uint64_t id)
{
    const struct share *share = find(shares, id);
    return share && is_queued(shares, share);
}

bool shares_queue(struct shares *shares, uint64_t id, uint64_t end)
{
    struct share *share = find(shares, id);
    if (!share)
        share = add(shares, id);
    if (share)
        share->queued_at = end;
    return share != NULL;
}

static void fill(struct share *share, uint64_t now_us)
{
    uint64_t us = now_us - share->filled_us < SECOND_US ? now_us - share->filled_us : SECOND_US;
    int64_t most = (int64_t)(share->allowed * PART_US / SECOND_US) + 1;
    share->filled_us = now_us;
    share->left += (int64_t)(share->allowed * us / SECOND_US);
    if (share->left > most)
        share->left = most;
}

bool shares_take(struct share *share, uint64_t cost, bool must, uint64_t now_us)
{
    if (share->allowed == 0)
        return true;
    fill(share, now_us);
    bool has_left = share->left > 0;
    if (has_left || must)
        share->left -= (int64_t)cost;
    int64_t least = -(int64_t)(share->allowed * DEBT_US / SECOND_US);
    if (must && share->left < least)
        share->left = least;
    return has_left;
}

bool shares_waste(struct shares *shares, struct share *share, uint64_t cost, uint64_t now_us)
{
    if (share->allowed == 0 || shares->options.bar_us == 0)
        return false;
    if (now_us - share->wasted_us >= SECOND_US) {
        share->wasted_us = now_us;
        share->wasted = 0;
    }
    share->wasted += cost;
    uint64_t most = share->allowed > FLOOD_MIN ? share->allowed : FLOOD_MIN;
    if (share->wasted <= most && share->over_us < shares->options.after_us)
        return false;
    share->allowed = 0;
    share->is_told = false;
    share->barred_until_us = now_us + shares->options.bar_us;
    return true;
}

bool shares_is_barred(const struct share *share, uint64_t now_us)
{
    return now_us < share->barred_until_us;
}

bool shares_is_held(struct shares *shares, uint64_t id, uint64_t now_us, bool *has_left)
{
    struct share *share = shares->restricted > 0 ? find(shares, id) : NULL;
    if (!share || share->allowed == 0)
        return false;
    fill(share, now_us);
    *has_left = share->left > 0;
    return true;
}

void shares_idle(struct shares *shares, uint64_t us)
{
    shares->idle_us += us;
}

void shares_waited(struct shares *shares, uint64_t us)
{
    shares->waited_us += us;
}
