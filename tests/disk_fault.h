/* The real disk with a fault at a chosen step. A step is whatever changes something: creating, writing, syncing,
 * cutting, renaming, removing. */
#ifndef TESTS_DISK_FAULT_H
#define TESTS_DISK_FAULT_H

#include <stdbool.h>
#include <stddef.h>

#include "broker/disk.h"

enum disk_step {
    DISK_STEP_CREATE = 1,
    DISK_STEP_WRITE = 2, /* append and write_at */
    DISK_STEP_SYNC = 4,
    DISK_STEP_SYNC_DIR = 8,
    DISK_STEP_CUT = 16,
    DISK_STEP_RENAME = 32, /* rename and replace */
    DISK_STEP_UNLINK = 64,
    DISK_STEP_ANY = 127,
};

struct disk_fault_plan {
    unsigned kinds;      /* of the steps that are counted and may fail: disk_step, or-ed */
    unsigned at;         /* the first step to fail, from 1; 0: none */
    unsigned times;      /* how many steps fail */
    int error;           /* that they fail with, positive */
    bool is_half_done;   /* a write that fails has written the first half of its bytes */
    bool is_dead;        /* from the first failure on nothing is done any more, whatever its kind: as if killed there */
    bool is_fast;        /* syncs are not done, only counted */
    const char *boot_id; /* NULL: the real one */
    unsigned count;      /* steps so far */
    bool has_failed;
    char trace[256]; /* the steps that were asked for, a letter each: Create Write Sync Dir-sync cuT Rename rePlace
                        Unlink */
};

struct disk_fault {
    struct disk disk;
    struct disk_fault_plan *plan;
};

/* `plan` is borrowed and may be changed at any time. */
void disk_fault_init(struct disk_fault *fault, struct disk_fault_plan *plan);

#endif
