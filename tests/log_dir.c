#include "tests/log_dir.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto/tocsin_base.h"

void log_dir_init(struct log_dir *dir)
{
    const char *base = getenv("TMPDIR");

    *dir = (struct log_dir){.topics = topics_new(100000, 42)};
    assert_non_null(dir->topics);
    snprintf(dir->path, sizeof dir->path, "%s/tocsin-log-XXXXXX", base == NULL ? "/tmp" : base);
    assert_non_null(mkdtemp(dir->path));
    text_init(&dir->message);
    dir->options = (struct log_options){.dir = dir->path, .topics = dir->topics};
}

void log_dir_fini(struct log_dir *dir)
{
    log_dir_clear(dir);
    rmdir(dir->path);
    text_fini(&dir->message);
    topics_free(&dir->topics);
}

int log_dir_try(struct log_dir *dir, struct log_file **log)
{
    text_clear(&dir->message);
    int result = log_file_open(log, &dir->options, &dir->message);
    text_put_char(&dir->message, '\0');
    if (result == TOCSIN_OK)
        assert_non_null(*log);
    else
        assert_null(*log);
    return result;
}

struct log_file *log_dir_open(struct log_dir *dir)
{
    struct log_file *log;
    int result = log_dir_try(dir, &log);
    if (result != TOCSIN_OK)
        fail_msg("open: %d %s", result, dir->message.data);
    return log;
}

static void path_of(const struct log_dir *dir, const char *name, char path[512])
{
    snprintf(path, 512, "%s/%s", dir->path, name);
}

void log_dir_read(const struct log_dir *dir, const char *name, struct text *content)
{
    char path[512];
    struct stat stat;

    path_of(dir, name, path);
    text_init(content);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &stat), 0);
    assert_true(text_reserve(content, (size_t)stat.st_size + 1));
    while (content->len < (size_t)stat.st_size) {
        ssize_t len = read(fd, content->data + content->len, (size_t)stat.st_size - content->len);
        assert_true(len > 0);
        content->len += (size_t)len;
    }
    close(fd);
}

void log_dir_write(const struct log_dir *dir, const char *name, const void *bytes, size_t len)
{
    char path[512];

    path_of(dir, name, path);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    assert_true(fd >= 0);
    while (len > 0) {
        ssize_t done = write(fd, bytes, len);
        assert_true(done > 0);
        bytes = (const char *)bytes + done;
        len -= (size_t)done;
    }
    close(fd);
}

bool log_dir_has(const struct log_dir *dir, const char *name)
{
    char path[512];
    struct stat stat;

    path_of(dir, name, path);
    return lstat(path, &stat) == 0;
}

void log_dir_remove(const struct log_dir *dir, const char *name)
{
    char path[512];

    path_of(dir, name, path);
    assert_int_equal(unlink(path), 0);
}

void log_dir_rename(const struct log_dir *dir, const char *from, const char *to)
{
    char from_path[512], to_path[512];

    path_of(dir, from, from_path);
    path_of(dir, to, to_path);
    assert_int_equal(rename(from_path, to_path), 0);
}

static unsigned walk(const struct log_dir *dir, const char *prefix, bool must_remove)
{
    unsigned count = 0;
    const struct dirent *entry;
    DIR *stream = opendir(dir->path);

    assert_non_null(stream);
    while ((entry = readdir(stream)) != NULL) {
        if (entry->d_name[0] == '.' || strncmp(entry->d_name, prefix, strlen(prefix)) != 0)
            continue;
        count++;
        if (must_remove)
            unlinkat(dirfd(stream), entry->d_name, 0);
    }
    closedir(stream);
    return count;
}

unsigned log_dir_count(const struct log_dir *dir, const char *prefix)
{
    return walk(dir, prefix, false);
}

void log_dir_clear(const struct log_dir *dir)
{
    walk(dir, "", true);
}

void log_dir_assert_said(const struct log_dir *dir, const char *part)
{
    if (strstr(dir->message.data, part) == NULL)
        fail_msg("\"%s\" is not in: %s", part, dir->message.data);
}
