#include "broker/shares.h"

#include <stdlib.h>
#include <string.h>

#define SECOND_US 1000000
#define LOOK_US   100000

/* A look that comes late, for others had the processor, counts for no more. */
#define LATE_US 200000

/* Senders whose ids meet are kept in one set. */
#define SET 8

/* Who was heard within that time is there. */
#define PRESENT_US (10 * SECOND_US)

/* Less time to do nothing than a tenth: there is always something to do. */
#define BUSY_TIMES 10

/* More than a fair share: a quarter more than each would have. */
#define BEYOND_NUM 5
#define BEYOND_DEN 4

/* A ring of which so much is taken has somebody to blame who sends so much a second; one that is half full anybody who is
 * beyond his share: it will be full soon, and then all lose. */
#define BACKED_UP_PART 8
#define HALF_PART      2
#define FLOOD_MIN      (16u << 20)

/* Who is held may send that a second, however little the disk takes just now. */
#define ALLOWED_MIN (1u << 20)

/* Who is held has so much of his part at once. */
#define PART_US 20000

/* … and pays for at most so much that came before it knew. */
#define DEBT_US 200000

/* He is let go when he asks for less than half of it for a second; and after a minute, to see how much he asks for. */
#define HELD_MAX_US (60 * SECOND_US)

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

bool shares_wants_slow(struct shares *shares)
{
    if (shares->options.percent >= 100)
        return false;
    if (shares->restricted > 0 || shares->present > 1)
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

static bool is_restricted(const struct share *share)
{
    return share->allowed > 0 || share->barred_until_us > 0;
}

/* The place of the one unheard for longest; who is held or barred stays. */
static struct share *add(const struct shares *shares, uint64_t id)
{
    struct share *set = &shares->items[(id ^ (id >> 32)) % (SHARES_MAX / SET) * SET];
    struct share *oldest = NULL;
    for (size_t i = 0; i < SET; i++) {
        if (!is_restricted(&set[i]) && (!oldest || set[i].seen_us < oldest->seen_us))
            oldest = &set[i];
    }
    if (!oldest)
        return NULL;
    *oldest = (struct share){.id = id};
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
    return share;
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

static void let_go(struct shares *shares, struct share *share)
{
    share->allowed = 0;
    share->barred_until_us = 0;
    share->is_told = false;
    shares->restricted--;
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

/* What became of one that is held, in the time since the last look. */
static void follow(struct shares *shares, struct share *share, uint64_t rate, uint64_t us, uint64_t now_us)
{
    if (share->barred_until_us > 0) {
        if (!shares_is_barred(share, now_us))
            let_go(shares, share);
        return;
    }
    bool is_wasting = share->wasted > 0 && now_us - share->wasted_us < SECOND_US;
    share->over_us = is_wasting && rate > 2 * share->allowed ? share->over_us + us : 0;
    share->calm_us = rate < share->allowed / 2 ? share->calm_us + us : 0;
    if (share->calm_us >= SECOND_US || shares->present < 2 || now_us - share->held_us >= HELD_MAX_US)
        let_go(shares, share);
}

static uint64_t total_of(const struct shares *shares)
{
    uint64_t total = 0;
    for (size_t i = 0; i < SHARES_MAX; i++)
        total += shares->items[i].rate;
    return total;
}

/* The one that takes most, if that is more than a fair share; NULL: nobody does. */
static struct share *find_greedy(const struct shares *shares, uint64_t rate_min)
{
    struct share *greedy = NULL;
    for (size_t i = 0; i < SHARES_MAX; i++) {
        struct share *share = &shares->items[i];
        bool may_be = share->is_beyond && share->rate >= rate_min && !is_restricted(share);
        if (may_be && (!greedy || share->rate > greedy->rate))
            greedy = share;
    }
    return greedy;
}

static void hold(struct shares *shares, struct share *share, uint64_t now_us)
{
    uint64_t total = total_of(shares);
    uint64_t can_be = total < shares->write_rate ? total : shares->write_rate;
    uint64_t allowed = can_be / 100 * shares->options.percent;
    *share = (struct share){.id = share->id,
                            .seen_us = share->seen_us,
                            .rate = share->rate,
                            .allowed = allowed > ALLOWED_MIN ? allowed : ALLOWED_MIN,
                            .filled_us = now_us,
                            .held_us = now_us,
                            .is_beyond = true};
    shares->restricted++;
}

static unsigned count_present(const struct shares *shares, uint64_t now_us)
{
    unsigned present = 0;
    for (size_t i = 0; i < SHARES_MAX; i++) {
        const struct share *share = &shares->items[i];
        present += share->id != 0 && share->barred_until_us == 0 && now_us - share->seen_us < PRESENT_US;
    }
    return present;
}

/* Rates since the last look, and who is there. */
static void measure(struct shares *shares, uint64_t us, uint64_t now_us)
{
    shares->present = count_present(shares, now_us);
    for (size_t i = 0; i < SHARES_MAX; i++) {
        struct share *share = &shares->items[i];
        if (share->id == 0)
            continue;
        uint64_t rate = share->cost * SECOND_US / us;
        share->cost = 0;
        share->rate = (3 * share->rate + rate) / 4;
        if (is_restricted(share))
            follow(shares, share, rate, us, now_us);
    }
    uint64_t fair = shares->present > 1 ? total_of(shares) / shares->present : UINT64_MAX / BEYOND_NUM;
    for (size_t i = 0; i < SHARES_MAX; i++) {
        struct share *share = &shares->items[i];
        share->is_beyond = share->id != 0 && !share->is_exempt && share->rate > fair / BEYOND_DEN * BEYOND_NUM;
    }
}

static void press(struct shares *shares, uint64_t us, bool is_pressed)
{
    us = us < LATE_US ? us : LATE_US;
    if (is_pressed)
        shares->pressed_us += us;
    else
        shares->pressed_us = shares->pressed_us > us ? shares->pressed_us - us : 0;
    if (shares->pressed_us > shares->options.after_us)
        shares->pressed_us = shares->options.after_us;
}

bool shares_look(struct shares *shares, uint64_t now_us, const struct shares_backlog *backlog)
{
    uint64_t us = now_us - shares->looked_us;
    if (us < LOOK_US || shares->options.percent >= 100)
        return false;
    bool is_busy = shares->idle_us < us / BUSY_TIMES;
    bool is_half_full = backlog->used > backlog->capacity / HALF_PART;
    bool is_pressed = is_busy || backlog->used > backlog->capacity / BACKED_UP_PART;
    bool was_measuring = shares->pressed_us > 0 || shares->restricted > 0;
    shares->looked_us = now_us;
    shares->idle_us = 0;
    press(shares, us, is_pressed);
    uint64_t write_rate = (backlog->written - shares->written) * SECOND_US / us;
    shares->write_rate = (7 * shares->write_rate + write_rate) / 8; /* it comes in batches */
    shares->written = backlog->written;
    if (!was_measuring) { /* what is known of senders is of another time */
        memset(shares->items, 0, SHARES_MAX * sizeof *shares->items);
        shares->present = 0;
        return false;
    }
    measure(shares, us, now_us);
    bool is_due = is_pressed && shares->pressed_us >= shares->options.after_us;
    struct share *greedy = is_due ? find_greedy(shares, is_busy || is_half_full ? 0 : FLOOD_MIN) : NULL;
    if (greedy)
        hold(shares, greedy, now_us);
    return greedy != NULL;
}
