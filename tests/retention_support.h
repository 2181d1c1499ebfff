/* What retention works with, over the log of log_reader_support.h and a disk that fails as it is told to. One test program
 * each. */
#ifndef TESTS_RETENTION_SUPPORT_H
#define TESTS_RETENTION_SUPPORT_H

#include "broker/retention_work.h"
#include "tests/disk_fault.h"
#include "tests/log_reader_support.h"

static struct stats stats;
static struct retention_work work;
static struct disk_fault_plan plan;
static struct disk_fault disk;

/* Nothing is to be compressed or removed until a test sets the limits. */
static void begin_work(bool (*tell)(void *arg, const struct pruned *pruned))
{
    memset(&stats, 0, sizeof stats);
    plan = (struct disk_fault_plan){0};
    disk_fault_init(&disk, &plan);
    int fd = disk_real.open_dir(&disk_real, dir.path);
    assert_true(fd >= 0);
    retention_work_init(&work, &disk.disk, fd, log_file_tail(log_file)->log_id, &stats);
    work.limits =
        (struct retention_limits){.pack_after_s = RETENTION_NEVER, .age_s = RETENTION_NEVER, .bytes = RETENTION_NEVER};
    work.tell = tell;
    work.reserve_max = 4096;
}

static void end_work(void)
{
    disk_real.close(&disk_real, work.dir);
    retention_work_fini(&work);
}

static inline int tear_down(void **state)
{
    end_work();
    return drop_log(state);
}

/* All that is due two hours later. */
static inline void work_on(void)
{
    static uint64_t now_us = 1;
    now_us += UINT64_C(7200000000);
    while (retention_work_step(&work, builder.received_us, now_us) == RETENTION_DONE)
        now_us++;
}

#endif
