/* Why seqs are missing from the log. */
#ifndef BROKER_LOG_GAP_H
#define BROKER_LOG_GAP_H

/* Seqs that the log will never hold: the next line skips them, so that no seq is used twice. */
enum log_gap {
    LOG_GAP_NONE,
    LOG_GAP_DAMAGE,    /* --salvage set their lines aside */
    LOG_GAP_POWER,     /* the machine went down in a relaxed mode: they may have been published and lost */
    LOG_GAP_SHORTENED, /* the state or a checkpoint knew of them, the log does not hold them any more */
    LOG_GAP_COUNT
};

#endif
