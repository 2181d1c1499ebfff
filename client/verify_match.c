#include "client/verify_match.h"

#include <inttypes.h>
#include <string.h>

#include "proto/rfc3339.h"

/* The signed file itself is wrong, at the line at hand. */
static void report_points(struct verify_walk *walk)
{
    const struct verify_signed *points = walk->points;
    struct verify_place place = {.file = VERIFY_SIGNED, .line = points->line, .seq = points->fault_seq};
    if (points->error != 0)
        verify_report_doubt(walk->report, NULL, "%s cannot be read: %s", VERIFY_SIGNED, strerror(-points->error));
    else
        verify_report_fault(walk->report, &place, "%s", points->fault);
}

bool verify_match_next(struct verify_walk *walk)
{
    struct verify_signed *points = walk->points;
    do {
        verify_signed_next(points);
        if (points->fault != NULL || points->error != 0)
            report_points(walk);
        if (points->fault != NULL)
            return false;
    } while (points->is_there && !points->is_trusted);
    return true;
}

static struct verify_place next_place(const struct verify_walk *walk)
{
    struct verify_place place = {.line = walk->line + 1, .seq = walk->seq + 1};
    if (walk->file != NULL)
        memcpy(place.file, walk->file->name, sizeof place.file);
    return place;
}

#define TIME_PRINTF          "%.*s"
#define TIME_ARGUMENTS(text) RFC3339_US_LEN, (text)

/* A checkpoint stands where there is no line. */
static bool judge_point(struct verify_walk *walk, enum verify_hole hole)
{
    const struct checkpoint *at = &walk->points->at;
    struct verify_place place = next_place(walk);
    char time[RFC3339_US_LEN];

    rfc3339_write_us(time, at->received_us);
    switch (hole) {
    case VERIFY_HOLE_FILES:
        return true;
    case VERIFY_HOLE_SALVAGED:
    case VERIFY_HOLE_UNTOLD:
        verify_report_doubt(walk->report, &place,
                            "lines from here through seq %" PRIu64 " were signed at " TIME_PRINTF " and are gone%s",
                            at->seq, TIME_ARGUMENTS(time),
                            hole == VERIFY_HOLE_SALVAGED ? "; the log says that damage was set aside on demand" : "");
        return true;
    case VERIFY_HOLE_JUMPED:
    case VERIFY_HOLE_NONE:
        break;
    }
    verify_report_fault(walk->report, &place,
                        "lines are missing from here on: seq %" PRIu64 " was signed at " TIME_PRINTF, at->seq,
                        TIME_ARGUMENTS(time));
    return false;
}

static bool judge_receipt(struct verify_walk *walk, const struct verify_receipt *receipt, enum verify_hole hole)
{
    struct verify_place place = next_place(walk);

    if (hole == VERIFY_HOLE_NONE) {
        verify_report_fault(walk->report, &place,
                            "lines are missing from here on: producer %s holds a receipt for seq %" PRIu64
                            " (%s, line %" PRIu64 ")",
                            receipt->producer, receipt->seq, walk->receipts->path, receipt->line);
        return false;
    }
    walk->unmatched_receipts++;
    return true;
}

bool verify_match_hole(struct verify_walk *walk, uint64_t seq, enum verify_hole hole)
{
    struct verify_signed *points = walk->points;
    struct verify_receipts *receipts = walk->receipts;

    while (points->is_there && points->at.seq < seq) {
        if (!judge_point(walk, hole) || !verify_match_next(walk))
            return false;
    }
    for (; receipts != NULL && receipts->at < receipts->count && receipts->items[receipts->at].seq < seq;
         receipts->at++) {
        if (!judge_receipt(walk, &receipts->items[receipts->at], hole))
            return false;
    }
    return true;
}

static void note_signed(struct verify_walk *walk)
{
    struct verify_report *report = walk->report;
    report->checkpoint_count++;
    report->signed_seq = walk->seq;
    report->signed_received_us = walk->received_us;
    memcpy(report->key, walk->points->at.key, sizeof report->key);
    walk->unsigned_count = 0;
}

static bool match_point(struct verify_walk *walk)
{
    const struct checkpoint *at = &walk->points->at;
    char time[RFC3339_US_LEN];

    if (memcmp(at->hash, walk->hash, sizeof at->hash) == 0 && at->received_us == walk->received_us) {
        note_signed(walk);
        return verify_match_next(walk);
    }
    rfc3339_write_us(time, at->received_us);
    verify_report_fault(walk->report, &walk->unsigned_from,
                        "a line from here through seq %" PRIu64 " (%s, line %" PRIu64
                        ") was altered, added or removed and the hashes made to fit: they do not lead to what was "
                        "signed at " TIME_PRINTF,
                        walk->seq, walk->file->name, walk->line, TIME_ARGUMENTS(time));
    return false;
}

static bool match_receipt(struct verify_walk *walk, const struct line *line, const struct verify_receipt *receipt)
{
    struct verify_place place = {.line = walk->line, .seq = walk->seq};
    size_t len = strlen(receipt->producer);

    if (memcmp(receipt->hash, walk->hash, sizeof receipt->hash) == 0 && line->producer.len == len &&
        memcmp(line->producer.data, receipt->producer, len) == 0 && line->n <= receipt->n) {
        walk->report->receipt_count++;
        return true;
    }
    memcpy(place.file, walk->file->name, sizeof place.file);
    verify_report_fault(walk->report, &place,
                        "this line, or one before it, is not what it was when producer %s got the receipt for it (%s, "
                        "line %" PRIu64 ")",
                        receipt->producer, walk->receipts->path, receipt->line);
    return false;
}

bool verify_match_line(struct verify_walk *walk, const struct line *line)
{
    struct verify_receipts *receipts = walk->receipts;

    for (; receipts != NULL && receipts->at < receipts->count && receipts->items[receipts->at].seq == walk->seq;
         receipts->at++) {
        if (!match_receipt(walk, line, &receipts->items[receipts->at]))
            return false;
    }
    return !walk->points->is_there || walk->points->at.seq != walk->seq || match_point(walk);
}

void verify_match_end(struct verify_walk *walk, uint64_t limit_seq)
{
    if (!verify_match_hole(walk, limit_seq, VERIFY_HOLE_NONE))
        return;
    if (walk->receipts != NULL)
        walk->unmatched_receipts += walk->receipts->count - walk->receipts->at; /* later files are not looked at */
    if (walk->unmatched_receipts > 0)
        verify_report_doubt(walk->report, NULL, "%" PRIu64 " receipts are for lines that are not in these files",
                            walk->unmatched_receipts);
}
