#include "tests/disk_fault.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct disk_fault_plan *plan_of(const struct disk *disk)
{
    return ((const struct disk_fault *)disk)->plan;
}

/* Counts a step. 0, or the negative errno that it fails with. */
static int step(const struct disk *disk, enum disk_step kind, char letter)
{
    struct disk_fault_plan *plan = plan_of(disk);
    size_t len = strlen(plan->trace);
    if (len + 1 < sizeof plan->trace)
        plan->trace[len] = letter;
    if (plan->is_dead && plan->has_failed)
        return -plan->error;
    if ((plan->kinds & (unsigned)kind) == 0)
        return 0;
    plan->count++;
    if (plan->at == 0 || plan->count < plan->at || plan->count - plan->at >= plan->times)
        return 0;
    plan->has_failed = true;
    return -plan->error;
}

static int fault_open(const struct disk *disk, int dir, const char *name, enum disk_open how)
{
    int error = how == DISK_CREATE || how == DISK_REPLACEABLE ? step(disk, DISK_STEP_CREATE, 'C') : 0;
    return error < 0 ? error : disk_real.open(disk, dir, name, how);
}

/* How much of a write is done: all, half of it (and then, at the next call, nothing), or an error. */
static ssize_t allow(const struct disk *disk, size_t len)
{
    bool had_failed = plan_of(disk)->has_failed;
    int error = step(disk, DISK_STEP_WRITE, 'W');
    if (error == 0)
        return (ssize_t)len;
    bool is_half = plan_of(disk)->is_half_done && !had_failed && len > 1;
    if (is_half && !plan_of(disk)->is_dead)
        plan_of(disk)->times++; /* the rest of the same write fails, too */
    return is_half ? (ssize_t)(len / 2) : error;
}

static ssize_t fault_append(const struct disk *disk, int fd, const void *bytes, size_t len)
{
    ssize_t allowed = allow(disk, len);
    return allowed < 0 ? allowed : disk_real.append(disk, fd, bytes, (size_t)allowed);
}

/* What fails half done leaves no whole block: the real disk would refuse that. */
static ssize_t fault_append_direct(const struct disk *disk, int fd, const void *bytes, size_t len)
{
    ssize_t allowed = allow(disk, len);
    if (allowed < 0)
        return allowed;
    return (size_t)allowed == len ? disk_real.append_direct(disk, fd, bytes, len)
                                  : disk_real.append(disk, fd, bytes, (size_t)allowed);
}

static ssize_t fault_write_at(const struct disk *disk, int fd, const void *bytes, size_t len, uint64_t offset)
{
    ssize_t allowed = allow(disk, len);
    return allowed < 0 ? allowed : disk_real.write_at(disk, fd, bytes, (size_t)allowed, offset);
}

static int fault_sync(const struct disk *disk, int fd)
{
    int error = step(disk, DISK_STEP_SYNC, 'S');
    return error < 0 || plan_of(disk)->is_fast ? error : disk_real.sync(disk, fd);
}

static int fault_sync_dir(const struct disk *disk, int dir)
{
    int error = step(disk, DISK_STEP_SYNC_DIR, 'D');
    return error < 0 || plan_of(disk)->is_fast ? error : disk_real.sync_dir(disk, dir);
}

static int fault_cut(const struct disk *disk, int fd, uint64_t len)
{
    int error = step(disk, DISK_STEP_CUT, 'T');
    return error < 0 ? error : disk_real.cut(disk, fd, len);
}

static int fault_rename(const struct disk *disk, int dir, const char *from, const char *to)
{
    int error = step(disk, DISK_STEP_RENAME, 'R');
    return error < 0 ? error : disk_real.rename(disk, dir, from, to);
}

static int fault_replace(const struct disk *disk, int dir, const char *from, const char *to)
{
    int error = step(disk, DISK_STEP_RENAME, 'P');
    return error < 0 ? error : disk_real.replace(disk, dir, from, to);
}

static int fault_unlink(const struct disk *disk, int dir, const char *name)
{
    int error = step(disk, DISK_STEP_UNLINK, 'U');
    return error < 0 ? error : disk_real.unlink(disk, dir, name);
}

static void fault_boot_id(const struct disk *disk, char out[DISK_BOOT_ID_MAX])
{
    if (plan_of(disk)->boot_id == NULL)
        disk_real.boot_id(disk, out);
    else
        snprintf(out, DISK_BOOT_ID_MAX, "%s", plan_of(disk)->boot_id);
}

void disk_fault_init(struct disk_fault *fault, struct disk_fault_plan *plan)
{
    fault->plan = plan;
    fault->disk = disk_real;
    fault->disk.open = fault_open;
    fault->disk.append = fault_append;
    fault->disk.append_direct = fault_append_direct;
    fault->disk.write_at = fault_write_at;
    fault->disk.sync = fault_sync;
    fault->disk.sync_dir = fault_sync_dir;
    fault->disk.cut = fault_cut;
    fault->disk.rename = fault_rename;
    fault->disk.replace = fault_replace;
    fault->disk.unlink = fault_unlink;
    fault->disk.boot_id = fault_boot_id;
}
