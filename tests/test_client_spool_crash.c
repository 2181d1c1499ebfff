/* Power cuts under a spool, thousands of them: what no sync had covered is lost, cut or scrambled page by page, and the
 * mark may be an old one. What had been synced must come back, the rest as an exact prefix, and no cut may look like
 * corruption. Syncs only note how far a file is safe. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/spool.h"
#include "tests/seeded.h"

#define CUTS      2000u
#define LIMIT     (256 * 1024)
#define EVENT_MAX 900u
#define PAGE      512u

/* Of the segment that was synced last; all others are synced as a whole. */
static struct {
    ino_t inode;
    off_t len;
} safe;

int __wrap_fdatasync(int fd);
int __wrap_fsync(int fd);

int __wrap_fdatasync(int fd)
{
    struct stat status;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size >= SPOOL_HEAD_LEN) {
        safe.inode = status.st_ino;
        safe.len = status.st_size;
    }
    return 0;
}

int __wrap_fsync(int fd)
{
    (void)fd;
    return 0;
}

static char dir[64];

static void remove_all(bool only_torn)
{
    DIR *entries = opendir(dir);
    struct dirent *entry;
    while ((entry = readdir(entries))) {
        if (!only_torn || strstr(entry->d_name, ".torn"))
            unlinkat(dirfd(entries), entry->d_name, 0);
    }
    closedir(entries);
}

static int set_up(void **state)
{
    strcpy(dir, "/tmp/tocsin-spool-XXXXXX");
    return seed(state) || !mkdtemp(dir) ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    remove_all(false);
    return rmdir(dir);
}

static struct span event_of(uint64_t n, uint8_t bytes[EVENT_MAX])
{
    size_t len = 1 + (size_t)(n * 7919 % (EVENT_MAX - 1));
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)(n * 31 + i);
    return span_of(bytes, len);
}

static void check_all(struct spool *spool)
{
    uint8_t bytes[EVENT_MAX];
    struct spool_fetch fetch;
    struct spool_record record;
    for (uint64_t n = spool->first_n; n < spool->next_n;) {
        assert_int_equal(spool_read_begin(spool, n, &fetch), 0);
        assert_int_equal(spool_read_run(spool, &fetch), 0);
        int error;
        while (n < spool->next_n && (error = spool_read_next(spool, &record)) != TOCSIN_E_END) {
            assert_int_equal(error, 0);
            if (record.n < n)
                continue;
            assert_int_equal(record.n, n);
            assert_true(span_equals(record.event, event_of(n, bytes)));
            n++;
        }
    }
}

static void work(struct spool *spool)
{
    uint8_t bytes[EVENT_MAX];
    struct spool_sync sync;
    for (uint64_t steps = random_bits() % 20; steps > 0; steps--) {
        uint64_t count = random_bits() % 30;
        for (; count > 0 && spool_fits(spool, EVENT_MAX); count--)
            assert_int_equal(spool_put(spool, event_of(spool->next_n, bytes)), 0);
        if (random_bits() % 3 == 0 && spool_sync_begin(spool, &sync))
            assert_int_equal(spool_sync_end(spool, &sync, spool_sync_run(&sync)), 0);
        /* what is sent is on the disk, and only that can be settled */
        if (random_bits() % 3 == 0 && spool->synced_n >= spool->first_n)
            spool_settle(spool, spool->first_n + random_bits() % (spool->synced_n - spool->first_n + 1));
        if (random_bits() % 200 == 0 && spool->first_n == spool->next_n)
            assert_int_equal(spool_jump(spool, spool->next_n + random_bits() % 1000), 0);
    }
}

/* What the disk holds of the end of the last segment. */
static void lose_pages(int fd, off_t len)
{
    uint8_t page[PAGE];
    off_t new_len = safe.len + (off_t)(random_bits() % (uint64_t)(len - safe.len + 1));
    assert_int_equal(ftruncate(fd, new_len), 0);
    for (off_t at = safe.len; at < new_len; at += (off_t)PAGE - at % (off_t)PAGE) {
        off_t end = at + (off_t)PAGE - at % (off_t)PAGE;
        size_t part = (size_t)((end < new_len ? end : new_len) - at);
        uint64_t fate = random_bits() % 4;
        for (size_t i = 0; i < part; i++)
            page[i] = fate == 0 ? 0 : (uint8_t)random_bits();
        if (fate < 2)
            assert_int_equal(pwrite(fd, page, part, at), part);
    }
}

static void lose_mark(int dir_fd, const uint8_t *old_mark, ssize_t old_len)
{
    int fd = openat(dir_fd, "settled", O_WRONLY);
    assert_true(fd >= 0);
    if (random_bits() % 2 == 0 && old_len > 0)
        assert_int_equal(pwrite(fd, old_mark, (size_t)old_len, 0), old_len);
    else if (random_bits() % 8 == 0)
        assert_int_equal(pwrite(fd, "??", 2, (off_t)(random_bits() % 20)), 2);
    close(fd);
}

static void cut_power(struct spool *spool, bool is_kill, const uint8_t *old_mark, ssize_t old_len)
{
    struct stat status;
    assert_int_equal(fstat(spool->fd, &status), 0);
    assert_int_equal(status.st_ino, safe.inode); /* those before it are safe as a whole */
    if (!is_kill) {
        lose_pages(spool->fd, status.st_size);
        lose_mark(spool->dir_fd, old_mark, old_len);
    }
    close(spool->fd);
    close(spool->mark_fd);
    close(spool->lock_fd);
    close(spool->dir_fd);
    spool_read_fini(spool);
    free(spool->segments);
}

static void whatever_a_power_cut_takes_all_that_was_synced_comes_back_and_nothing_else_is_made_up(void **state)
{
    (void)state;
    struct spool spool;
    uint64_t torn = 0, put = 0;
    assert_int_equal(spool_open(&spool, dir, "billing", LIMIT, 1000), 0);
    for (unsigned i = 0; i < CUTS; i++) {
        uint8_t mark[SPOOL_MARK_LEN];
        ssize_t mark_len = pread(spool.mark_fd, mark, sizeof mark, 0);
        bool is_kill = random_bits() % 4 == 0;
        bool had_jump_mark = false;
        uint64_t before_n = spool.next_n;
        work(&spool);
        put += spool.next_n - before_n;
        /* a jump syncs its mark: no older one can come back */
        had_jump_mark = spool.segments[spool.segment_count - 1].first_n == spool.marked_n + 1;
        uint64_t synced_n = spool.synced_n, next_n = spool.next_n, first_n = spool.first_n;
        cut_power(&spool, is_kill, mark, had_jump_mark ? 0 : mark_len);
        int error = spool_open(&spool, dir, "billing", LIMIT, 1);
        if (error)
            fail_msg("cut %u: %d: %s", i, error, spool.fault);
        assert_in_range(spool.next_n, is_kill ? next_n : synced_n + 1, next_n);
        assert_in_range(spool.first_n, 1, first_n);
        assert_int_equal(spool.synced_n, spool.next_n - 1);
        check_all(&spool);
        torn += *spool.fault != '\0';
        if (i % 50 == 0)
            remove_all(true);
    }
    spool_close(&spool);
    print_message("%u cuts, %" PRIu64 " events, %" PRIu64 " torn ends\n", CUTS, put, torn);
    assert_true(torn > CUTS / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_a_power_cut_takes_all_that_was_synced_comes_back_and_nothing_else_is_made_up),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
