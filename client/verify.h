/* Is a log what its broker wrote? Offline, on the directory or a copy of it. */
#ifndef CLIENT_VERIFY_H
#define CLIENT_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "client/progress.h"
#include "client/verify_keys.h"
#include "client/verify_receipts.h"
#include "client/verify_report.h"

struct verify_options {
    const char *dir;
    bool has_since; /* files with lines of this time and later only … */
    bool has_until; /* … and of this time and earlier */
    uint64_t since_us;
    uint64_t until_us;
    struct verify_keys keys;          /* those that were given */
    struct verify_receipts *receipts; /* NULL: none */
};

/* Wants libsodium initialised. Fills the report, which the caller has initialised; what cannot be read is a doubt in it.
 * `progress` NULL: nobody watches. */
void verify_run(struct verify_report *report, const struct verify_options *options, struct progress *progress);

#endif
