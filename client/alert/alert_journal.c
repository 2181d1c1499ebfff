#include "client/alert/alert_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/escape.h"
#include "client/write_all.h"
#include "proto/json.h"
#include "proto/json_read.h"
#include "proto/rfc3339.h"

#define LINE_MAX_BYTES 65536

static const char *const fates[] = {
    [FATE_QUEUED] = "queued", [FATE_MERGED] = "merged",     [FATE_TAKEN] = "taken",
    [FATE_FAILED] = "failed", [FATE_GIVEN_UP] = "given up",
};

static void put_time(struct text *out, const char *before, uint64_t us)
{
    char time[RFC3339_US_LEN];
    rfc3339_write_us(time, us);
    text_printf(out, "%s\"%.*s\"", before, RFC3339_US_LEN, time);
}

static void put_alert(struct text *out, const struct notice *notice)
{
    text_printf(out, "{\"fingerprint\":\"%s\"", notice->fingerprint);
    put_time(out, ",\"startsAt\":", notice->starts_us);
    text_printf(out, ",\"status\":\"%s\"}", notice->is_firing ? "firing" : "resolved");
}

void alert_journal_put_alert(struct text *out, uint64_t wall_us, const struct notice *notice, const struct mute *mute,
                             uint64_t seq)
{
    put_time(out, "{\"at\":", wall_us);
    text_printf(out, ",\"what\":\"%s\",\"seq\":%llu,\"alertname\":", notice->is_firing ? "began" : "ended",
                (unsigned long long)seq);
    json_write_string(out, span_of_str(notice_label(notice, "alertname")));
    if (mute->kind != MUTE_NONE)
        text_printf(out, ",\"reason\":\"%s by %s\"", mute->kind == MUTE_SILENCED ? "silenced" : "inhibited", mute->by);
    text_put_str(out, ",\"alerts\":[");
    put_alert(out, notice);
    text_put_str(out, "]}\n");
}

void alert_journal_put_fate(struct text *out, uint64_t wall_us, enum fate fate, const struct lane *lane,
                            const struct delivery *delivery, const char *reason)
{
    put_time(out, "{\"at\":", wall_us);
    text_printf(out, ",\"what\":\"%s\",\"receiver\":", fates[fate]);
    json_write_string(out, span_of_str(lane->receiver->name));
    text_printf(out, ",\"target\":\"%s\",\"id\":\"%s\",\"attempts\":%u", target_name(lane->target->kind), delivery->id,
                delivery->attempts);
    if (reason) {
        struct text escaped;
        text_init(&escaped);
        escape_text(&escaped, span_of_str(reason));
        text_put_str(out, ",\"reason\":");
        json_write_string(out, text_span(&escaped));
        out->failed |= escaped.failed;
        text_fini(&escaped);
    }
    text_put_str(out, ",\"alerts\":[");
    for (size_t i = 0; i < delivery->letter.count; i++) {
        if (i > 0)
            text_put_char(out, ',');
        put_alert(out, &delivery->letter.notices[i]);
    }
    text_put_str(out, "]}\n");
}

/* The file has grown enough: it is the one before now. */
static void roll(const char *path)
{
    char *before;
    struct stat seen;
    if (stat(path, &seen) != 0 || seen.st_size < (off_t)ALERT_JOURNAL_BYTES_MAX || asprintf(&before, "%s.1", path) < 0)
        return;
    rename(path, before);
    free(before);
}

bool alert_journal_write(const char *path, struct text *text)
{
    if (text->len == 0)
        return true;
    roll(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0666);
    bool is_written = fd >= 0 && write_all(fd, text_span(text));
    int reason = errno;
    if (fd >= 0)
        close(fd);
    errno = reason;
    text_clear(text);
    return is_written;
}

/* --- reading --- */

struct parts {
    struct span at, what, receiver, target, id, reason;
    uint64_t attempts;
};

static void read_part(struct wire_reader *reader, struct span key, struct parts *parts)
{
    const struct {
        const char *name;
        struct span *value;
    } texts[] = {{"at", &parts->at},         {"what", &parts->what}, {"receiver", &parts->receiver},
                 {"target", &parts->target}, {"id", &parts->id},     {"reason", &parts->reason}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (span_is(key, texts[i].name) && wire_read_str(reader, texts[i].value))
            return;
    }
    if (!span_is(key, "attempts") || !wire_read_uint(reader, &parts->attempts))
        wire_skip(reader);
}

static void put_parts(struct text *out, const struct parts *parts, const char *status)
{
    escape_text(out, parts->at);
    text_put_str(out, "  ");
    escape_text(out, parts->what);
    if (parts->receiver.len > 0) {
        text_printf(out, " (%s) for ", status);
        escape_text(out, parts->receiver);
        text_put_str(out, ", ");
        escape_text(out, parts->target);
        text_put_str(out, ", ");
        escape_text(out, parts->id);
    }
    if (parts->attempts > 0)
        text_printf(out, ", attempt %llu", (unsigned long long)parts->attempts);
    if (parts->reason.len > 0) {
        text_put_str(out, ": ");
        escape_text(out, parts->reason);
    }
    text_put_char(out, '\n');
}

/* The alert of the line: by its own words, as they were written. */
static const char *find_alert(struct span line, const struct notice *notice)
{
    struct text words;
    text_init(&words);
    text_printf(&words, "{\"fingerprint\":\"%s\"", notice->fingerprint);
    put_time(&words, ",\"startsAt\":", notice->starts_us);
    text_put_str(&words, ",\"status\":\"");
    const char *found = words.failed ? NULL : memmem(line.data, line.len, words.data, words.len);
    bool is_firing = found && found[words.len] == 'f';
    text_fini(&words);
    return !found ? NULL : is_firing ? "firing" : "resolved";
}

static void explain_line(struct text *out, struct span line, const struct notice *notice, const char *indent)
{
    uint32_t count;
    struct span key;
    struct text bytes;
    struct parts parts = {.attempts = 0};
    const char *status = find_alert(line, notice);
    text_init(&bytes);
    if (status && json_read_value(line, 8, &bytes, NULL) == 0) {
        struct wire_reader reader = wire_reader_of(text_span(&bytes));
        for (bool is_map = wire_read_map(&reader, &count); is_map && count > 0 && wire_read_str(&reader, &key); count--)
            read_part(&reader, key, &parts);
        text_put_str(out, indent);
        put_parts(out, &parts, status);
    }
    text_fini(&bytes);
}

static void explain_file(struct text *out, const char *path, const struct notice *notice, const char *indent)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t len;
    FILE *file = fopen(path, "re");
    while (file && (len = getline(&line, &room, file)) > 0) {
        if (len <= LINE_MAX_BYTES)
            explain_line(out, span_of(line, (size_t)len - (line[len - 1] == '\n')), notice, indent);
    }
    free(line);
    if (file)
        fclose(file);
}

bool alert_journal_explain(struct text *out, const char *path, const struct notice *notice, const char *indent)
{
    char *before;
    if (asprintf(&before, "%s.1", path) < 0)
        return false;
    explain_file(out, before, notice, indent);
    explain_file(out, path, notice, indent);
    free(before);
    return !out->failed;
}
