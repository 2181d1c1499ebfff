/* Some times a second: who sends how much, and whether somebody is to be held. */
#include "broker/shares.h"

#define SECOND_US 1000000

/* A look that comes late, for others had the processor, counts for no more. */
#define LATE_US 200000

/* Who was heard within that time is there. */
#define PRESENT_US (10 * SECOND_US)

/* Less time to do nothing than a tenth: there is always something to do. */
#define BUSY_TIMES 10

/* Waits for a processor a fifth of the time: the machine has not enough of them for all that runs. Who sends so much
 * a second then has his part in that, on the same machine or by what it takes to receive it: 100,000 short messages. */
#define STARVED_TIMES 5
#define STARVING_MIN  (64u << 20)

/* More than a fair share: a quarter more than each would have. */
#define BEYOND_NUM 5
#define BEYOND_DEN 4

/* A ring of which so much is taken has somebody to blame who sends so much a second; one that is half full anybody who is
 * beyond his share: it will be full soon, and then all lose. */
#define BACKED_UP_PART 8
#define HALF_PART      2
#define FLOOD_MIN      (16u << 20)
#define NOT_PRESSED    UINT64_MAX

/* Who is held may send that a second, however little the disk takes just now. */
#define ALLOWED_MIN (1u << 20)

/* He is let go when he asks for less than half of it for a second; and after a minute, to see how much he asks for. */
#define HELD_MAX_US (60 * SECOND_US)

static void let_go(struct shares *shares, struct share *share)
{
    share->allowed = 0;
    share->barred_until_us = 0;
    share->is_told = false;
    shares->restricted--;
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
        bool may_be = share->is_beyond && share->rate >= rate_min && !share_is_restricted(share);
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
                            .queued_at = share->queued_at,
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
        if (share_is_restricted(share))
            follow(shares, share, rate, us, now_us);
    }
    uint64_t fair = shares->present > 1 ? total_of(shares) / shares->present : UINT64_MAX / BEYOND_NUM;
    for (size_t i = 0; i < SHARES_MAX; i++) {
        struct share *share = &shares->items[i];
        share->is_beyond = share->id != 0 && !share->is_exempt && share->rate > fair / BEYOND_DEN * BEYOND_NUM;
    }
}

/* What is known of senders is of another time, but for who they are. */
static void forget_rates(struct shares *shares)
{
    for (size_t i = 0; i < SHARES_MAX; i++) {
        struct share *share = &shares->items[i];
        share->cost = 0;
        share->rate = 0;
        share->is_beyond = false;
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

/* Who sends less than that is not to blame for what others wait for now; NOT_PRESSED: they do not wait. */
static uint64_t least_to_blame(const struct shares *shares, uint64_t us, const struct shares_backlog *backlog)
{
    if (shares->idle_us < us / BUSY_TIMES || backlog->used > backlog->capacity / HALF_PART)
        return 0;
    if (backlog->used > backlog->capacity / BACKED_UP_PART)
        return FLOOD_MIN;
    return shares->waited_us > us / STARVED_TIMES ? STARVING_MIN : NOT_PRESSED;
}

bool shares_look(struct shares *shares, uint64_t now_us, const struct shares_backlog *backlog)
{
    if (!shares_is_look_due(shares, now_us))
        return false;
    uint64_t us = now_us - shares->looked_us;
    uint64_t blame_min = least_to_blame(shares, us, backlog);
    bool is_pressed = blame_min != NOT_PRESSED;
    bool was_measuring = shares->pressed_us > 0 || shares->restricted > 0;
    shares->looked_us = now_us;
    shares->idle_us = 0;
    shares->waited_us = 0;
    press(shares, us, is_pressed);
    uint64_t write_rate = (backlog->written - shares->written) * SECOND_US / us;
    shares->write_rate = (7 * shares->write_rate + write_rate) / 8; /* it comes in batches */
    shares->written = backlog->written;
    if (!was_measuring) {
        forget_rates(shares);
        shares->present = count_present(shares, now_us);
        return false;
    }
    measure(shares, us, now_us);
    bool is_due = is_pressed && shares->pressed_us >= shares->options.after_us;
    struct share *greedy = is_due ? find_greedy(shares, blame_min) : NULL;
    if (greedy)
        hold(shares, greedy, now_us);
    return greedy != NULL;
}
