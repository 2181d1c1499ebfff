/* One look at the directory. First the files that are still where they were, by their numbers; then what is left over
 * on both sides is compared by content; what remains is new.
 *
 * Meanwhile files are renamed, copied and cut back. What has more to give stays open whatever becomes of its name. */
#include "client/gateway/follow_scan.h"

#include "client/gateway/follow_list.h"
#include "client/gateway/follow_vanished.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOOKS_MAX 20

struct look {
    struct follow_scan *scan;
    struct follow_state *state;
    const struct follow_mark *read; /* of the current file */
    struct follow_list list;
    bool must_repeat;  /* a file's content is no longer where it was, or its name is another one */
    bool is_displaced; /* the current one's is not, and was not found elsewhere */
    bool is_full;
};

static int open_name(struct follow_scan *scan, const char *name)
{
    char path[4096];
    int len = snprintf(path, sizeof path, "%s/%s", scan->dir, name);
    /* not to wait for a pipe that has taken the name meanwhile */
    int fd = len > 0 && (size_t)len < sizeof path ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
    if (fd < 0 && errno != ENOENT) {
        scan->open_error = errno;
        snprintf(scan->unopened, sizeof scan->unopened, "%s", name);
    }
    return fd;
}

bool follow_scan_open(struct follow_scan *scan, struct follow_file *file)
{
    struct stat status;
    if (file->fd >= 0)
        return true;
    file->fd = open_name(scan, file->name);
    if (file->fd >= 0 && fstat(file->fd, &status) == 0 && status.st_dev == file->device && status.st_ino == file->inode)
        return true;
    if (file->fd >= 0) {
        close(file->fd);
        errno = ENOENT;
    }
    file->fd = -1;
    return false;
}

static const struct follow_mark *mark_of(const struct look *look, size_t index)
{
    return index == look->state->current ? look->read : &look->state->files[index].mark;
}

static void close_fd(struct follow_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}

static void bind(struct follow_file *file, struct follow_entry *entry)
{
    memcpy(file->name, entry->name, sizeof file->name);
    file->order = entry->order;
    file->device = entry->device;
    file->inode = entry->inode;
    file->size = entry->size;
    file->modified_ns = entry->modified_ns;
    file->is_present = true;
    file->is_known = true;
    entry->is_found = true;
}

enum lies { LIES_THERE, LIES_ELSEWHERE /* it bears another name by now */, LIES_UNREAD, LIES_CHANGED };

/* How what lies under a file's number stands to its content. */
static enum lies check(const struct look *look, size_t index, const struct follow_entry *entry)
{
    struct follow_file *file = &look->state->files[index];
    const struct follow_mark *mark = mark_of(look, index);
    if (file->is_known && file->size == entry->size && file->modified_ns == entry->modified_ns)
        return LIES_THERE;
    memcpy(file->name, entry->name, sizeof file->name);
    if (!follow_scan_open(look->scan, file))
        return errno == ENOENT ? LIES_ELSEWHERE : LIES_UNREAD;
    return follow_mark_holds(mark, file->fd) ? LIES_THERE : LIES_CHANGED;
}

static void displace(struct look *look, size_t index)
{
    struct follow_file *file = &look->state->files[index];
    file->device = file->inode = 0;
    file->is_known = false;
    close_fd(file);
    look->must_repeat = true;
    look->is_displaced |= index == look->state->current;
}

static void find_by_number(struct look *look)
{
    struct follow_state *state = look->state;
    for (size_t e = 0; e < look->list.count; e++) {
        struct follow_entry *entry = &look->list.entries[e];
        size_t i = 0;
        while (i < state->file_count &&
               (state->files[i].device != entry->device || state->files[i].inode != entry->inode))
            i++;
        if (i == state->file_count)
            continue;
        enum lies lies = check(look, i, entry);
        if (lies == LIES_UNREAD && !look->scan->is_by_number)
            lies = LIES_CHANGED; /* a copy may be readable */
        look->must_repeat |= lies == LIES_ELSEWHERE;
        if (lies == LIES_CHANGED)
            displace(look, i);
        if (lies == LIES_CHANGED || lies == LIES_ELSEWHERE)
            continue;
        bind(&state->files[i], entry);
        state->files[i].is_known = lies == LIES_THERE;
        if (state->files[i].mark.head_len < FOLLOW_MARK_BYTES && follow_scan_open(look->scan, &state->files[i]))
            follow_mark_extend(&state->files[i].mark, state->files[i].fd);
    }
}

