/* A crash can spoil the last batch of the current file only: its end is cut off, or pages of it were never written and
 * read as zeros. So what has no zeros and ends with an LF was never left by a crash; nor was anything that lines of a
 * later batch follow, or that was signed or acknowledged, for all of that was durable. */
#include "client/verify_fault.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "client/verify_match.h"

#define HASH_HEAD  ",\"hash\":\""
#define BATCH_HEAD ",\"batch\":"
#define HASH_HEX   32u
#define END_LEN    (sizeof HASH_HEAD - 1 + HASH_HEX + 2)

/* What is remembered of a line when its block has gone. */
struct suspect {
    enum verify_form form;
    uint64_t seq;      /* where it is a line */
    bool is_like_torn; /* by itself it could be what a crash leaves */
};

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

/* The batch that a line says it is of, read from its end, so that a line which lost its beginning tells it, too; 0: it
 * does not say. */
static uint64_t batch_of(struct span raw)
{
    uint64_t batch = 0, place = 1;
    if (raw.len < END_LEN || memcmp(span_end(raw) - END_LEN, HASH_HEAD, sizeof HASH_HEAD - 1) != 0)
        return 0;
    const uint8_t *at = span_end(raw) - END_LEN;
    for (unsigned digits = 0; at > raw.data && is_digit(at[-1]) && digits < 19; digits++, place *= 10)
        batch += place * (uint64_t)(*--at - '0');
    size_t head = sizeof BATCH_HEAD - 1;
    return (size_t)(at - raw.data) >= head && memcmp(at - head, BATCH_HEAD, head) == 0 ? batch : 0;
}

/* True when the piece is a line's beginning, or has the zeros of a page that was never written. */
static bool is_like_torn(const struct verify_line *line, uint64_t seq)
{
    char head[32];
    if (line->form == VERIFY_LINE || line->form == VERIFY_TOO_LONG)
        return false;
    if (memchr(line->raw.data, '\0', line->raw.len) != NULL)
        return true;
    int len = snprintf(head, sizeof head, "{\"seq\":%" PRIu64 ",", seq);
    size_t common = line->raw.len < (size_t)len ? line->raw.len : (size_t)len;
    return line->form == VERIFY_PIECE && memcmp(line->raw.data, head, common) == 0;
}

/* The line behind, which may be in the next block: then `*block` and `*index` move on. NULL: there is none. */
static struct verify_line *line_behind(struct verify_reader *reader, struct verify_block **block, size_t *index)
{
    while (*block != NULL && ++*index >= (*block)->count) {
        *block = verify_reader_next(reader);
        *index = (size_t)-1;
    }
    return *block == NULL ? NULL : &(*block)->lines[*index];
}

/* True when something behind was written in a batch that began above `seq`: then all up to `seq` was durable. */
static bool has_later_batch(struct verify_reader *reader, struct verify_block *block, size_t index, uint64_t seq)
{
    struct verify_line *line = block == NULL || index >= block->count ? NULL : &block->lines[index];
    for (; line != NULL; line = line_behind(reader, &block, &index)) {
        if (line->form != VERIFY_PIECE && batch_of(line->raw) > seq)
            return true;
    }
    return false;
}

static bool was_durable(const struct verify_walk *walk, uint64_t seq)
{
    const struct verify_receipts *receipts = walk->receipts;
    return (walk->points->is_there && walk->points->at.seq >= seq) ||
           (receipts != NULL && receipts->at < receipts->count);
}

/* What happened to the line, by its number and by the line behind it; `expected` is the seq that belongs here. */
static const char *say(const struct verify_walk *walk, const struct suspect *suspect, const struct verify_line *behind,
                       uint64_t expected)
{
    bool is_behind_next = behind != NULL && behind->form == VERIFY_LINE && behind->line.seq == expected;
    bool does_behind_follow = is_behind_next && verify_chain_follows(walk->hash, &behind->line);
    bool is_numbered = suspect->form == VERIFY_LINE;

    if (does_behind_follow && is_numbered && suspect->seq == expected + 1)
        return "it stands before the line that belongs before it: lines were reordered";
    if (does_behind_follow && is_numbered && suspect->seq < expected)
        return "it was added: its seq is there already";
    if (does_behind_follow)
        return "it was added: the line behind it follows on the one before it";
    if (is_numbered && suspect->seq < expected)
        return "it was added or moved: its seq is there already";
    if (!is_numbered)
        return suspect->form == VERIFY_PIECE ? "the file ends within it: it was cut"
                                             : "it is no line of a log: it was altered or added";
    return "it was altered: its hash fits neither its text nor the line before";
}

static void report(struct verify_walk *walk, const struct suspect *suspect, const struct verify_line *behind)
{
    uint64_t expected = walk->seq + 1;
    bool is_behind_numbered = behind != NULL && behind->form == VERIFY_LINE;
    struct verify_place place = {.line = walk->line + 1, .seq = expected};

    memcpy(place.file, walk->file->name, sizeof place.file);
    if (!walk->is_begun) {
        place.seq = suspect->form == VERIFY_LINE ? suspect->seq : 1;
        verify_report_fault(walk->report, &place,
                            "this first line of the file, which says what the file goes on from, "
                            "was altered or removed");
        return;
    }
    bool was_renumbered = is_behind_numbered && behind->line.seq == expected + 1;
    bool is_moved = is_behind_numbered && behind->line.seq == expected;
    if (suspect->form == VERIFY_LINE && suspect->seq > expected && !was_renumbered && !is_moved) {
        if (suspect->seq == expected + 1)
            verify_report_fault(walk->report, &place, "this line is missing");
        else
            verify_report_fault(walk->report, &place, "lines through seq %" PRIu64 " are missing here",
                                suspect->seq - 1);
        return;
    }
    if (suspect->form == VERIFY_LINE && suspect->seq < expected)
        place.seq = suspect->seq;
    verify_report_fault(walk->report, &place, "%s", say(walk, suspect, behind, expected));
}

void verify_fault_judge(struct verify_walk *walk, struct verify_reader *reader, struct verify_block *block,
                        size_t index)
{
    uint64_t expected = walk->seq + 1;
    const struct verify_line *line = &block->lines[index];
    struct suspect suspect = {.form = line->form, .seq = line->form == VERIFY_LINE ? line->line.seq : 0};

    suspect.is_like_torn = walk->is_last_file && walk->file->is_current && is_like_torn(line, expected) &&
                           batch_of(line->raw) <= expected && !was_durable(walk, expected);
    struct verify_line *behind = line_behind(reader, &block, &index);
    if (!suspect.is_like_torn || has_later_batch(reader, block, index, expected)) {
        report(walk, &suspect, behind);
        return;
    }
    struct verify_place place = {.line = walk->line + 1, .seq = expected};
    memcpy(place.file, walk->file->name, sizeof place.file);
    verify_report_doubt(walk->report, &place,
                        "the log ends within this line, as a crash leaves it, or a broker that is "
                        "writing; all before it is as the rest of this report says");
}
