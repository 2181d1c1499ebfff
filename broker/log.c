#include "broker/log.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "broker/printable.h"

#define PREFIX_MAX 40 /* "<3>", or "HH:MM:SS.mmm warning " with room to spare */
#define RAW_MAX                                                                                                        \
    (LOG_LINE_MAX + 8) /* beyond the line's room, so that a text cut here is always cut again there, visibly */

static const struct {
    const char *word;
    int priority;
} levels[LOG_LEVEL_COUNT] = {
#define LOG_LEVEL(ID, word, priority) {word, priority},
#include "broker/log_level.def"
#undef LOG_LEVEL
};

/* Written by log_init only, before there are threads. */
static enum log_level least_level = LOG_LEVEL_INFO;
static bool is_for_journal;

const char *log_level_word(enum log_level level)
{
    return (unsigned)level < LOG_LEVEL_COUNT ? levels[level].word : NULL;
}

/* JOURNAL_STREAM is "device:inode" of the service's stderr; a child whose stderr was redirected inherits the variable
 * all the same, so it must match. */
static bool names_stderr(const char *journal_stream)
{
    unsigned long long device, inode;
    char rest;
    struct stat status;
    return journal_stream && sscanf(journal_stream, "%20llu:%20llu%c", &device, &inode, &rest) == 2 &&
           fstat(STDERR_FILENO, &status) == 0 && status.st_dev == device && status.st_ino == inode;
}

void log_init(enum log_level level, const char *journal_stream)
{
    least_level = level;
    is_for_journal = names_stderr(journal_stream);
}

bool log_is_for_journal(void)
{
    return is_for_journal;
}

static size_t write_prefix(char *out, enum log_level level)
{
    if (is_for_journal)
        return (size_t)snprintf(out, PREFIX_MAX, "<%d>", levels[level].priority);
    struct timespec now;
    struct tm local;
    clock_gettime(CLOCK_REALTIME, &now);
    localtime_r(&now.tv_sec, &local);
    return (size_t)snprintf(out, PREFIX_MAX, "%02d:%02d:%02d.%03d %s ", local.tm_hour % 100, local.tm_min % 100,
                            local.tm_sec % 100, (int)(now.tv_nsec / 1000000), levels[level].word);
}

void log_print(enum log_level level, const char *format, ...)
{
    if (level > least_level)
        return;
    const int saved_errno = errno;
    char raw[RAW_MAX];
    va_list args;
    va_start(args, format);
    const int raw_len = vsnprintf(raw, sizeof raw, format, args);
    va_end(args);
    if (raw_len < 0)
        return;
    const size_t kept = (size_t)raw_len < sizeof raw ? (size_t)raw_len : sizeof raw - 1;

    char line[PREFIX_MAX + LOG_LINE_MAX + 1];
    size_t len = write_prefix(line, level);
    len += printable_write(line + len, LOG_LINE_MAX, span_of(raw, kept));
    line[len++] = '\n';
    while (write(STDERR_FILENO, line, len) < 0 && errno == EINTR)
        continue;
    errno = saved_errno;
}

bool log_limit_passes(struct log_limit *limit, uint64_t now_us, uint64_t *suppressed)
{
    if (now_us < limit->next_us) {
        limit->suppressed++;
        return false;
    }
    *suppressed = limit->suppressed;
    limit->suppressed = 0;
    limit->next_us = now_us + limit->interval_us;
    return true;
}