/* The file whose content an entry has; file_count: none. `*match` tells how much of it. */
static size_t find_content(const struct look *look, const struct follow_entry *entry, int fd, bool is_present,
                           enum follow_mark_match *match)
{
    struct follow_state *state = look->state;
    for (size_t i = 0; i < state->file_count && !look->scan->is_by_number; i++) {
        if (state->files[i].is_present != is_present)
            continue;
        *match = follow_mark_compare(mark_of(look, i), fd, entry->size);
        if (*match != FOLLOW_MARK_OTHER)
            return i;
    }
    return state->file_count;
}

/* The content of a file that is nowhere else goes on here. Where it is less than was read of it, there is nothing to
 * read; of the current file it must be kept first that all of it was. */
static void adopt(struct look *look, size_t index, struct follow_entry *entry, int fd, enum follow_mark_match match)
{
    struct follow_file *file = &look->state->files[index];
    bool is_current = index == look->state->current;
    if (match == FOLLOW_MARK_PREFIX && (is_current || !follow_mark_make(&file->mark, fd, entry->size))) {
        close(fd);
        return;
    }
    close_fd(file);
    file->fd = fd;
    file->searched = 0;
    bind(file, entry);
    if (is_current)
        look->is_displaced = false;
}

static bool add_file(struct look *look, struct follow_entry *entry, int fd)
{
    if (look->state->file_count >= FOLLOW_FILES_MAX) {
        look->is_full = true;
        close(fd);
        return true;
    }
    struct follow_file *file = follow_state_add(look->state);
    if (!file) {
        close(fd);
        return false;
    }
    file->fd = fd;
    bind(file, entry);
    if (!follow_mark_make(&file->mark, fd, 0))
        file->is_known = false; /* cut back meanwhile: the next look tells */
    return true;
}

/* Opens an entry; its size is what it is now, for a copy may have been made while we looked. -1: it is empty, or gone. */
static int open_entry(struct follow_scan *scan, struct follow_entry *entry)
{
    struct stat status;
    int fd = open_name(scan, entry->name);
    if (fd < 0)
        return -1;
    if (fstat(fd, &status) == 0 && status.st_size > 0 && status.st_dev == entry->device &&
        status.st_ino == entry->inode) {
        entry->size = (uint64_t)status.st_size;
        return fd;
    }
    close(fd);
    return -1;
}

/* What is left over: copies, and new files. */
static bool find_by_content(struct look *look)
{
    for (size_t e = 0; e < look->list.count; e++) {
        struct follow_entry *entry = &look->list.entries[e];
        enum follow_mark_match match = FOLLOW_MARK_OTHER;
        int fd = entry->is_found ? -1 : open_entry(look->scan, entry);
        if (fd < 0)
            continue; /* known, without content, or gone meanwhile */
        size_t none = look->state->file_count;
        if (find_content(look, entry, fd, true, &match) != none) {
            close(fd); /* a copy beside its original */
            continue;
        }
        size_t index = find_content(look, entry, fd, false, &match);
        if (index != none)
            adopt(look, index, entry, fd, match);
        else if (!add_file(look, entry, fd))
            return false;
    }
    return true;
}

static int look_once(struct look *look)
{
    struct follow_state *state = look->state;
    int error = follow_list_read(&look->list, look->scan->dir, look->scan->base);
    look->must_repeat = false;
    if (!error) {
        for (size_t i = 0; i < state->file_count; i++)
            state->files[i].is_present = false;
        find_by_number(look);
        if (!find_by_content(look))
            error = TOCSIN_E_NOMEM;
    }
    follow_list_fini(&look->list);
    return error;
}

int follow_scan(struct follow_scan *scan, struct follow_state *state, const struct follow_mark *read,
                bool *is_displaced)
{
    struct look look = {.scan = scan, .state = state, .read = read};
    int error = look_once(&look);
    for (unsigned i = 0; i < LOOKS_MAX && !error && look.must_repeat; i++)
        error = look_once(&look); /* the copy may be younger than the list */
    if (!error && look.must_repeat)
        error = TOCSIN_E_TIMEOUT;
    if (!error) {
        follow_vanished_note(scan, state);
        follow_vanished_tidy(state);
        follow_state_sort(state);
    }
    *is_displaced = look.is_displaced;
    return error ? error : look.is_full ? TOCSIN_E_FULL : TOCSIN_OK;
}

const char *follow_scan_reason(int error)
{
    switch (error) {
    case TOCSIN_E_IO:
        return strerror(errno);
    case TOCSIN_E_FULL:
        return "it holds too many logs";
    case TOCSIN_E_TIMEOUT:
        return "its files are renamed all the time";
    default:
        return "out of memory";
    }
}
