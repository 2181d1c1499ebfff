#include "tests/fault/sim_disk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "broker/log_name.h"

#define FIRST_FD 100 /* so that no real descriptor is mistaken for one of ours */

#define WORD(ID, word) [SIM_OP_##ID] = word,
static const char *const words[SIM_OP_COUNT] = {SIM_OPS(WORD, WORD)};
#undef WORD

#define IS_CHANGE(ID, word) [SIM_OP_##ID] = true,
#define IS_LOOK(ID, word)   [SIM_OP_##ID] = false,
static const bool changes[SIM_OP_COUNT] = {SIM_OPS(IS_CHANGE, IS_LOOK)};

const char *sim_disk_word(enum sim_op_kind kind)
{
    return words[kind];
}

void sim_bytes_resize(struct sim_bytes *bytes, size_t len)
{
    if (len > bytes->room) {
        bytes->room = len * 2 + 256;
        bytes->data = realloc(bytes->data, bytes->room);
        if (bytes->data == NULL)
            abort();
    }
    if (len > bytes->len)
        memset(bytes->data + bytes->len, 0, len - bytes->len);
    bytes->len = len;
}

void sim_bytes_copy(struct sim_bytes *to, const struct sim_bytes *from)
{
    to->len = 0;
    if (from->len > to->room)
        sim_bytes_resize(to, from->len);
    to->len = from->len;
    if (from->len > 0)
        memcpy(to->data, from->data, from->len);
}

const struct sim_name *sim_names_find(const struct sim_names *names, const char *name)
{
    for (unsigned i = 0; i < names->count; i++)
        if (strcmp(names->items[i].name, name) == 0)
            return &names->items[i];
    return NULL;
}

void sim_names_remove(struct sim_names *names, const char *name)
{
    const struct sim_name *found = sim_names_find(names, name);
    if (found != NULL)
        names->items[found - names->items] = names->items[--names->count];
}

void sim_names_put(struct sim_names *names, const char *name, unsigned file)
{
    sim_names_remove(names, name);
    if (names->count == SIM_NAMES_MAX)
        abort();
    struct sim_name *item = &names->items[names->count++];
    snprintf(item->name, sizeof item->name, "%s", name);
    item->file = file;
}

static struct sim_disk *sim_of(const struct disk *disk)
{
    return (struct sim_disk *)(uintptr_t)disk;
}

/* What the planned fault makes of the operation at hand: 0: do it; negative: it has failed; 1: do half of it. */
static int fault_of(struct sim_disk *sim, enum sim_op_kind kind)
{
    const struct sim_fault *fault = &sim->fault;
    bool can_be_short = kind == SIM_OP_READ || kind == SIM_OP_APPEND || kind == SIM_OP_WRITE_AT;

    if (fault->at == 0 || sim->op_count < fault->at || sim->op_count - fault->at >= fault->times)
        return 0;
    if (fault->kind == SIM_FAULT_SHORT_THEN_FULL && sim->op_count > fault->at)
        return changes[kind] ? -ENOSPC : 0;
    if (fault->kind != SIM_FAULT_ERROR && can_be_short)
        return 1;
    return fault->kind == SIM_FAULT_SHORT_THEN_FULL ? 0 : -fault->error;
}

/* Every operation begins here; returns what fault_of does. */
static int begin(struct sim_disk *sim, const struct sim_op *op)
{
    if (!sim->is_dead && sim->before != NULL && changes[op->kind])
        sim->before(sim, op);
    if (sim->is_dead)
        return -EIO;
    sim->op_count++;
    sim->kind_counts[op->kind]++;
    int result = fault_of(sim, op->kind);
    if (result != 0 && sim->fault.failed++ == 0)
        sim->fault.hit = op->kind;
    return result;
}

