#include "client/gateway/counts.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "client/clock.h"
#include "client/complain.h"
#include "proto/text.h"

#define COMPLAINT_EVERY_US 10000000
#define COMPLAINT_MAX      1024

static const char *const words[COUNT_TOTAL] = {
#define COUNT(id, word, meaning) [COUNT_##id] = (word),
#include "client/gateway/count.def"
#undef COUNT
};

void counts_init(struct counts *counts)
{
    memset(counts, 0, sizeof *counts);
    pthread_mutex_init(&counts->lock, NULL);
}

void counts_fini(struct counts *counts)
{
    pthread_mutex_destroy(&counts->lock);
}

uint64_t counts_refused(const struct counts *counts)
{
    static const enum count_id refusals[] = {COUNT_REFUSED_SYNTAX, COUNT_REFUSED_LENGTH, COUNT_REFUSED_CUT,
                                             COUNT_REFUSED_EVENT, COUNT_REFUSED_BROKER};
    uint64_t sum = 0;
    for (unsigned i = 0; i < sizeof refusals / sizeof *refusals; i++)
        sum += counts_get(counts, refusals[i]);
    return sum;
}

/* True when a complaint is due; then `*passed_over` is how many were not written since the last one. */
static bool is_due(struct counts *counts, enum count_id id, uint64_t *passed_over)
{
    int64_t now_us = clock_now_us();
    pthread_mutex_lock(&counts->lock);
    bool due = counts->told_us[id] == 0 || now_us - counts->told_us[id] >= COMPLAINT_EVERY_US;
    *passed_over = counts->passed_over[id];
    counts->passed_over[id] = due ? 0 : counts->passed_over[id] + 1;
    if (due)
        counts->told_us[id] = now_us;
    pthread_mutex_unlock(&counts->lock);
    return due;
}

void counts_complain(struct counts *counts, enum count_id id, uint64_t count, const char *format, ...)
{
    counts_add(counts, id, count);
    uint64_t passed_over;
    if (!is_due(counts, id, &passed_over))
        return;
    char complaint[COMPLAINT_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(complaint, sizeof complaint, format, arguments);
    va_end(arguments);
    if (passed_over > 0)
        complain("%s (and %" PRIu64 " times before, since the last complaint of %s)", complaint, passed_over,
                 words[id]);
    else
        complain("%s", complaint);
}

static void tell_json(const struct counts *counts)
{
    struct text line;
    text_init(&line);
    for (unsigned i = 0; i < COUNT_TOTAL; i++)
        text_printf(&line, "%c\"%s\":%" PRIu64, i == 0 ? '{' : ',', words[i], counts_get(counts, (enum count_id)i));
    text_put_str(&line, "}\n");
    fwrite(line.data, 1, line.failed ? 0 : line.len, stdout);
    fflush(stdout);
    text_fini(&line);
}

void counts_tell(const struct counts *counts, bool is_json)
{
    if (is_json) {
        tell_json(counts);
        return;
    }
    struct text line;
    text_init(&line);
    for (unsigned i = 0; i < COUNT_TOTAL; i++) {
        uint64_t value = counts_get(counts, (enum count_id)i);
        if (value > 0 || i == COUNT_RECEIVED || i == COUNT_PUBLISHED)
            text_printf(&line, "%s%s %" PRIu64, line.len > 0 ? ", " : "", words[i], value);
    }
    complain("%.*s", (int)line.len, line.data);
    text_fini(&line);
}
