/* What a verification came to, as facts first and as text for people or programs at the end. */
#ifndef CLIENT_VERIFY_REPORT_H
#define CLIENT_VERIFY_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "client/verify_keys.h"
#include "client/verify_told.h"
#include "proto/text.h"

enum verify_verdict { VERIFY_INTACT, VERIFY_TAMPERED, VERIFY_UNSURE };

struct verify_place {
    char file[VERIFY_NAME_MAX];
    uint64_t line; /* from 1 */
    uint64_t seq;  /* of that line, or that which is missing there */
};

struct verify_report {
    enum verify_verdict verdict;
    bool has_place;
    struct verify_place place; /* of the fault or, where there is none, of the first doubt */
    struct text reason;        /* the fault or the first doubt, a sentence */
    struct text doubts;        /* the other doubts, and what is good to know: sentences, each with an LF */
    struct text notes;

    char log_id[VERIFY_LOG_ID_LEN + 1];
    uint64_t file_count;
    uint64_t line_count;
    uint64_t byte_count;
    uint64_t first_seq; /* of the first and the last line that are sound; 0: there is none */
    uint64_t first_received_us;
    uint64_t last_seq;
    uint64_t last_received_us;
    uint64_t checkpoint_count; /* that are believed and fit the log */
    uint64_t signed_seq;
    uint64_t signed_received_us;
    enum verify_trust trust;
    uint8_t key[CHECKPOINT_KEY_LEN]; /* of the last of them */
    bool has_receipts;
    uint64_t receipt_count; /* that fit the log */
};

void verify_report_init(struct verify_report *report);
void verify_report_fini(struct verify_report *report);

/* The log was tampered with: the first fault counts. */
void verify_report_fault(struct verify_report *report, const struct verify_place *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Something keeps one from being sure. `place` NULL: nowhere in particular. */
void verify_report_doubt(struct verify_report *report, const struct verify_place *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Something is good to know. */
void verify_report_note(struct verify_report *report, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Appends the report: for people, and as one JSON object. Texts from outside are escaped. */
void verify_report_put(struct text *out, const struct verify_report *report, bool is_quiet);
void verify_report_put_json(struct text *out, const struct verify_report *report);

#endif
