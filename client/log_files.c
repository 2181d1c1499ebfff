/* The happy path: events.log is opened first, then the directory is listed, so that a file that is renamed meanwhile is
 * seen at least once, and by its inode not twice; files are read in order, line by line, from about where what is wanted
 * begins (log_skip.c). What can fail: a line is none
 * (told, and passed over), a last line without its end is still being written (left alone), a file is gone. */
#include "client/log_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/log_skip.h"
#include "client/message.h"
#include "client/packed_file.h"
#include "proto/json_read.h"
#include "proto/zst/zst.h"

/* A line holds an event of the greatest length that can be set, all of it escaped. */
#define LINE_MAX_BYTES ((size_t)512 << 20)
#define EVENT_MAX      ((size_t)64 << 20)
#define CURRENT        "events.log"

struct log_files {
    int dir_fd;
    int current_fd; /* events.log as it was when it began; -1: there was none */
    ino_t current_inode;
    char **names;
    size_t name_count;
    size_t name_at; /* the next to be opened */
    const struct wanted *wanted;
    uint64_t since_us;
    uint64_t first_seq;
    FILE *file; /* NULL: between two */
    char *line;
    size_t line_size;
    uint64_t line_number;   /* counted from skipped_bytes on */
    uint64_t skipped_bytes; /* of the file, not read */
    uint64_t done_bytes;
    uint64_t total_bytes;
    struct event_judge *judge;
    struct text event;
    struct record record;
    char topic[TOCSIN_TOPIC_MAX];
    struct text json;
};

static int compare(const void *a, const void *b)
{
    return log_names_compare(*(char *const *)a, *(char *const *)b);
}

/* Adds the name where it is a file of the log; events.log only through the descriptor that is open. */
static int add_name(struct log_files *files, const char *name)
{
    struct stat status;
    if (!log_names_is_log(name) || fstatat(files->dir_fd, name, &status, 0) != 0)
        return TOCSIN_OK;
    bool is_current = strcmp(name, CURRENT) == 0;
    if (!is_current && files->current_fd >= 0 && status.st_ino == files->current_inode)
        return TOCSIN_OK; /* renamed meanwhile */
    if (is_current && files->current_fd < 0)
        return TOCSIN_OK;
    char **names = realloc(files->names, (files->name_count + 1) * sizeof *names);
    if (!names)
        return TOCSIN_E_NOMEM;
    files->names = names;
    names[files->name_count] = strdup(name);
    if (!names[files->name_count])
        return TOCSIN_E_NOMEM;
    files->name_count++;
    uint64_t len = (uint64_t)status.st_size;
    files->total_bytes += log_names_is_packed(name) ? packed_file_content_len(files->dir_fd, name, len) : len;
    return TOCSIN_OK;
}

/* A file that is being compressed is there in both forms: the plain one, which comes first, is enough. */
static void sort(struct log_files *files)
{
    size_t kept = 0;
    qsort(files->names, files->name_count, sizeof *files->names, compare);
    for (size_t i = 0; i < files->name_count; i++) {
        char *name = files->names[i];
        const char *before = kept > 0 ? files->names[kept - 1] : "";
        if (log_names_is_packed(name) && log_names_len(name) == strlen(before) &&
            strncmp(name, before, strlen(before)) == 0)
            free(name);
        else
            files->names[kept++] = name;
    }
    files->name_count = kept;
}

static int list(struct log_files *files)
{
    int fd = dup(files->dir_fd);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        if (fd >= 0)
            close(fd);
        return TOCSIN_E_IO;
    }
    int error = TOCSIN_OK;
    for (struct dirent *entry; !error && (entry = readdir(dir)) != NULL;)
        error = add_name(files, entry->d_name);
    closedir(dir);
    if (!error && files->name_count == 0)
        error = TOCSIN_E_END;
    if (!error)
        sort(files);
    return error;
}

static int begin(struct log_files *files, const char *dir)
{
    struct stat status;
    files->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (files->dir_fd < 0)
        return TOCSIN_E_IO;
    files->current_fd = openat(files->dir_fd, CURRENT, O_RDONLY | O_CLOEXEC);
    if (files->current_fd < 0 && errno != ENOENT)
        return TOCSIN_E_IO;
    if (files->current_fd >= 0 && fstat(files->current_fd, &status) == 0)
        files->current_inode = status.st_ino;
    files->judge = event_judge_new(EVENT_MAX, files->current_inode);
    return files->judge ? list(files) : TOCSIN_E_NOMEM;
}

int log_files_open(struct log_files **files, const char *dir, const struct wanted *wanted, uint64_t since_us,
                   uint64_t first_seq)
{
    *files = calloc(1, sizeof **files);
    if (!*files)
        return TOCSIN_E_NOMEM;
    **files = (struct log_files){.wanted = wanted, .since_us = since_us, .first_seq = first_seq};
    (*files)->dir_fd = (*files)->current_fd = -1;
    int error = begin(*files, dir);
    int reason = errno;
    if (error)
        log_files_close(files);
    errno = reason;
    return error;
}

