/* A disk in memory, under the log's own code: struct disk with everything that a machine may do to files when it
 * stops.
 *
 * Of each file there is what is on the disk and what programs see; between the two lie the changes since the last sync.
 * Of the directory likewise: a new name, a rename, a removal are pending until sync_dir. sim_disk_crash decides what of
 * that has reached the disk. A failed sync forgets what it should have written, as Linux does: programs go on seeing
 * it, and no later sync writes it unless it is written again.
 *
 * One directory, whatever its path. For one thread; not for files of more than some hundred kilobytes. */
#ifndef TESTS_FAULT_SIM_DISK_H
#define TESTS_FAULT_SIM_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/disk.h"
#include "tests/fault/sim_random.h"

#define SIM_NAMES_MAX 64u
#define SIM_FILES_MAX 128u
#define SIM_FDS_MAX   16u
#define SIM_NAME_SIZE 64u

/* What struct disk can be asked that may fail; CHANGE: it changes something. */
#define SIM_OPS(CHANGE, LOOK)                                                                                          \
    LOOK(MAKE_DIR, "make_dir")                                                                                         \
    LOOK(OPEN_DIR, "open_dir")                                                                                         \
    LOOK(OPEN, "open")                                                                                                 \
    CHANGE(CREATE, "open to create")                                                                                   \
    LOOK(READ, "read_at")                                                                                              \
    CHANGE(APPEND, "append")                                                                                           \
    CHANGE(WRITE_AT, "write_at")                                                                                       \
    CHANGE(SYNC, "sync")                                                                                               \
    CHANGE(SYNC_DIR, "sync_dir")                                                                                       \
    CHANGE(CUT, "cut")                                                                                                 \
    LOOK(STAT, "stat")                                                                                                 \
    LOOK(STAT_NAME, "stat_name")                                                                                       \
    LOOK(SPACE, "space")                                                                                               \
    CHANGE(RENAME, "rename")                                                                                           \
    CHANGE(REPLACE, "replace")                                                                                         \
    CHANGE(UNLINK, "unlink")                                                                                           \
    LOOK(LIST, "list")                                                                                                 \
    LOOK(LOCK, "lock")

#define SIM_OP_ID(ID, word) SIM_OP_##ID,
enum sim_op_kind { SIM_OPS(SIM_OP_ID, SIM_OP_ID) SIM_OP_COUNT };
#undef SIM_OP_ID

struct sim_op {
    enum sim_op_kind kind;
    int fd;            /* of the file; -1 where it is known by name */
    const char *name;  /* NULL where it is known by fd */
    const void *bytes; /* APPEND, WRITE_AT */
    size_t len;
    uint64_t offset;
};

struct sim_bytes {
    uint8_t *data;
    size_t len;
    size_t room;
};

/* A write, or where is_cut a new length. */
struct sim_change {
    uint64_t offset;
    uint64_t len;
    size_t payload_at;
    uint64_t file_len; /* after it */
    bool is_cut;
};

struct sim_file {
    struct sim_bytes durable;
    struct sim_bytes seen;
    struct sim_change *changes;
    size_t change_count;
    size_t change_room;
    struct sim_bytes payload;
    bool has_failed_sync; /* since the process began */
};

struct sim_name {
    char name[SIM_NAME_SIZE];
    unsigned file;
};

struct sim_names {
    struct sim_name items[SIM_NAMES_MAX];
    unsigned count;
};

/* `from` goes ("": none), `to` comes ("": none) and means `file`. */
struct sim_dir_change {
    char from[SIM_NAME_SIZE];
    char to[SIM_NAME_SIZE];
    unsigned file;
};

struct sim_fd {
    enum { SIM_FD_FREE, SIM_FD_DIR, SIM_FD_FILE } kind;
    unsigned file;
    enum disk_open how;
};

enum sim_fault_kind {
    SIM_FAULT_ERROR,          /* fails with `error` */
    SIM_FAULT_SHORT,          /* reads and writes move half of what was asked; others fail with `error` */
    SIM_FAULT_SHORT_THEN_FULL /* as SHORT, and the changes behind it fail with ENOSPC */
};

