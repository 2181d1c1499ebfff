/* Who takes how much of the broker's time, and who takes so much that others wait. While the broker is the bottleneck, and
 * more than one sender is there, the one that takes most beyond a fair share is held to a small part of what the broker can
 * do; one that goes on all the same is kept out for a while. Who is alone is never held, nor is a short burst. Pure; one
 * thread. */
#ifndef BROKER_SHARES_H
#define BROKER_SHARES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Senders that are known at a time; where there are more, those unheard for longest are forgotten. */
#define SHARES_MAX 1024

/* What it takes to receive a message, however short, beside its bytes. */
#define SHARES_MESSAGE_BYTES 512u

/* While there is time for all, one message in so much time is looked at, to know who is there. */
#define SHARES_SAMPLE_US 1000

struct shares_options {
    uint64_t after_us; /* how long somebody may take more than his share */
    unsigned percent;  /* what he has then, of what the broker can do; 100: nobody is ever held */
    uint64_t bar_us;   /* how long he is kept out who goes on; 0: not at all */
};

/* A sender: a key, or an address. Costs are bytes, where a message counts for SHARES_MESSAGE_BYTES beside its own. */
struct share {
    uint64_t id; /* 0: free */
    uint64_t seen_us;
    uint64_t cost;            /* since the last look */
    uint64_t burst;           /* what came lately, … */
    uint64_t burst_us;        /* … since then */
    uint64_t queued_at;       /* where its last event in the queue to the journal ends (waiting.h) */
    uint64_t rate;            /* a second, smoothed */
    uint64_t allowed;         /* a second; 0: it is not held */
    int64_t left;             /* of that, now */
    uint64_t filled_us;       /* when that was */
    uint64_t held_us;         /* since when it is held */
    uint64_t calm_us;         /* how long it has asked for little since then */
    uint64_t over_us;         /* how long for far more than it has */
    uint64_t wasted;          /* what it sent in vain, … */
    uint64_t wasted_us;       /* … within the second that began then */
    uint64_t barred_until_us; /* 0: it is not */
    bool is_exempt;           /* has a limit of its own */
    bool is_beyond;           /* took more than a fair share of late */
    bool is_told;             /* that it is held */
};

struct shares {
    struct shares_options options;
    struct share *items; /* SHARES_MAX, in sets */
    uint64_t looked_us;
    uint64_t idle_us;    /* nothing to do, since then */
    uint64_t waited_us;  /* something to do and no processor, since then */
    uint64_t written;    /* bytes, until then */
    uint64_t write_rate; /* a second, smoothed */
    uint64_t pressed_us; /* how long there was always something to do; 0: nobody measures */
    uint64_t moved;      /* the queue to the journal has moved on up to there */
    uint64_t sampled_us; /* when a message was last looked at while there was time enough */
    unsigned restricted; /* senders that are held or barred */
    unsigned present;    /* senders at the last look, but for those that are kept out */
    unsigned unsampled;
};

static inline bool share_is_restricted(const struct share *share)
{
    return share->allowed > 0 || share->barred_until_us > 0;
}

/* False when out of memory; shares_fini is due in any case. */
bool shares_init(struct shares *shares, const struct shares_options *options, uint64_t now_us);
void shares_fini(struct shares *shares);

/* Is it worth while to find out whose the next message is? Seldom while there is time enough, or only one is there.
 * `is_backed_up`: events wait for the journal; `has_queue`: those of some senders behind those of others. */
bool shares_wants_slow(struct shares *shares, bool has_queue, uint64_t now_us);
static inline bool shares_wants(struct shares *shares, bool is_backed_up, bool has_queue, uint64_t now_us)
{
    bool is_due = shares->pressed_us > 0 || shares->restricted > 0 || is_backed_up || has_queue;
    return (is_due || now_us - shares->sampled_us >= SHARES_SAMPLE_US) && shares_wants_slow(shares, has_queue, now_us);
}

/* The sender has sent a message of that cost. `id` is not 0. Borrowed until the next call. */
struct share *shares_note(struct shares *shares, uint64_t id, uint64_t cost, uint64_t now_us);

/* True when it is not held, or has some of its part left, of which the cost is taken. `must`: it is taken anyway, and paid
 * for later. */
bool shares_take(struct share *share, uint64_t cost, bool must, uint64_t now_us);

/* The message was in vain. True when that makes it a flood: it is barred now. */
bool shares_waste(struct shares *shares, struct share *share, uint64_t cost, uint64_t now_us);

/* True while it is kept out. */
bool shares_is_barred(const struct share *share, uint64_t now_us);

/* What a sender may have: true when it is held; then `*has_left` says whether it may have some more now. */
bool shares_is_held(struct shares *shares, uint64_t id, uint64_t now_us, bool *has_left);

/* Nothing was there to do for so long. */
void shares_idle(struct shares *shares, uint64_t us);

/* Something was there to do, and no processor for it, for so long. */
void shares_waited(struct shares *shares, uint64_t us);

/* What waits for the disk. */
struct shares_backlog {
    size_t used; /* bytes of the ring */
    size_t capacity;
    uint64_t written; /* bytes that have reached the log since the start */
};

/* True when others are there, and are not to wait behind the sender, for it has sent much lately. */
bool shares_is_burst(const struct shares *shares, const struct share *share);

/* The queue has moved on up to there. A sender is known as long as something of it is in the queue. */
static inline void shares_moved(struct shares *shares, uint64_t moved)
{
    shares->moved = moved;
}

/* True while something of the sender is in the queue: then all that comes from it must go there. */
bool shares_is_queued(const struct shares *shares, uint64_t id);

/* An event of the sender is put into the queue, and ends there at `end`. False: it must not be, for there is no place to
 * note that. */
bool shares_queue(struct shares *shares, uint64_t id, uint64_t end);

/* Some times a second it is. */
#define SHARES_LOOK_US 100000
static inline bool shares_is_look_due(const struct shares *shares, uint64_t now_us)
{
    return now_us - shares->looked_us >= SHARES_LOOK_US && shares->options.percent < 100;
}

/* When that is due. True when another one is held. */
bool shares_look(struct shares *shares, uint64_t now_us, const struct shares_backlog *backlog);

#endif
