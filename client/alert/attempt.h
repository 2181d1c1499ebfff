/* One delivery under way: a request of libcurl, or a program. */
#ifndef CLIENT_ALERT_ATTEMPT_H
#define CLIENT_ALERT_ATTEMPT_H

#include <curl/curl.h>
#include <sys/types.h>

#include "client/alert/lane.h"

#define ATTEMPT_REASON_MAX 256

enum attempt_end {
    ATTEMPT_DONE,
    ATTEMPT_AGAIN, /* later: reason, and pause_ms where the target said */
    ATTEMPT_NEVER, /* the target will never take it: reason */
};

struct attempt {
    struct lane *lane;
    struct delivery *delivery;
    struct text body;
    size_t sent; /* of the body, with SMTP */
    CURL *easy;
    struct curl_slist *headers;
    struct curl_slist *addresses; /* with SMTP */
    bool is_refused;              /* the address is private */
    pid_t pid;                    /* of a program; 0: none */
    int64_t deadline_us;          /* monotonic, of a program */
    char reason[ATTEMPT_REASON_MAX];
    int64_t pause_ms; /* 0: it did not say */
};

/* Makes what is to be sent. NULL: out of memory, or the program cannot be started (complained about). For requests the
 * caller adds ->easy to its multi handle. */
struct attempt *attempt_new(struct lane *lane, struct delivery *delivery, uint64_t wall_us, int64_t now_us);

/* Ends what is under way; ->easy is no longer in a multi handle. */
void attempt_free(struct attempt **attempt);

/* What came of a request. */
enum attempt_end attempt_judge(struct attempt *attempt, CURLcode result);

/* In attempt_program.c. Starts target->options' program with the body on its standard input. */
bool attempt_start_program(struct attempt *attempt, int64_t now_us);

/* Whether the program has ended, and how. One that takes too long is killed. */
bool attempt_has_ended(struct attempt *attempt, int64_t now_us, enum attempt_end *end);

#endif
