/* Where one file ends and the next begins. Its first line, LogOpened, says which file it goes on from, with which seq
 * and which H(seq); so each file can be followed by itself, and what is missing between two can be told. */
#include <inttypes.h>
#include <string.h>

#include "client/verify_match.h"

static struct verify_place first_line(const struct verify_walk *walk, uint64_t seq)
{
    struct verify_place place = {.line = 1, .seq = seq};
    memcpy(place.file, walk->file->name, sizeof place.file);
    return place;
}

/* Where the walk stands when it begins with a file. */
static void stand_before(struct verify_walk *walk, const struct verify_told *told)
{
    walk->seq = told->has_previous ? told->previous_seq : 0;
    walk->unseen_to = walk->seq;
    memcpy(walk->hash, told->previous_hash, sizeof walk->hash);
}

static enum verify_step begin_log(struct verify_walk *walk, const struct verify_told *told)
{
    memcpy(walk->report->log_id, told->log_id, sizeof told->log_id);
    memcpy(walk->points->log_id, told->log_id, sizeof told->log_id);
    stand_before(walk, told);
    walk->is_begun = true;
    if (!verify_match_next(walk) || !verify_match_hole(walk, walk->seq + 1, VERIFY_HOLE_FILES))
        return VERIFY_STOP;
    walk->begun_seq = walk->seq;
    memcpy(walk->begun_hash, walk->hash, sizeof walk->begun_hash);
    walk->begun_file = walk->file;
    return VERIFY_GO_ON;
}

/* The file does not go on from where the one before it ends: what is missing, or too much? */
static enum verify_step judge_gap(struct verify_walk *walk, const struct verify_file *before, uint64_t before_lines,
                                  const struct verify_told *told)
{
    struct verify_report *report = walk->report;
    struct verify_place here = first_line(walk, walk->file->first_seq);
    struct verify_place end = {.line = before_lines + 1, .seq = walk->seq + 1};
    bool is_from_before = verify_files_is_named(before, told->previous_file);

    memcpy(end.file, before->name, sizeof end.file);
    if (told->previous_seq > walk->seq && is_from_before) {
        verify_report_fault(report, &end,
                            "lines through seq %" PRIu64 " are missing at the end of this file: %s goes "
                            "on from there",
                            told->previous_seq, walk->file->name);
        return VERIFY_STOP;
    }
    if (told->previous_seq > walk->seq) {
        verify_report_doubt(report, NULL,
                            "seq %" PRIu64 " to %" PRIu64 " are missing: %s goes on from %s, which is not "
                            "here",
                            walk->seq + 1, told->previous_seq, walk->file->name, told->previous_file);
        if (!verify_match_hole(walk, told->previous_seq + 1, VERIFY_HOLE_FILES))
            return VERIFY_STOP;
        stand_before(walk, told);
        return VERIFY_GO_ON;
    }
    if (told->previous_seq < walk->seq && is_from_before && walk->seq - told->previous_seq <= before_lines) {
        end.line -= walk->seq - told->previous_seq;
        end.seq = told->previous_seq + 1;
        verify_report_fault(report, &end, "lines were added at the end of this file: %s goes on from the one before",
                            walk->file->name);
    } else if (told->previous_seq < walk->seq) {
        verify_report_fault(report, &here, "this file does not belong behind %s: it goes on from seq %" PRIu64,
                            before->name, told->previous_seq);
    } else {
        verify_report_fault(report, &walk->unsigned_from,
                            "a line from here to the end of %s was altered, added or removed and the hashes made to "
                            "fit: they do not lead to what %s goes on from",
                            before->name, walk->file->name);
    }
    return VERIFY_STOP;
}

/* The line follows on the last one of the file before: does it say so, too? */
static enum verify_step check_name(struct verify_walk *walk, const struct verify_file *before,
                                   const struct verify_told *told)
{
    struct verify_place here = first_line(walk, walk->file->first_seq);
    bool is_tied = told->kind == VERIFY_TOLD_OPENED && told->has_previous && told->previous_seq == walk->seq &&
                   memcmp(told->previous_hash, walk->hash, sizeof walk->hash) == 0 &&
                   strcmp(told->log_id, walk->report->log_id) == 0;
    if (!is_tied) {
        verify_report_fault(walk->report, &here,
                            "it is no LogOpened that goes on from %s, although the hashes fit: they were made to",
                            before->name);
        return VERIFY_STOP;
    }
    if (verify_files_is_named(before, told->previous_file))
        return VERIFY_GO_ON;
    verify_report_fault(walk->report, &here,
                        "it goes on from %s, and that is not the name of the file before it, %s: "
                        "files were renamed",
                        told->previous_file, before->name);
    return VERIFY_STOP;
}

enum verify_step verify_walk_begin_file(struct verify_walk *walk, const struct verify_line *at)
{
    const struct verify_file *before = walk->before;
    uint64_t before_lines = walk->line;
    struct verify_told told;

    walk->line = 0;
    if (at->form != VERIFY_LINE)
        return VERIFY_BROKEN;
    verify_told_read(&told, &at->line);
    if (walk->is_begun && verify_chain_follows(walk->hash, &at->line))
        return check_name(walk, before, &told);
    if (told.kind != VERIFY_TOLD_OPENED || !verify_chain_follows(told.previous_hash, &at->line))
        return VERIFY_BROKEN;
    if (!walk->is_begun)
        return begin_log(walk, &told);
    if (strcmp(told.log_id, walk->report->log_id) != 0 || !told.has_previous) {
        struct verify_place here = first_line(walk, at->line.seq);
        verify_report_fault(walk->report, &here, "this file is of another log than %s", before->name);
        return VERIFY_STOP;
    }
    return judge_gap(walk, before, before_lines, &told);
}