/* The file slots that something refers to. */
static void mark_used(const struct sim_disk *sim, bool used[SIM_FILES_MAX])
{
    memset(used, 0, SIM_FILES_MAX);
    for (unsigned i = 0; i < sim->seen.count; i++)
        used[sim->seen.items[i].file] = true;
    for (unsigned i = 0; i < sim->durable.count; i++)
        used[sim->durable.items[i].file] = true;
    for (unsigned i = 0; i < sim->dir_change_count; i++)
        used[sim->dir_changes[i].file] = true;
    for (unsigned i = 0; i < SIM_FDS_MAX; i++)
        if (sim->fds[i].kind == SIM_FD_FILE)
            used[sim->fds[i].file] = true;
}

static unsigned new_file(struct sim_disk *sim)
{
    bool used[SIM_FILES_MAX];
    unsigned file = 0;

    mark_used(sim, used);
    while (file < SIM_FILES_MAX && used[file])
        file++;
    if (file == SIM_FILES_MAX)
        abort();
    struct sim_file *fresh = &sim->files[file];
    fresh->durable.len = fresh->seen.len = fresh->payload.len = fresh->change_count = 0;
    fresh->has_failed_sync = false;
    return file;
}

static int new_fd(struct sim_disk *sim, int kind, unsigned file, enum disk_open how)
{
    for (unsigned i = 0; i < SIM_FDS_MAX; i++) {
        if (sim->fds[i].kind != SIM_FD_FREE)
            continue;
        sim->fds[i] = (struct sim_fd){kind == SIM_FD_DIR ? SIM_FD_DIR : SIM_FD_FILE, file, how};
        return FIRST_FD + (int)i;
    }
    return -EMFILE;
}

static struct sim_fd *fd_of(struct sim_disk *sim, int fd)
{
    if (fd < FIRST_FD || fd >= FIRST_FD + (int)SIM_FDS_MAX || sim->fds[fd - FIRST_FD].kind == SIM_FD_FREE)
        abort(); /* used after close: a fault of the code under test that must not go by */
    return &sim->fds[fd - FIRST_FD];
}

static struct sim_file *file_of(struct sim_disk *sim, int fd)
{
    return &sim->files[fd_of(sim, fd)->file];
}

static void note_change(struct sim_file *file, uint64_t offset, const void *bytes, size_t len, bool is_cut)
{
    if (file->change_count == file->change_room) {
        file->change_room = file->change_room * 2 + 8;
        file->changes = realloc(file->changes, file->change_room * sizeof *file->changes);
        if (file->changes == NULL)
            abort();
    }
    struct sim_change *change = &file->changes[file->change_count++];
    *change = (struct sim_change){offset, len, file->payload.len, 0, is_cut};
    if (is_cut) {
        sim_bytes_resize(&file->seen, offset);
    } else {
        sim_bytes_resize(&file->payload, file->payload.len + len);
        memcpy(file->payload.data + change->payload_at, bytes, len);
        if (offset + len > file->seen.len)
            sim_bytes_resize(&file->seen, offset + len);
        memcpy(file->seen.data + offset, bytes, len);
    }
    change->file_len = file->seen.len;
}

static void note_dir_change(struct sim_disk *sim, const char *from, const char *to, unsigned file)
{
    if (sim->dir_change_count == SIM_NAMES_MAX * 2)
        abort();
    struct sim_dir_change *change = &sim->dir_changes[sim->dir_change_count++];
    snprintf(change->from, sizeof change->from, "%s", from);
    snprintf(change->to, sizeof change->to, "%s", to);
    change->file = file;
    sim_names_remove(&sim->seen, from);
    if (to[0] != '\0')
        sim_names_put(&sim->seen, to, file);
}

static int sim_make_dir(const struct disk *disk, const char *path)
{
    return begin(sim_of(disk), &(struct sim_op){.kind = SIM_OP_MAKE_DIR, .fd = -1, .name = path});
}

static int sim_open_dir(const struct disk *disk, const char *path)
{
    int result = begin(sim_of(disk), &(struct sim_op){.kind = SIM_OP_OPEN_DIR, .fd = -1, .name = path});
    return result < 0 ? result : new_fd(sim_of(disk), SIM_FD_DIR, 0, DISK_READ);
}