void log_files_close(struct log_files **files)
{
    if (!*files)
        return;
    struct log_files *closing = *files;
    if (closing->file)
        fclose(closing->file);
    if (closing->current_fd >= 0)
        close(closing->current_fd);
    if (closing->dir_fd >= 0)
        close(closing->dir_fd);
    for (size_t i = 0; i < closing->name_count; i++)
        free(closing->names[i]);
    free(closing->names);
    free(closing->line);
    event_judge_free(&closing->judge);
    text_fini(&closing->event);
    text_fini(&closing->json);
    free(closing);
    *files = NULL;
}

/* A file that is not there any more may have been compressed meanwhile. */
static int open_dated(struct log_files *files, char **name)
{
    char *packed;
    int fd = openat(files->dir_fd, *name, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 || errno != ENOENT || log_names_is_packed(*name) || asprintf(&packed, "%s" ZST_SUFFIX, *name) < 0)
        return fd;
    fd = openat(files->dir_fd, packed, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        free(packed);
        return fd;
    }
    free(*name);
    *name = packed;
    return fd;
}

static int open_next(struct log_files *files)
{
    const char *name = files->names[files->name_at++];
    int fd = files->current_fd;
    if (strcmp(name, CURRENT) == 0)
        files->current_fd = -1;
    else
        fd = open_dated(files, &files->names[files->name_at - 1]);
    files->line_number = files->skipped_bytes = 0;
    name = files->names[files->name_at - 1];
    files->file = fd < 0 ? NULL : log_names_is_packed(name) ? packed_file_stream(fd) : fdopen(fd, "r");
    if (files->file) {
        if (files->since_us > 0 || files->first_seq > 1)
            files->skipped_bytes =
                log_skip(files->file, files->since_us, files->first_seq, &files->line, &files->line_size);
        files->done_bytes += files->skipped_bytes;
        return TOCSIN_OK;
    }
    if (fd >= 0 && !log_names_is_packed(name))
        close(fd);
    return TOCSIN_E_IO;
}

static int end_file(struct log_files *files)
{
    int error = ferror(files->file) ? TOCSIN_E_IO : TOCSIN_OK;
    fclose(files->file);
    files->file = NULL;
    return error;
}

/* A line of the log becomes the record. *is_wanted: it is one to be told. */
static int read_line(struct log_files *files, struct span text, bool *is_wanted)
{
    struct line line;
    struct refusal refusal;
    struct record *record = &files->record;
    *is_wanted = false;
    if (text.len > LINE_MAX_BYTES || line_read(text, &line) != TOCSIN_OK)
        return TOCSIN_E_SYNTAX;
    if (line.received_us < files->since_us || line.seq < files->first_seq)
        return TOCSIN_OK;
    text_clear(&files->event);
    int error = line_read_event(&line, &files->event, NULL);
    if (error)
        return error;
    *record = (struct record){.seq = line.seq, .prev = line.prev, .received_us = line.received_us};
    if (event_judge(files->judge, text_span(&files->event), &record->event, &refusal) != files->event.len ||
        refusal.code != TOCSIN_ACCEPTED)
        return TOCSIN_E_SYNTAX;
    size_t topic_len = event_topic(&record->event, files->topic);
    *is_wanted = wanted_takes(files->wanted, &record->event, span_of(files->topic, topic_len));
    return TOCSIN_OK;
}

/* The next line of the file that is open. *is_wanted as above. */
static int step(struct log_files *files, bool *is_wanted)
{
    *is_wanted = false;
    ssize_t len = getline(&files->line, &files->line_size, files->file);
    if (len <= 0 || files->line[len - 1] != '\n')
        return end_file(files); /* what has no end yet is still being written */
    files->line_number++;
    files->done_bytes += (uint64_t)len;
    int error = read_line(files, span_of(files->line, (size_t)len - 1), is_wanted);
    if (error && files->skipped_bytes > 0) { /* its number is to be told */
        files->line_number += log_skip_count(files->file, files->skipped_bytes);
        files->skipped_bytes = 0;
    }
    return error;
}

int log_files_next(struct log_files *files, struct tocsin_message *message)
{
    bool is_wanted = false;
    while (!is_wanted) {
        if (!files->file && files->name_at == files->name_count)
            return TOCSIN_E_END;
        int error = files->file ? step(files, &is_wanted) : open_next(files);
        if (error)
            return error;
    }
    const struct event *event = &files->record.event;
    message_of_record(message, &files->record, span_of(files->topic, event_topic(event, files->topic)), span_of("", 0));
    return TOCSIN_OK;
}

int log_files_event_json(struct log_files *files, struct tocsin_text *json)
{
    return message_event_json(&files->json, &files->record, json);
}

void log_files_place(const struct log_files *files, const char **path, uint64_t *line)
{
    *path = files->name_at > 0 ? files->names[files->name_at - 1] : "";
    *line = files->line_number;
}

void log_files_progress(const struct log_files *files, uint64_t *done, uint64_t *total)
{
    *done = files->done_bytes;
    *total = files->total_bytes;
}
