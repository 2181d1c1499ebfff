/* What commands that read a part of the past say when something is amiss. */
#ifndef CLIENT_SOURCE_TOLD_H
#define CLIENT_SOURCE_TOLD_H

#include "client/progress.h"
#include "client/source.h"

enum source_verdict {
    SOURCE_GO_ON,
    SOURCE_END,    /* all was read */
    SOURCE_FAILED, /* by an error that is to be told yet */
};

struct source_told {
    const char *dir;           /* of the files; NULL: a broker */
    const char *endpoint;      /* of the broker */
    bool is_quiet;             /* holes are not told */
    bool has_bad_lines;        /* lines or files were passed over */
    struct progress *progress; /* taken away before a complaint */
};

/* Complains of a line of the files in `dir`, or of a file, that source_next has passed over with that error; errno
 * is that of reading where it is TOCSIN_E_IO. */
void source_told_passed_over(const char *dir, const struct source *source, int error);

/* An error of source_next. Lines and files that cannot be read are complained of, noted and passed over. */
enum source_verdict source_told_error(struct source_told *told, const struct source *source, int error);

/* A message that is no event: holes and breaks are complained of; so is a log that became another one, which is
 * SOURCE_FAILED. */
enum source_verdict source_told_message(struct source_told *told, const struct tocsin_message *message);

/* Opens the files of a log in told->dir. False: complained of. */
bool source_told_open_files(const struct source_told *told, struct source *source, const struct wanted *wanted,
                            uint64_t since_us, uint64_t first_seq);

#endif