static int sim_open(const struct disk *disk, int dir, const char *name, enum disk_open how)
{
    struct sim_disk *sim = sim_of(disk);
    bool must_create = how == DISK_CREATE || how == DISK_REPLACEABLE;
    struct sim_op op = {.kind = must_create ? SIM_OP_CREATE : SIM_OP_OPEN, .fd = -1, .name = name};

    (void)fd_of(sim, dir);
    int result = begin(sim, &op);
    if (result < 0)
        return result;
    const struct sim_name *found = sim_names_find(&sim->seen, name);
    if (found == NULL && !must_create)
        return -ENOENT;
    if (found != NULL && how == DISK_CREATE)
        return -EEXIST;
    unsigned file = found != NULL ? found->file : new_file(sim);
    if (found == NULL) {
        note_dir_change(sim, "", name, file);
        snprintf(sim->last_created, sizeof sim->last_created, "%s", name);
    } else if (how == DISK_REPLACEABLE && sim->files[file].seen.len > 0) {
        note_change(&sim->files[file], 0, NULL, 0, true);
    }
    return new_fd(sim, SIM_FD_FILE, file, how);
}

static void sim_close(const struct disk *disk, int fd)
{
    struct sim_disk *sim = sim_of(disk);
    struct sim_fd *closed = fd_of(sim, fd);
    if (sim->lock_fd == fd)
        sim->lock_fd = -1;
    closed->kind = SIM_FD_FREE;
}

static ssize_t sim_read_at(const struct disk *disk, int fd, void *bytes, size_t len, uint64_t offset)
{
    const struct sim_file *file = file_of(sim_of(disk), fd);
    int result = begin(sim_of(disk), &(struct sim_op){.kind = SIM_OP_READ, .fd = fd, .len = len, .offset = offset});
    if (result < 0)
        return result;
    if (offset >= file->seen.len)
        return 0;
    size_t count = file->seen.len - offset < len ? (size_t)(file->seen.len - offset) : len;
    if (result == 1 && count > 1)
        count /= 2;
    memcpy(bytes, file->seen.data + offset, count);
    return (ssize_t)count;
}

/* How much of a write finds room. */
static size_t room_for(const struct sim_disk *sim, const struct sim_file *file, uint64_t offset, size_t len)
{
    uint64_t taken = 0;
    if (sim->capacity == 0 || offset + len <= file->seen.len)
        return len;
    for (unsigned i = 0; i < sim->seen.count; i++)
        taken += sim->files[sim->seen.items[i].file].seen.len;
    uint64_t end = file->seen.len + (taken < sim->capacity ? sim->capacity - taken : 0);
    return offset + len <= end ? len : end > offset ? (size_t)(end - offset) : 0;
}

static ssize_t write_part(struct sim_disk *sim, const struct sim_op *op)
{
    struct sim_file *file = file_of(sim, op->fd);
    int result = begin(sim, op);
    if (result < 0)
        return result;
    if (sim->fault.no_rewrites && op->kind == SIM_OP_WRITE_AT && op->offset + op->len <= file->seen.len)
        return (ssize_t)op->len;
    size_t len = room_for(sim, file, op->offset, op->len);
    if (len == 0 && op->len > 0)
        return -ENOSPC;
    if (result == 1 && len > 1)
        len /= 2;
    note_change(file, op->offset, op->bytes, len, false);
    return (ssize_t)len;
}

static ssize_t sim_append(const struct disk *disk, int fd, const void *bytes, size_t len)
{
    struct sim_disk *sim = sim_of(disk);
    struct sim_op op = {.kind = SIM_OP_APPEND, .fd = fd, .bytes = bytes, .len = len};
    op.offset = file_of(sim, fd)->seen.len;
    if (fd_of(sim, fd)->how == DISK_READ)
        return -EBADF;
    return write_part(sim, &op);
}

static ssize_t sim_write_at(const struct disk *disk, int fd, const void *bytes, size_t len, uint64_t offset)
{
    struct sim_disk *sim = sim_of(disk);
    struct sim_op op = {.kind = SIM_OP_WRITE_AT, .fd = fd, .bytes = bytes, .len = len, .offset = offset};
    if (fd_of(sim, fd)->how == DISK_READ)
        return -EBADF;
    if (fd_of(sim, fd)->how == DISK_APPEND || fd_of(sim, fd)->how == DISK_CREATE)
        op.offset = file_of(sim, fd)->seen.len; /* as Linux does where O_APPEND is set */
    return write_part(sim, &op);
}

