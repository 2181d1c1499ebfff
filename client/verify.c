/* The happy path: the checkpoints' file is opened as long as it is now, the directory is read, each file is walked along
 * in its order, line by line, and at the end all that is signed and all that is acknowledged has been met. What was
 * found first ends it: behind a broken link there is nothing to be said. */
#include "client/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "client/verify_fault.h"
#include "client/verify_match.h"
#include "client/verify_walk.h"

/* How long lines stay unsigned while a broker is at work, with much to spare: it signs every ten seconds, and what a
 * power failure takes of the signatures is a minute's. */
#define UNSIGNED_US_MAX UINT64_C(120000000)

struct verification {
    const struct verify_options *options;
    struct progress *progress; /* NULL: none */
    struct verify_report *report;
    struct verify_keys keys;
    struct verify_files files;
    size_t first; /* of the files that are looked at */
    size_t end;   /* behind the last of them */
    struct verify_signed points;
    struct verify_topics topics;
    struct verify_walk walk;
    uint64_t total_len;
    uint64_t done_len;
};

/* Which files hold lines of the time that is asked for. Times never go back through the log. */
static void choose(struct verification *it)
{
    const struct verify_options *options = it->options;
    const struct verify_files *files = &it->files;

    it->end = files->count;
    while (options->has_until && it->end > 0 && files->items[it->end - 1].first_seq > 0 &&
           files->items[it->end - 1].first_received_us > options->until_us)
        it->end--;
    while (options->has_since && it->first + 1 < it->end && files->items[it->first + 1].first_seq > 0 &&
           files->items[it->first + 1].first_received_us <= options->since_us)
        it->first++;
    for (size_t i = it->first; i < it->end; i++)
        it->total_len += files->items[i].len;
    if (it->first > 0)
        it->points.checked_from = files->items[it->first].first_seq;
}

/* The names must be in the order of the seqs. */
static bool check_order(struct verification *it)
{
    const struct verify_file *before = NULL;
    for (size_t i = 0; i < it->files.count; i++) {
        const struct verify_file *file = &it->files.items[i];
        if (file->first_seq == 0)
            continue;
        if (before != NULL && file->first_seq <= before->first_seq) {
            struct verify_place place = {.line = 1, .seq = file->first_seq};
            memcpy(place.file, file->name, sizeof place.file);
            verify_report_fault(it->report, &place,
                                "it belongs before %s, which begins with seq %" PRIu64
                                ": files were swapped, renamed or "
                                "added",
                                before->name, before->first_seq);
            return false;
        }
        before = file;
    }
    return true;
}

static void show(struct verification *it, size_t len)
{
    it->done_len += len;
    if (it->progress != NULL)
        progress_show(it->progress, it->done_len, it->total_len, it->report->line_count);
}

static bool walk_block(struct verification *it, struct verify_reader *reader, struct verify_block *block)
{
    struct verify_walk *walk = &it->walk;
    for (size_t i = 0; i < block->count; i++) {
        const struct verify_line *at = &block->lines[i];
        enum verify_step step = walk->is_new_file ? verify_walk_begin_file(walk, at) : VERIFY_GO_ON;
        walk->is_new_file = false;
        if (step == VERIFY_GO_ON)
            step = verify_walk_line(walk, at, i + 1 < block->count ? at + 1 : NULL);
        if (step == VERIFY_BROKEN)
            verify_fault_judge(walk, reader, block, i);
        if (step != VERIFY_GO_ON)
            return false;
    }
    return true;
}

/* Walks along a file; false: no use in going on. */
static bool walk_file(struct verification *it, const struct verify_file *file)
{
    struct verify_source source;
    struct verify_reader reader;
    struct verify_block *block;
    bool is_well = true;

    int error = verify_files_open(&it->files, file, &source);
    if (error == 0) {
        error = verify_reader_init(&reader, &source, &it->topics, file->is_current);
        if (error < 0)
            verify_source_close(&source);
    }
    if (error < 0) {
        verify_report_doubt(it->report, NULL, "%s cannot be read: %s", file->name, strerror(-error));
        return false;
    }
    it->walk.before = it->walk.file;
    it->walk.file = file;
    it->walk.is_new_file = true;
    it->walk.is_last_file = file == &it->files.items[it->files.count - 1];
    it->report->file_count++;
    while (is_well && (block = verify_reader_next(&reader)) != NULL) {
        error = block->error;
        show(it, block->read_len);
        is_well = walk_block(it, &reader, block) && error == 0;
    }
    verify_reader_fini(&reader);
    verify_source_close(&source);
    if (error < 0)
        verify_report_doubt(it->report, NULL, "%s cannot be read: %s", file->name, strerror(-error));
    return is_well;
}

/* Checkpoints by keys that are not believed, behind all those that are. */
static void judge_other_keys(struct verification *it)
{
    const struct verify_signed *points = &it->points;
    char fingerprint[VERIFY_FINGERPRINT_LEN + 1];
    struct verify_place place = {.file = VERIFY_SIGNED, .line = points->other_key_line, .seq = points->other_key.seq};

    if (points->other_key_line == 0) {
        if (points->other_key_count > 0)
            verify_report_note(it->report,
                               "%" PRIu64 " checkpoints by other keys were passed over: later ones cover "
                               "their lines",
                               points->other_key_count);
        return;
    }
    verify_keys_fingerprint(fingerprint, points->other_key.key);
    if (it->keys.trust == VERIFY_TRUST_GIVEN)
        verify_report_fault(it->report, &place,
                            "from here on the log is signed with the key %s, which is none of those given",
                            fingerprint);
    else
        verify_report_doubt(it->report, &place,
                            "from here on the log is signed with the key %s, which is not the one beside the log",
                            fingerprint);
}

