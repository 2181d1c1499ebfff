/* Subscribing at OpenSIPS by itself: to all its events, in time before each subscription ends, and anew where OpenSIPS was
 * restarted and has forgotten. A thread of its own. */
#ifndef CLIENT_GATEWAY_SUBSCRIBE_H
#define CLIENT_GATEWAY_SUBSCRIBE_H

#include <pthread.h>

#include "client/gateway/counts.h"
#include "client/gateway/mi.h"

struct subscribe_settings {
    const char *url;    /* of the management interface */
    const char *socket; /* where OpenSIPS is to send to, as it spells it: udp:127.0.0.1:5570 */
    int expire_s;
    bool is_quiet;
};

struct subscribe {
    struct subscribe_settings settings;
    struct counts *counts;
    struct mi mi;
    struct text params;
    struct text names; /* of all events, each ended by NUL */
    pthread_t thread;
    bool has_thread;
    bool is_subscribed;
    pthread_mutex_t lock;
    pthread_cond_t ended;
    bool is_ending;
};

/* Begins. Complains and returns false where the URL is none; subscribe_end is due in any case. */
bool subscribe_begin(struct subscribe *subscribe, const struct subscribe_settings *settings, struct counts *counts);

/* Ends the subscriptions, where OpenSIPS answers, and the thread. */
void subscribe_end(struct subscribe *subscribe);

#endif