/* The pages that the changes have touched reach the disk; others do not, though they may be seen. */
static void flush_changes(struct sim_file *file)
{
    for (size_t i = 0; i < file->change_count; i++) {
        const struct sim_change *change = &file->changes[i];
        if (change->is_cut) {
            if (file->durable.len > change->offset)
                sim_bytes_resize(&file->durable, change->offset);
            continue;
        }
        uint64_t from = change->offset & ~UINT64_C(4095);
        uint64_t to = (change->offset + change->len + 4095) & ~UINT64_C(4095);
        if (to > file->seen.len)
            to = file->seen.len;
        if (to > file->durable.len)
            sim_bytes_resize(&file->durable, to);
        if (to > from)
            memcpy(file->durable.data + from, file->seen.data + from, to - from);
    }
    sim_bytes_resize(&file->durable, file->seen.len);
    file->change_count = 0;
    file->payload.len = 0;
}

static bool is_being_packed(struct sim_disk *sim, int fd)
{
    for (unsigned i = 0; i < sim->seen.count; i++)
        if (sim->seen.items[i].file == fd_of(sim, fd)->file && strstr(sim->seen.items[i].name, ".zst") != NULL)
            return true;
    return false;
}

static int sim_sync(const struct disk *disk, int fd)
{
    struct sim_disk *sim = sim_of(disk);
    struct sim_file *file = file_of(sim, fd);
    int result = begin(sim, &(struct sim_op){.kind = SIM_OP_SYNC, .fd = fd});
    if (sim->is_dead)
        return result;
    sim->second_syncs += file->has_failed_sync && file == sim_disk_file(sim, LOG_NAME_CURRENT);
    if (result < 0) {
        file->has_failed_sync = true;
        file->change_count = 0;
        file->payload.len = 0;
    } else if (!sim->ignores_sync && !(sim->ignores_sync_of_temp && is_being_packed(sim, fd))) {
        flush_changes(file);
    }
    return result < 0 ? result : 0;
}

static int sim_sync_dir(const struct disk *disk, int dir)
{
    struct sim_disk *sim = sim_of(disk);
    (void)fd_of(sim, dir);
    int result = begin(sim, &(struct sim_op){.kind = SIM_OP_SYNC_DIR, .fd = dir});
    if (result < 0)
        return result;
    bool is_new_log = strcmp(sim->last_created, LOG_NAME_CURRENT) == 0;
    sim->last_created[0] = '\0';
    if (sim->ignores_dir_sync_of_new_log && is_new_log)
        return 0;
    sim->durable = sim->seen;
    sim->dir_change_count = 0;
    return 0;
}

static int sim_cut(const struct disk *disk, int fd, uint64_t len)
{
    struct sim_disk *sim = sim_of(disk);
    struct sim_file *file = file_of(sim, fd);
    int result = begin(sim, &(struct sim_op){.kind = SIM_OP_CUT, .fd = fd, .offset = len});
    if (result < 0)
        return result;
    if (file->seen.len != len)
        note_change(file, len, NULL, 0, true);
    return 0;
}

static int sim_stat(const struct disk *disk, int fd, struct disk_stat *out)
{
    struct sim_disk *sim = sim_of(disk);
    const struct sim_fd *open = fd_of(sim, fd);
    int result = begin(sim, &(struct sim_op){.kind = SIM_OP_STAT, .fd = fd});
    if (result < 0)
        return result;
    if (open->kind == SIM_FD_DIR)
        *out = (struct disk_stat){.device = 1, .inode = 1, .mode = S_IFDIR | 0750};
    else
        *out = (struct disk_stat){sim->files[open->file].seen.len, 1, open->file + 2, S_IFREG | 0640};
    return 0;
}

