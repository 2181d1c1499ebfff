#include "client/source_told.h"

#include <errno.h>
#include <string.h>

#include "client/complain.h"

void source_told_passed_over(const char *dir, const struct source *source, int error)
{
    int reason = errno;
    const char *path;
    uint64_t line;
    log_files_place(source->files, &path, &line);
    if (error == TOCSIN_E_IO)
        complain("%s/%s: %s", dir, path, strerror(reason));
    else
        complain("%s/%s:%llu: no line of the log, passed over", dir, path, (unsigned long long)line);
}

enum source_verdict source_told_error(struct source_told *told, const struct source *source, int error)
{
    if (error == TOCSIN_E_END)
        return SOURCE_END;
    if (error == TOCSIN_E_INTERRUPTED)
        return SOURCE_GO_ON;
    if (source->stream && (error == TOCSIN_E_TIMEOUT || error == TOCSIN_E_PROTOCOL))
        return SOURCE_GO_ON;
    if (!source->files || (error != TOCSIN_E_SYNTAX && error != TOCSIN_E_IO))
        return SOURCE_FAILED;
    int reason = errno;
    progress_end(told->progress);
    errno = reason;
    source_told_passed_over(told->dir, source, error);
    told->has_bad_lines = true;
    return SOURCE_GO_ON;
}

enum source_verdict source_told_message(struct source_told *told, const struct tocsin_message *message)
{
    switch (message->kind) {
    case TOCSIN_MESSAGE_END:
        return SOURCE_END;
    case TOCSIN_MESSAGE_HOLE:
        if (!told->is_quiet)
            complain("the broker's log does not hold seq %llu to %llu any more", (unsigned long long)message->first,
                     (unsigned long long)message->last);
        return SOURCE_GO_ON;
    case TOCSIN_MESSAGE_RESET:
        complain("the broker's log became another one in the middle");
        return SOURCE_FAILED;
    case TOCSIN_MESSAGE_LOST:
        complain("lost the connection to %s; trying again", told->endpoint);
        return SOURCE_GO_ON;
    default:
        return SOURCE_GO_ON;
    }
}

bool source_told_open_files(const struct source_told *told, struct source *source, const struct wanted *wanted,
                            uint64_t since_us, uint64_t first_seq)
{
    int error = log_files_open(&source->files, told->dir, wanted, since_us, first_seq);
    if (!error)
        return true;
    complain("--dir: %s: %s", told->dir,
             error == TOCSIN_E_END  ? "no log is there"
             : error == TOCSIN_E_IO ? strerror(errno)
                                    : tocsin_error_text(error));
    return false;
}
