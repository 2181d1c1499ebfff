#include "client/alert/silences_file.h"

#include "client/complain.h"

#define LOOK_EACH_US INT64_C(1000000)

static bool read_told(const struct silences_file *file, struct silences *silences)
{
    struct text message;
    text_init(&message);
    bool is_good = silences_read_file(silences, file->path, &message);
    if (!is_good)
        complain("%.*s", (int)message.len, message.data);
    text_fini(&message);
    return is_good;
}

static struct stat look(const char *path)
{
    struct stat now;
    if (stat(path, &now) != 0)
        now = (struct stat){.st_ino = 0};
    return now;
}

bool silences_file_begin(struct silences_file *file, struct silences *silences)
{
    *silences = (struct silences){0};
    if (!file->path)
        return true;
    file->seen = look(file->path);
    return read_told(file, silences);
}

bool silences_file_look(struct silences_file *file, int64_t now_us, struct silences *silences)
{
    if (!file->path || now_us - file->looked_us < LOOK_EACH_US)
        return false;
    file->looked_us = now_us;
    struct stat now = look(file->path);
    if (now.st_ino == file->seen.st_ino && now.st_size == file->seen.st_size &&
        now.st_mtim.tv_sec == file->seen.st_mtim.tv_sec && now.st_mtim.tv_nsec == file->seen.st_mtim.tv_nsec)
        return false;
    file->seen = now;
    if (!read_told(file, silences)) {
        complain("the silences stay as they were");
        return false;
    }
    complain("%s: %zu silences", file->path, silences->count);
    return true;
}
