/* The spool on real files: what was put comes back after a kill, exactly, or the damage is told. Syncs are counted and
 * not done; a write or a sync fails on demand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "client/crc32c.h"
#include "client/spool.h"
#include "tests/seeded.h"

#define FRESH_N   UINT64_C(1000)
#define ROOMY     (1 << 20)
#define EVENT_MAX 400

static int write_error;     /* of pwritev; 0: none */
static size_t write_allows; /* how much of it is done first */
static int sync_error;
static unsigned sync_count;
static int create_error; /* of a new segment */
static int rename_error;

int __wrap_fdatasync(int fd);
int __wrap_fsync(int fd);
ssize_t __wrap_pwritev(int fd, const struct iovec *parts, int count, off_t at);
ssize_t __real_pwritev(int fd, const struct iovec *parts, int count, off_t at);
int __wrap_renameat(int old_dir, const char *old_name, int new_dir, const char *new_name);
int __real_renameat(int old_dir, const char *old_name, int new_dir, const char *new_name);
ssize_t __wrap_pwrite(int fd, const void *bytes, size_t len, off_t at);
ssize_t __real_pwrite(int fd, const void *bytes, size_t len, off_t at);

int __wrap_fdatasync(int fd)
{
    (void)fd;
    sync_count++;
    errno = sync_error;
    return sync_error ? -1 : 0;
}

int __wrap_fsync(int fd)
{
    return __wrap_fdatasync(fd);
}

ssize_t __wrap_pwritev(int fd, const struct iovec *parts, int count, off_t at)
{
    if (write_error == 0)
        return __real_pwritev(fd, parts, count, at);
    size_t allows = write_allows < parts[0].iov_len ? write_allows : parts[0].iov_len;
    if (allows > 0)
        return pwrite(fd, parts[0].iov_base, allows, at);
    errno = write_error;
    return -1;
}

int __wrap_renameat(int old_dir, const char *old_name, int new_dir, const char *new_name)
{
    errno = rename_error;
    return rename_error ? -1 : __real_renameat(old_dir, old_name, new_dir, new_name);
}

ssize_t __wrap_pwrite(int fd, const void *bytes, size_t len, off_t at)
{
    if (create_error == 0 || len != SPOOL_HEAD_LEN)
        return __real_pwrite(fd, bytes, len, at);
    errno = create_error;
    return -1;
}

static char dir[64];