struct sim_fault {
    enum sim_fault_kind kind;
    int error;            /* positive */
    uint64_t at;          /* the first operation to fail, from 1; 0: none */
    uint64_t times;       /* how many in a row */
    uint64_t failed;      /* how many have */
    enum sim_op_kind hit; /* which was the first */
    bool no_rewrites;     /* planted: write_at to a log file is said to be done, and is not */
};

struct sim_disk {
    struct disk disk; /* give its address to log_options */
    struct sim_file files[SIM_FILES_MAX];
    struct sim_names seen;
    struct sim_names durable;
    struct sim_dir_change dir_changes[SIM_NAMES_MAX * 2];
    unsigned dir_change_count;
    struct sim_fd fds[SIM_FDS_MAX];
    int lock_fd; /* the descriptor that holds the lock; -1: none */
    unsigned boot;

    /* Called before each operation that changes something; may copy the disk, or set is_dead. */
    void (*before)(struct sim_disk *sim, const struct sim_op *op);
    void *arg;    /* the caller's */
    bool is_dead; /* nothing is done any more, all fails: the process is no more */

    struct sim_fault fault;
    uint64_t op_count; /* since the start or the last sim_disk_crash */
    uint64_t kind_counts[SIM_OP_COUNT];
    uint64_t capacity;     /* bytes of all files; 0: no limit */
    unsigned second_syncs; /* syncs of events.log when one had failed in the same process */

    /* Planted faults. */
    bool ignores_sync;
    bool ignores_sync_of_temp;        /* of files that are being compressed, and of compressed ones */
    bool ignores_dir_sync_of_new_log; /* where a new events.log is pending */
    char last_created[SIM_NAME_SIZE]; /* since the last sync_dir */
};

/* An empty disk; the struct is large: static or from the heap, and zero before. */
void sim_disk_init(struct sim_disk *sim);
void sim_disk_fini(struct sim_disk *sim);

/* Makes `to` (initialised) the same as `from`, but without open files, lock, hook and fault: another process's view of
 * the same disk. */
void sim_disk_copy(struct sim_disk *to, const struct sim_disk *from);

/* Does of an operation that `from` is about to do the first `part` bytes, for APPEND and WRITE_AT, or all of it for
 * CUT, on the copy `to`. */
void sim_disk_apply_part(struct sim_disk *to, const struct sim_disk *from, const struct sim_op *op, size_t part);

enum sim_crash {
    SIM_KILL,          /* the process is gone, the machine goes on: what was seen stays */
    SIM_POWER_ORDERED, /* the machine stops; the directory is as after some number of its changes, in their order */
    SIM_POWER_LOOSE    /* … as after any of them, but that changes of one name keep their order */
};

/* The end of the process, or of the machine: of each file's unsynced bytes any pages of 512 or 4096 in any order, or a
 * beginning of them, maybe ended within a write; its length old, new or between; holes read as zeros. Closes all. */
void sim_disk_crash(struct sim_disk *sim, enum sim_crash crash, struct sim_random *random);

/* The file of a name as programs see it, or as it is on the disk; NULL where there is none. */
struct sim_file *sim_disk_file(struct sim_disk *sim, const char *name);
struct sim_file *sim_disk_durable_file(struct sim_disk *sim, const char *name);

/* True when the descriptor is of the file that has the name. */
bool sim_disk_is_open_as(struct sim_disk *sim, int fd, const char *name);

const char *sim_disk_word(enum sim_op_kind kind);

/* Inside the simulation: sim_disk.c, sim_crash.c. Memory is not waited for: running out of it ends the program. */
void sim_bytes_resize(struct sim_bytes *bytes, size_t len);
void sim_bytes_copy(struct sim_bytes *to, const struct sim_bytes *from);
void sim_names_put(struct sim_names *names, const char *name, unsigned file);
void sim_names_remove(struct sim_names *names, const char *name);
const struct sim_name *sim_names_find(const struct sim_names *names, const char *name);

#endif