static int sim_stat_name(const struct disk *disk, int dir, const char *name, struct disk_stat *out)
{
    struct sim_disk *sim = sim_of(disk);
    (void)fd_of(sim, dir);
    int result = begin(sim, &(struct sim_op){.kind = SIM_OP_STAT_NAME, .fd = -1, .name = name});
    if (result < 0)
        return result;
    const struct sim_name *found = sim_names_find(&sim->seen, name);
    if (found == NULL)
        return -ENOENT;
    *out = (struct disk_stat){sim->files[found->file].seen.len, 1, found->file + 2, S_IFREG | 0640};
    return 0;
}

static int sim_space(const struct disk *disk, int dir, struct disk_space *out)
{
    (void)fd_of(sim_of(disk), dir);
    int result = begin(sim_of(disk), &(struct sim_op){.kind = SIM_OP_SPACE, .fd = dir});
    *out = (struct disk_space){UINT64_C(1) << 30, UINT64_C(1) << 29};
    return result < 0 ? result : 0;
}

static int move_name(struct sim_disk *sim, enum sim_op_kind kind, const char *from, const char *to)
{
    int result = begin(sim, &(struct sim_op){.kind = kind, .fd = -1, .name = from});
    if (result < 0)
        return result;
    const struct sim_name *found = sim_names_find(&sim->seen, from);
    if (found == NULL)
        return -ENOENT;
    if (kind == SIM_OP_RENAME && sim_names_find(&sim->seen, to) != NULL)
        return -EEXIST;
    note_dir_change(sim, from, to, found->file);
    return 0;
}

static int sim_rename(const struct disk *disk, int dir, const char *from, const char *to)
{
    (void)fd_of(sim_of(disk), dir);
    return move_name(sim_of(disk), SIM_OP_RENAME, from, to);
}

static int sim_replace(const struct disk *disk, int dir, const char *from, const char *to)
{
    (void)fd_of(sim_of(disk), dir);
    return move_name(sim_of(disk), SIM_OP_REPLACE, from, to);
}

static int sim_unlink(const struct disk *disk, int dir, const char *name)
{
    struct sim_disk *sim = sim_of(disk);
    (void)fd_of(sim, dir);
    int result = begin(sim, &(struct sim_op){.kind = SIM_OP_UNLINK, .fd = -1, .name = name});
    if (result < 0)
        return result;
    const struct sim_name *found = sim_names_find(&sim->seen, name);
    if (found == NULL)
        return -ENOENT;
    note_dir_change(sim, name, "", found->file);
    return 0;
}

static int sim_list(const struct disk *disk, int dir, bool (*entry)(void *arg, const char *name), void *arg)
{
    struct sim_disk *sim = sim_of(disk);
    (void)fd_of(sim, dir);
    int result = begin(sim, &(struct sim_op){.kind = SIM_OP_LIST, .fd = dir});
    for (unsigned i = 0; result >= 0 && i < sim->seen.count; i++)
        if (!entry(arg, sim->seen.items[i].name))
            break;
    return result < 0 ? result : 0;
}

static void sim_boot_id(const struct disk *disk, char out[DISK_BOOT_ID_MAX])
{
    snprintf(out, DISK_BOOT_ID_MAX, "boot-%08u", sim_of(disk)->boot);
}

static int sim_lock(const struct disk *disk, int dir)
{
    struct sim_disk *sim = sim_of(disk);
    (void)fd_of(sim, dir);
    int result = begin(sim, &(struct sim_op){.kind = SIM_OP_LOCK, .fd = dir});
    if (result < 0)
        return result;
    if (sim->lock_fd >= 0)
        return -EWOULDBLOCK;
    sim->lock_fd = dir;
    return 0;
}

/* Advice: what a disk holds does not change by it. */
static void sim_forget(const struct disk *disk, int fd, uint64_t offset, uint64_t len)
{
    (void)disk;
    (void)fd;
    (void)offset;
    (void)len;
}

