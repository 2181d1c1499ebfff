#include "client/verify_walk.h"

#include <inttypes.h>
#include <string.h>

#include "client/verify_chain.h"
#include "client/verify_match.h"

static struct verify_place place_of(const struct verify_walk *walk, uint64_t seq)
{
    struct verify_place place = {.line = walk->line + 1, .seq = seq};
    memcpy(place.file, walk->file->name, sizeof place.file);
    return place;
}

static bool skips(const struct verify_told *told, const struct verify_walk *walk, uint64_t seq)
{
    return (told->kind == VERIFY_TOLD_JUMPED || told->kind == VERIFY_TOLD_SALVAGED) && told->from == walk->seq + 1 &&
           told->to == seq - 1;
}

/* Why the seqs before a line are not there; NONE: the log does not say so. The first line of a file may skip them too,
 * and then the one behind it says why; salvage has the last word. */
static enum verify_hole hole_before(const struct verify_walk *walk, const struct verify_line *at,
                                    const struct verify_line *next)
{
    struct verify_told told, behind = {.kind = VERIFY_TOLD_NOTHING};

    verify_told_read(&told, &at->line);
    if (next != NULL && next->form == VERIFY_LINE && next->is_own)
        verify_told_read(&behind, &next->line);
    if (skips(&told, walk, at->line.seq))
        return told.kind == VERIFY_TOLD_SALVAGED || behind.kind == VERIFY_TOLD_SALVAGED ? VERIFY_HOLE_SALVAGED
                                                                                        : VERIFY_HOLE_JUMPED;
    if (told.kind != VERIFY_TOLD_OPENED || walk->line > 0)
        return VERIFY_HOLE_NONE;
    if (skips(&behind, walk, at->line.seq))
        return behind.kind == VERIFY_TOLD_SALVAGED ? VERIFY_HOLE_SALVAGED : VERIFY_HOLE_JUMPED;
    return VERIFY_HOLE_UNTOLD;
}

static bool pass_hole(struct verify_walk *walk, const struct verify_line *at, const struct verify_line *next)
{
    enum verify_hole hole = hole_before(walk, at, next);
    struct verify_place place = place_of(walk, walk->seq + 1);

    if (hole == VERIFY_HOLE_NONE) {
        verify_report_fault(walk->report, &place,
                            "lines through seq %" PRIu64 " are missing and the log does not say why, although the "
                            "hashes fit: they were made to",
                            at->line.seq - 1);
        return false;
    }
    verify_report_note(walk->report,
                       "seq %" PRIu64 " to %" PRIu64 " are not in the log, and %s, line %" PRIu64 ", says so: %s",
                       walk->seq + 1, at->line.seq - 1, place.file, place.line,
                       hole == VERIFY_HOLE_SALVAGED ? "damage was set aside (LogSalvaged)"
                       : hole == VERIFY_HOLE_JUMPED ? "they were skipped (SeqJumped)"
                                                    : "the file begins behind them");
    if (!verify_match_hole(walk, at->line.seq, hole))
        return false;
    walk->unseen_to = at->line.seq - 1;
    return true;
}

/* Why the numbers of a line cannot be, although its hash fits; NULL: they can. */
static const char *judge_numbers(const struct verify_walk *walk, const struct verify_line *at)
{
    const struct line *line = &at->line;
    bool is_prev_known = line->prev == 0 || line->prev == at->topic_seq ||
                         (line->prev > at->topic_seq && line->prev <= walk->unseen_to) || at->is_topic_lost;
    if (!is_prev_known || line->prev >= line->seq)
        return "its prev is not the last seq of its topic";
    if (line->received_us < walk->received_us)
        return "its time of receipt goes back";
    if (line->batch > line->seq || line->batch < walk->batch)
        return "its batch is below that of the line before, or begins behind it";
    return NULL;
}

/* What the broker says of its log in a line that was found sound. False: a fault is reported. */
static bool heed(struct verify_walk *walk, const struct line *line)
{
    struct verify_told told;
    verify_told_read(&told, line);
    walk->is_stopped = told.kind == VERIFY_TOLD_STOPPED;
    if (told.kind != VERIFY_TOLD_PRUNED || walk->begun_seq == 0 || told.previous_seq != walk->begun_seq)
        return true;
    walk->pruned_seq = line->seq;
    if (memcmp(told.previous_hash, walk->begun_hash, sizeof walk->begun_hash) == 0)
        return true;
    struct verify_place place = {.line = 1, .seq = walk->begun_file->first_seq};
    memcpy(place.file, walk->begun_file->name, sizeof place.file);
    verify_report_fault(walk->report, &place,
                        "the file goes on from another line than the one that was removed before it, as seq %" PRIu64
                        " (LogPruned) tells",
                        line->seq);
    return false;
}

static void take(struct verify_walk *walk, const struct verify_line *at)
{
    struct verify_report *report = walk->report;
    const struct line *line = &at->line;

    if (walk->unsigned_count++ == 0) {
        walk->unsigned_from = place_of(walk, line->seq);
        walk->unsigned_us = line->received_us;
    }
    walk->line++;
    walk->seq = line->seq;
    walk->received_us = line->received_us;
    walk->batch = line->batch;
    walk->is_stopped = false;
    if (report->line_count++ == 0) {
        report->first_seq = line->seq;
        report->first_received_us = line->received_us;
    }
    report->last_seq = line->seq;
    report->last_received_us = line->received_us;
    report->byte_count += at->raw.len + 1;
}

enum verify_step verify_walk_line(struct verify_walk *walk, const struct verify_line *at,
                                  const struct verify_line *next)
{
    uint8_t hash[VERIFY_HASH_LEN];

    if (at->form != VERIFY_LINE)
        return VERIFY_BROKEN;
    memcpy(hash, walk->hash, sizeof hash);
    if (!verify_chain_next(hash, &at->line))
        return VERIFY_BROKEN;
    const char *fault = at->line.seq <= walk->seq ? "its seq is not above that of the line before" : NULL;
    if (fault == NULL && at->line.seq > walk->seq + 1 && !pass_hole(walk, at, next))
        return VERIFY_STOP;
    if (fault == NULL)
        fault = judge_numbers(walk, at);
    if (fault != NULL) {
        struct verify_place place = place_of(walk, at->line.seq);
        verify_report_fault(walk->report, &place, "%s, although the hashes fit: they were made to", fault);
        return VERIFY_STOP;
    }
    take(walk, at);
    memcpy(walk->hash, hash, sizeof hash);
    if (at->is_own && !heed(walk, &at->line))
        return VERIFY_STOP;
    return verify_match_line(walk, &at->line) ? VERIFY_GO_ON : VERIFY_STOP;
}

void verify_walk_end(struct verify_walk *walk, uint64_t limit_seq)
{
    if (walk->is_begun)
        verify_match_end(walk, limit_seq);
}