static void judge_trust(struct verification *it)
{
    struct verify_report *report = it->report;
    report->trust = it->keys.trust;
    if (it->keys.trust == VERIFY_TRUST_NONE && it->points.fd >= 0)
        verify_report_doubt(report, NULL,
                            "whose the signatures are is not known: give the broker's public key, the file "
                            "tocsind.key.pub, with --pubkey");
    if (it->keys.trust == VERIFY_TRUST_BESIDE && report->checkpoint_count > 0)
        verify_report_note(report, "the key was found beside the log, where whoever can change the one can change the "
                                   "other: keep a copy elsewhere and give it with --pubkey");
}

/* A broker at work leaves a few seconds unsigned when it is killed, and nothing when it stops. */
static void judge_rest(struct verification *it)
{
    const struct verify_walk *walk = &it->walk;
    struct verify_report *report = it->report;
    bool is_end = it->end == it->files.count;

    if (it->points.fd < 0)
        verify_report_doubt(report, NULL, "nothing is signed: there is no %s", VERIFY_SIGNED);
    else if (report->checkpoint_count == 0)
        verify_report_doubt(report, NULL, "no checkpoint stands behind any of these lines");
    else if (walk->unsigned_count > 0 && is_end && walk->is_stopped)
        verify_report_doubt(report, &walk->unsigned_from,
                            "from here on nothing is signed, although the broker stopped "
                            "in good order and signs when it does");
    else if (walk->unsigned_count > 0 && walk->received_us - walk->unsigned_us > UNSIGNED_US_MAX)
        verify_report_doubt(report, &walk->unsigned_from,
                            "from here on nothing is signed, for longer than a broker lets pass");
    else if (walk->unsigned_count > 0)
        verify_report_note(report, "the last %" PRIu64 " lines are not signed (yet): only the hashes hold them",
                           walk->unsigned_count);
    if (it->points.has_other_log)
        verify_report_note(report, "%s holds checkpoints of another log, which were passed over", VERIFY_SIGNED);
}

/* Is what was before the first file missing, and who took it away? */
static void judge_begin(struct verification *it)
{
    const struct verify_walk *walk = &it->walk;
    struct verify_report *report = it->report;
    bool is_part = it->first > 0 || it->end < it->files.count || it->options->has_since;

    if (walk->begun_seq == 0)
        return;
    if (walk->pruned_seq > 0 && walk->pruned_seq <= report->signed_seq)
        verify_report_note(report,
                           "begins with %s; retention removed what was before it, through seq %" PRIu64
                           ", and seq %" PRIu64 " (LogPruned) says so",
                           walk->begun_file->name, walk->begun_seq, walk->pruned_seq);
    else if (is_part)
        verify_report_note(report, "begins with %s; what is before it, through seq %" PRIu64 ", is not looked at",
                           walk->begun_file->name, walk->begun_seq);
    else
        verify_report_doubt(report, NULL,
                            "what was before %s, through seq %" PRIu64 ", is not here, and %s; for a copy of some days "
                            "give --since",
                            walk->begun_file->name, walk->begun_seq,
                            walk->pruned_seq > 0 ? "that retention removed it is said in a line that is not signed"
                                                 : "the log does not say that retention removed it");
}

static void conclude(struct verification *it)
{
    struct verify_report *report = it->report;
    if (report->verdict == VERIFY_TAMPERED) {
        report->trust = it->keys.trust;
        return;
    }
    if (report->file_count == 0) {
        verify_report_doubt(report, NULL,
                            it->files.count == 0 ? "there is no log here" : "no line of the log is of that time");
        return;
    }
    judge_begin(it);
    judge_other_keys(it);
    judge_trust(it);
    judge_rest(it);
}

static void walk_all(struct verification *it)
{
    bool is_well = check_order(it);
    for (size_t i = it->first; is_well && i < it->end; i++)
        is_well = walk_file(it, &it->files.items[i]);
    bool is_whole = it->end == it->files.count;
    bool is_tied = !is_whole && it->files.items[it->end].opened.kind == VERIFY_TOLD_OPENED;
    if (is_well && (is_whole || is_tied))
        verify_walk_end(&it->walk, is_whole ? UINT64_MAX : it->files.items[it->end].opened.previous_seq + 1);
    conclude(it);
}

void verify_run(struct verify_report *report, const struct verify_options *options, struct progress *progress)
{
    struct verification it = {.options = options, .progress = progress, .report = report, .keys = options->keys};

    it.walk = (struct verify_walk){.report = report, .points = &it.points, .receipts = options->receipts};
    report->has_receipts = options->receipts != NULL;
    it.points.fd = it.files.dir = it.files.current_fd = -1;
    verify_topics_init(&it.topics);
    int dir = open(options->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error = dir < 0 ? -errno : verify_signed_init(&it.points, dir, &it.keys);
    if (error == 0)
        error = verify_files_read(&it.files, options->dir);
    if (error < 0) {
        verify_report_doubt(report, NULL, "%s cannot be read: %s", options->dir, strerror(-error));
    } else {
        verify_keys_look_beside(&it.keys, dir);
        choose(&it);
        walk_all(&it);
    }
    if (dir >= 0)
        close(dir);
    verify_files_fini(&it.files);
    verify_signed_fini(&it.points);
    verify_topics_fini(&it.topics);
}