static int set_up(void **state)
{
    (void)state;
    write_error = sync_error = create_error = rename_error = 0;
    strcpy(dir, "/tmp/tocsin-spool-XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}

static void empty_dir(void)
{
    DIR *entries = opendir(dir);
    struct dirent *entry;
    while ((entry = readdir(entries)))
        unlinkat(dirfd(entries), entry->d_name, 0);
    closedir(entries);
}

static int tear_down(void **state)
{
    (void)state;
    empty_dir();
    return rmdir(dir);
}

static bool has_file(const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return access(path, F_OK) == 0;
}

/* Length and content of event `n` follow from n. */
static struct span event_of(uint64_t n, uint8_t bytes[EVENT_MAX])
{
    size_t len = 1 + (size_t)(n * 7919 % (EVENT_MAX - 1));
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)(n * 31 + i);
    return span_of(bytes, len);
}

static void open_good(struct spool *spool, uint64_t limit_bytes)
{
    int error = spool_open(spool, dir, "billing", limit_bytes, FRESH_N);
    if (error)
        fail_msg("%d: %s", error, spool->fault);
}

static void put(struct spool *spool, uint64_t count)
{
    uint8_t bytes[EVENT_MAX];
    for (; count > 0; count--)
        assert_int_equal(spool_put(spool, event_of(spool->next_n, bytes)), 0);
}

static void sync_all(struct spool *spool)
{
    struct spool_sync sync;
    if (spool_sync_begin(spool, &sync))
        assert_int_equal(spool_sync_end(spool, &sync, spool_sync_run(&sync)), 0);
}

/* As kill -9 leaves it. */
static void abandon(struct spool *spool)
{
    close(spool->fd);
    close(spool->mark_fd);
    close(spool->lock_fd);
    close(spool->dir_fd);
    spool_read_fini(spool);
    free(spool->segments);
}

/* Reads `n` and all behind it and compares. */
static void check_from(struct spool *spool, uint64_t n)
{
    uint8_t bytes[EVENT_MAX];
    struct spool_fetch fetch;
    struct spool_record record;
    while (n < spool->next_n) {
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

static void the_checksum_is_that_of_the_standard(void **state)
{
    (void)state;
    assert_int_equal(crc32c(0, span_of_str("123456789")), 0xe3069283);
    assert_int_equal(crc32c(crc32c(0, span_of_str("1234")), span_of_str("56789")), 0xe3069283);
    uint8_t zeros[32] = {0};
    assert_int_equal(crc32c(0, span_of(zeros, sizeof zeros)), 0x8a9136aa);
}

static void what_was_put_comes_back_after_a_kill(void **state)
{
    (void)state;
    struct spool spool;
    open_good(&spool, ROOMY);
    assert_int_equal(spool.next_n, FRESH_N);
    put(&spool, 2000);
    assert_true(spool.segment_count > 3);
    abandon(&spool);
    open_good(&spool, ROOMY);
    assert_string_equal(spool.fault, "");
    assert_int_equal(spool.first_n, FRESH_N);
    assert_int_equal(spool.next_n, FRESH_N + 2000);
    assert_int_equal(spool.synced_n, FRESH_N + 1999);
    check_from(&spool, FRESH_N);
    check_from(&spool, FRESH_N + 1234);
    spool_close(&spool);
}

static void any_order_of_putting_settling_killing_and_reading_keeps_every_event(void **state)
{
    (void)state;
    struct spool spool;
    open_good(&spool, ROOMY);
    for (size_t round = 0; round < 400; round++) {
        uint64_t held = spool.next_n - spool.first_n;
        switch (random_bits() % 6) {
        case 0:
            spool_settle(&spool, spool.first_n + random_bits() % (held + 1) - 1);
            break;
        case 1:
            sync_all(&spool);
            break;
        case 2:
        case 3:
            for (uint64_t count = random_bits() % 300; count > 0 && spool_fits(&spool, EVENT_MAX); count--)
                put(&spool, 1);
            break;
        case 4:
            if (held > 0)
                check_from(&spool, spool.first_n + random_bits() % held);
            break;
        default: {
            uint64_t first_n = spool.first_n, next_n = spool.next_n;
            if (random_bits() % 2)
                abandon(&spool);
            else
                spool_close(&spool);
            open_good(&spool, ROOMY);
            assert_string_equal(spool.fault, "");
            assert_int_equal(spool.first_n, first_n);
            assert_int_equal(spool.next_n, next_n);
        }
        }
        assert_true(spool.total_bytes <= ROOMY);
    }
    check_from(&spool, spool.first_n);
    spool_close(&spool);
}

/* The only segment's bytes. */
static size_t read_segment(uint8_t *bytes, size_t size)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%020" PRIu64 ".spool", dir, FRESH_N);
    int fd = open(path, O_RDONLY);
    ssize_t len = read(fd, bytes, size);
    close(fd);
    assert_in_range(len, SPOOL_HEAD_LEN, size - 1);
    return (size_t)len;
}

static void write_segment(const uint8_t *bytes, size_t len)
{
    char path[128];
    empty_dir();
    snprintf(path, sizeof path, "%s/%020" PRIu64 ".spool", dir, FRESH_N);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_int_equal(write(fd, bytes, len), len);
    close(fd);
}

static void an_end_that_is_cut_at_any_byte_recovers_to_the_exact_prefix(void **state)
{
    (void)state;
    struct spool spool;
    static uint8_t bytes[8192];
    uint8_t event[EVENT_MAX];
    open_good(&spool, ROOMY);
    put(&spool, 6);
    abandon(&spool);
    size_t whole = read_segment(bytes, sizeof bytes);
    size_t end = SPOOL_HEAD_LEN; /* of the records that are whole */
    uint64_t next_n = FRESH_N;
    for (size_t len = SPOOL_HEAD_LEN; len <= whole; len++) {
        size_t more = SPOOL_RECORD_HEAD_LEN + event_of(next_n, event).len;
        if (len == end + more) {
            end = len;
            next_n++;
        }
        write_segment(bytes, len);
        open_good(&spool, ROOMY);
        assert_int_equal(spool.next_n, next_n);
        assert_int_equal(*spool.fault != '\0', len > end); /* told, and only then */
        put(&spool, 3);
        check_from(&spool, FRESH_N);
        abandon(&spool);
        open_good(&spool, ROOMY);
        assert_string_equal(spool.fault, "");
        assert_int_equal(spool.next_n, next_n + 3);
        spool_close(&spool);
    }
    assert_int_equal(next_n, FRESH_N + 6);
    for (size_t len = 0; len < SPOOL_HEAD_LEN; len++) { /* no crash leaves that */
        write_segment(bytes, len);
        assert_int_equal(spool_open(&spool, dir, "billing", ROOMY, FRESH_N), TOCSIN_E_CORRUPT);
        spool_close(&spool);
    }
}

static void a_bit_that_flips_in_what_was_on_the_disk_is_corruption_and_in_the_last_event_it_is_told(void **state)
{
    (void)state;
    struct spool spool;
    static uint8_t bytes[8192];
    uint8_t event[EVENT_MAX];
    open_good(&spool, ROOMY);
    for (size_t i = 0; i < 4; i++) {
        put(&spool, 1);
        sync_all(&spool);
    }
    abandon(&spool);
    size_t len = read_segment(bytes, sizeof bytes);
    size_t last_at = len - SPOOL_RECORD_HEAD_LEN - event_of(FRESH_N + 3, event).len;
    for (size_t bit = 0; bit < 8 * len; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        write_segment(bytes, len);
        int error = spool_open(&spool, dir, "billing", ROOMY, FRESH_N);
        if (bit / 8 < last_at) {
            assert_int_equal(error, TOCSIN_E_CORRUPT);
        } else {
            assert_int_equal(error, 0);
            assert_int_equal(spool.next_n, FRESH_N + 3);
            assert_true(has_file("00000000000000001003.torn"));
        }
        assert_true(*spool.fault != '\0');
        spool_close(&spool);
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

static void what_no_sync_had_covered_may_be_torn_in_its_middle(void **state)
{
    (void)state;
    struct spool spool;
    static uint8_t bytes[8192];
    open_good(&spool, ROOMY);
    put(&spool, 2);
    sync_all(&spool);
    size_t synced_len = spool.segments[0].len;
    put(&spool, 4);
    abandon(&spool);
    size_t len = read_segment(bytes, sizeof bytes);
    memset(bytes + synced_len, 0, 30); /* a power cut: later blocks came to the disk, this one did not */
    write_segment(bytes, len);
    open_good(&spool, ROOMY);
    assert_int_equal(spool.next_n, FRESH_N + 2);
    assert_non_null(strstr(spool.fault, "set aside in 00000000000000001002.torn"));
    assert_int_equal(spool.segments[0].len, synced_len);
    spool_close(&spool);
}

static void a_segment_that_is_missing_between_others_is_corruption_and_nothing_is_touched(void **state)
{
    (void)state;
    struct spool spool;
    char path[128], name[SPOOL_NAME_MAX];
    open_good(&spool, ROOMY);
    put(&spool, 2000);
    spool_name(name, spool.segments[1].first_n);
    abandon(&spool);
    snprintf(path, sizeof path, "%s/%s", dir, name);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(spool_open(&spool, dir, "billing", ROOMY, FRESH_N), TOCSIN_E_CORRUPT);
    assert_non_null(strstr(spool.fault, "are missing"));
    spool_close(&spool);
    assert_int_equal(spool_open(&spool, dir, "billing", ROOMY, FRESH_N), TOCSIN_E_CORRUPT);
    assert_true(has_file("00000000000000001000.spool"));
    spool_close(&spool);
}

static void a_spool_belongs_to_one_producer_and_to_one_process(void **state)
{
    (void)state;
    struct spool spool, other;
    open_good(&spool, ROOMY);
    put(&spool, 1);
    assert_int_equal(spool_open(&other, dir, "billing", ROOMY, 1), TOCSIN_E_LOCKED);
    spool_close(&other);
    spool_close(&spool);
    assert_int_equal(spool_open(&other, dir, "calls", ROOMY, 1), TOCSIN_E_OTHER_PRODUCER);
    assert_string_equal(other.fault, "the spool is that of producer billing");
    spool_close(&other);
    open_good(&spool, ROOMY);
    check_from(&spool, FRESH_N);
    spool_close(&spool);
}

static void what_is_settled_leaves_the_disk_and_numbers_go_on(void **state)
{
    (void)state;
    struct spool spool;
    open_good(&spool, ROOMY);
    put(&spool, 2000);
    spool_settle(&spool, FRESH_N + 1999);
    assert_int_equal(spool.segment_count, 1);
    spool_close(&spool);
    assert_false(has_file("00000000000000001000.spool"));
    assert_true(has_file("00000000000000003000.spool"));
    assert_int_equal(spool_open(&spool, dir, "billing", ROOMY, 5), 0);
    assert_int_equal(spool.next_n, FRESH_N + 2000);
    assert_int_equal(spool.total_bytes, SPOOL_HEAD_LEN);
    assert_int_equal(spool_jump(&spool, 9000), 0); /* the broker knew more */
    put(&spool, 10);
    abandon(&spool);
    open_good(&spool, ROOMY);
    assert_int_equal(spool.first_n, 9000);
    check_from(&spool, 9000);
    spool_close(&spool);
}

static void the_limit_holds_and_room_comes_back(void **state)
{
    (void)state;
    struct spool spool;
    uint64_t limit = 64 * 1024;
    open_good(&spool, limit);
    for (size_t round = 0; round < 20; round++) {
        while (spool_fits(&spool, EVENT_MAX))
            put(&spool, 1);
        assert_in_range(spool.total_bytes, limit - 2 * EVENT_MAX, limit);
        spool_settle(&spool, spool.first_n + (spool.next_n - spool.first_n) / 2);
        assert_true(spool_fits(&spool, EVENT_MAX));
    }
    spool_settle(&spool, spool.next_n - 1);
    static uint8_t large[200000];
    assert_true(spool_fits(&spool, sizeof large)); /* alone it may be longer than all */
    assert_int_equal(spool_put(&spool, span_of(large, sizeof large)), 0);
    assert_int_equal(spool.segment_count, 1);
    assert_false(spool_fits(&spool, 1));
    abandon(&spool);
    open_good(&spool, limit);
    struct spool_fetch fetch;
    struct spool_record record;
    assert_int_equal(spool_read_begin(&spool, spool.first_n, &fetch), 0);
    assert_int_equal(spool_read_run(&spool, &fetch), 0);
    assert_int_equal(spool_read_next(&spool, &record), 0);
    assert_int_equal(record.event.len, sizeof large);
    spool_close(&spool);
}

static void an_event_longer_than_what_is_fetched_at_once_is_read(void **state)
{
    (void)state;
    struct spool spool;
    static uint8_t large[700000];
    open_good(&spool, 16 * ROOMY);
    put(&spool, 10);
    assert_int_equal(spool_put(&spool, span_of(large, sizeof large)), 0);
    put(&spool, 1);
    uint64_t n = FRESH_N;
    struct spool_fetch fetch;
    struct spool_record record;
    for (size_t tries = 0; n < spool.next_n; tries++) {
        assert_in_range(tries, 0, 10);
        assert_int_equal(spool_read_begin(&spool, n, &fetch), 0);
        assert_int_equal(spool_read_run(&spool, &fetch), 0);
        while (spool_read_next(&spool, &record) == 0)
            n = record.n + 1;
    }
    assert_int_equal(n, FRESH_N + 12);
    spool_close(&spool);
}

static void a_full_disk_takes_nothing_and_changes_nothing(void **state)
{
    (void)state;
    struct spool spool;
    uint8_t bytes[EVENT_MAX];
    open_good(&spool, ROOMY);
    put(&spool, 3);
    for (write_allows = 0; write_allows <= SPOOL_RECORD_HEAD_LEN; write_allows++) {
        write_error = ENOSPC;
        assert_int_equal(spool_put(&spool, event_of(spool.next_n, bytes)), TOCSIN_E_NOSPACE);
        assert_true(*spool.fault != '\0');
        write_error = 0;
        put(&spool, 1);
    }
    abandon(&spool);
    open_good(&spool, ROOMY);
    assert_string_equal(spool.fault, "");
    assert_int_equal(spool.next_n, FRESH_N + 3 + SPOOL_RECORD_HEAD_LEN + 1);
    check_from(&spool, FRESH_N);
    spool_close(&spool);
}

/* Puts events until a new segment would be due. */
static void fill_segment(struct spool *spool)
{
    while (spool->segments[spool->segment_count - 1].len < spool->segment_bytes)
        put(spool, 1);
}

static void a_full_disk_where_the_next_segment_begins_changes_nothing(void **state)
{
    (void)state;
    struct spool spool;
    uint8_t bytes[EVENT_MAX];
    open_good(&spool, ROOMY);
    fill_segment(&spool);
    uint64_t next_n = spool.next_n;
    create_error = ENOSPC;
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(spool_put(&spool, event_of(next_n, bytes)), TOCSIN_E_NOSPACE);
    assert_false(has_file("new"));
    create_error = 0;
    put(&spool, 10);
    assert_int_equal(spool.segment_count, 2);
    abandon(&spool);
    open_good(&spool, ROOMY);
    assert_int_equal(spool.next_n, next_n + 10);
    check_from(&spool, FRESH_N);
    spool_close(&spool);
}

static void a_segment_that_cannot_be_named_ends_the_spool_and_loses_nothing(void **state)
{
    (void)state;
    struct spool spool;
    uint8_t bytes[EVENT_MAX];
    open_good(&spool, ROOMY);
    fill_segment(&spool);
    uint64_t next_n = spool.next_n;
    rename_error = EIO;
    assert_int_equal(spool_put(&spool, event_of(next_n, bytes)), TOCSIN_E_IO);
    assert_non_null(strstr(spool.fault, "the spool's directory"));
    rename_error = 0;
    assert_int_equal(spool_put(&spool, event_of(next_n, bytes)), TOCSIN_E_IO);
    spool_close(&spool);
    open_good(&spool, ROOMY);
    assert_int_equal(spool.next_n, next_n);
    check_from(&spool, FRESH_N);
    spool_close(&spool);
}

static void a_disk_that_fails_is_not_tried_again(void **state)
{
    (void)state;
    struct spool spool;
    struct spool_sync sync;
    uint8_t bytes[EVENT_MAX];
    open_good(&spool, ROOMY);
    put(&spool, 3);
    sync_error = EIO;
    assert_true(spool_sync_begin(&spool, &sync));
    assert_int_equal(spool_sync_end(&spool, &sync, spool_sync_run(&sync)), TOCSIN_E_IO);
    assert_int_equal(spool.synced_n, FRESH_N - 1);
    sync_error = 0;
    unsigned before = sync_count;
    assert_false(spool_sync_begin(&spool, &sync));
    assert_int_equal(spool_put(&spool, event_of(spool.next_n, bytes)), TOCSIN_E_IO);
    spool_close(&spool);
    assert_int_equal(sync_count, before);
    open_good(&spool, ROOMY); /* what was written is there still, as far as the disk had it */
    write_error = EIO;
    write_allows = 0;
    assert_int_equal(spool_put(&spool, event_of(spool.next_n, bytes)), TOCSIN_E_IO);
    write_error = 0;
    assert_int_equal(spool_put(&spool, event_of(spool.next_n, bytes)), TOCSIN_E_IO);
    spool_close(&spool);
}

static void what_changes_under_a_running_spool_is_told_when_it_is_read(void **state)
{
    (void)state;
    struct spool spool;
    struct spool_fetch fetch;
    struct spool_record record;
    open_good(&spool, ROOMY);
    put(&spool, 5);
    assert_int_equal(pwrite(spool.fd, "x", 1, (off_t)spool.last_at + 5), 1);
    assert_int_equal(spool_read_begin(&spool, FRESH_N, &fetch), 0);
    assert_int_equal(spool_read_run(&spool, &fetch), 0);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(spool_read_next(&spool, &record), 0);
    assert_int_equal(spool_read_next(&spool, &record), TOCSIN_E_CORRUPT);
    assert_non_null(strstr(spool.fault, "event 1004"));
    assert_int_equal(ftruncate(spool.fd, (off_t)spool.last_at), 0);
    assert_int_equal(spool_read_begin(&spool, FRESH_N + 4, &fetch), 0);
    assert_int_equal(spool_read_run(&spool, &fetch), 0);
    assert_int_equal(spool_read_next(&spool, &record), TOCSIN_E_CORRUPT);
    spool_close(&spool);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_checksum_is_that_of_the_standard),
        TEST(what_was_put_comes_back_after_a_kill),
        TEST(any_order_of_putting_settling_killing_and_reading_keeps_every_event),
        TEST(an_end_that_is_cut_at_any_byte_recovers_to_the_exact_prefix),
        TEST(a_bit_that_flips_in_what_was_on_the_disk_is_corruption_and_in_the_last_event_it_is_told),
        TEST(what_no_sync_had_covered_may_be_torn_in_its_middle),
        TEST(a_segment_that_is_missing_between_others_is_corruption_and_nothing_is_touched),
        TEST(a_spool_belongs_to_one_producer_and_to_one_process),
        TEST(what_is_settled_leaves_the_disk_and_numbers_go_on),
        TEST(the_limit_holds_and_room_comes_back),
        TEST(an_event_longer_than_what_is_fetched_at_once_is_read),
        TEST(a_full_disk_takes_nothing_and_changes_nothing),
        TEST(a_full_disk_where_the_next_segment_begins_changes_nothing),
        TEST(a_segment_that_cannot_be_named_ends_the_spool_and_loses_nothing),
        TEST(a_disk_that_fails_is_not_tried_again),
        TEST(what_changes_under_a_running_spool_is_told_when_it_is_read),
    };
    return cmocka_run_group_tests(tests, seed, NULL);
}