void sim_disk_init(struct sim_disk *sim)
{
    sim->disk = (struct disk){.make_dir = sim_make_dir,
                              .open_dir = sim_open_dir,
                              .open = sim_open,
                              .close = sim_close,
                              .read_at = sim_read_at,
                              .append = sim_append,
                              .append_direct = sim_append,
                              .write_at = sim_write_at,
                              .sync = sim_sync,
                              .sync_dir = sim_sync_dir,
                              .forget = sim_forget,
                              .cut = sim_cut,
                              .stat = sim_stat,
                              .stat_name = sim_stat_name,
                              .space = sim_space,
                              .rename = sim_rename,
                              .replace = sim_replace,
                              .unlink = sim_unlink,
                              .list = sim_list,
                              .boot_id = sim_boot_id,
                              .lock = sim_lock};
    sim->seen.count = sim->durable.count = sim->dir_change_count = 0;
    memset(sim->fds, 0, sizeof sim->fds);
    sim->fault = (struct sim_fault){0};
    sim->lock_fd = -1;
    sim->is_dead = false;
    sim->op_count = sim->capacity = 0;
    sim->second_syncs = 0;
    sim->last_created[0] = '\0';
    sim->before = NULL;
    sim->boot = 1;
}

void sim_disk_fini(struct sim_disk *sim)
{
    for (unsigned i = 0; i < SIM_FILES_MAX; i++) {
        struct sim_file *file = &sim->files[i];
        free(file->durable.data);
        free(file->seen.data);
        free(file->payload.data);
        free(file->changes);
        *file = (struct sim_file){0};
    }
}

static void copy_file(struct sim_file *to, const struct sim_file *from)
{
    sim_bytes_copy(&to->durable, &from->durable);
    sim_bytes_copy(&to->seen, &from->seen);
    sim_bytes_copy(&to->payload, &from->payload);
    to->has_failed_sync = false;
    to->change_count = from->change_count;
    if (from->change_count > to->change_room) {
        to->change_room = from->change_room;
        to->changes = realloc(to->changes, to->change_room * sizeof *to->changes);
        if (to->changes == NULL)
            abort();
    }
    if (from->change_count > 0)
        memcpy(to->changes, from->changes, from->change_count * sizeof *to->changes);
}

void sim_disk_copy(struct sim_disk *to, const struct sim_disk *from)
{
    bool used[SIM_FILES_MAX];

    sim_disk_init(to);
    mark_used(from, used);
    for (unsigned i = 0; i < SIM_FILES_MAX; i++)
        if (used[i])
            copy_file(&to->files[i], &from->files[i]);
    to->seen = from->seen;
    to->durable = from->durable;
    memcpy(to->dir_changes, from->dir_changes, from->dir_change_count * sizeof *to->dir_changes);
    to->dir_change_count = from->dir_change_count;
    to->boot = from->boot;
    to->capacity = from->capacity;
    to->ignores_sync = from->ignores_sync;
    to->ignores_dir_sync_of_new_log = from->ignores_dir_sync_of_new_log;
    memcpy(to->last_created, from->last_created, sizeof to->last_created);
}

void sim_disk_apply_part(struct sim_disk *to, const struct sim_disk *from, const struct sim_op *op, size_t part)
{
    if (op->kind != SIM_OP_APPEND && op->kind != SIM_OP_WRITE_AT && op->kind != SIM_OP_CUT)
        return;
    struct sim_file *file = &to->files[from->fds[op->fd - FIRST_FD].file];
    if (op->kind == SIM_OP_CUT)
        note_change(file, op->offset, NULL, 0, true);
    else if (part > 0)
        note_change(file, op->offset, op->bytes, part, false);
}

struct sim_file *sim_disk_file(struct sim_disk *sim, const char *name)
{
    const struct sim_name *found = sim_names_find(&sim->seen, name);
    return found == NULL ? NULL : &sim->files[found->file];
}

struct sim_file *sim_disk_durable_file(struct sim_disk *sim, const char *name)
{
    const struct sim_name *found = sim_names_find(&sim->durable, name);
    return found == NULL ? NULL : &sim->files[found->file];
}

bool sim_disk_is_open_as(struct sim_disk *sim, int fd, const char *name)
{
    return sim_disk_file(sim, name) == file_of(sim, fd);
}
