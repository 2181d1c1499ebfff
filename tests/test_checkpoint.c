/* Checkpoints: their bytes against another implementation's (Python, with libsodium by ctypes); the file on real disks
 * and failing ones; the key's file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/checkpoints.h"
#include "broker/log_key.h"
#include "proto/tocsin_base.h"
#include "tests/disk_fault.h"
#include "tests/log_dir.h"

#define SECOND_US UINT64_C(1000000)
#define LOG_ID    "0123456789abcdef0123456789abcdef"

static const char golden_line[] = "{\"version\":1,\"log_id\":\"" LOG_ID "\",\"first_seq\":7,\"seq\":300,"
                                  "\"hash\":\"6465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f80818283\","
                                  "\"received\":\"2026-11-21T09:30:00.125000Z\","
                                  "\"key\":\"03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8\","
                                  "\"signature\":\"3197fc458794620a8f0d85eea437c7dabb489616abee7d0ba58776dbce25466b"
                                  "03cd6b696db73532750ffd0705bd58f5754b1336246bae81bd79d5832d0e1e06\"}\n";

static struct log_dir dir;
static char key_path[300];
static struct log_tail tail;
static struct checkpoints *checkpoints;
static struct disk_fault_plan plan;
static struct disk_fault fault;
static struct text message;

static int set_up(void **state)
{
    (void)state;
    log_dir_init(&dir);
    text_init(&message);
    snprintf(key_path, sizeof key_path, "%s/tocsind.key", dir.path);
    tail = (struct log_tail){.next_seq = 1, .log_id = LOG_ID};
    plan = (struct disk_fault_plan){.kinds = DISK_STEP_ANY};
    disk_fault_init(&fault, &plan);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    checkpoints_close(&checkpoints);
    text_fini(&message);
    log_dir_fini(&dir);
    return 0;
}

/* Lines are written, durable. */
static void write_lines(uint64_t count)
{
    tail.seq = tail.next_seq + count - 1;
    tail.next_seq = tail.seq + 1;
    tail.received_us += SECOND_US;
    memset(tail.hash, (int)(tail.seq & 255), sizeof tail.hash);
}

static void open_checkpoints(void)
{
    checkpoints_close(&checkpoints);
    assert_int_equal(checkpoints_open(&checkpoints, &fault.disk, dir.path, &tail, key_path, &message), TOCSIN_OK);
}

/* The checkpoints of the file, all of which must be sound and signed; returns how many. */
static size_t read_points(struct checkpoint *out, size_t room)
{
    struct text content;
    uint8_t bytes[CHECKPOINT_SIGNED_LEN];
    size_t count = 0;

    log_dir_read(&dir, CHECKPOINTS_NAME, &content);
    for (const char *at = content.data, *end = content.data + content.len; at < end; count++) {
        const char *lf = memchr(at, '\n', (size_t)(end - at));
        assert_non_null(lf);
        assert_true(count < room);
        assert_true(checkpoint_read_line(span_of(at, (size_t)(lf - at)), &out[count]));
        checkpoint_signed_bytes(bytes, &out[count]);
        assert_int_equal(crypto_sign_verify_detached(out[count].signature, bytes, sizeof bytes, out[count].key), 0);
        at = lf + 1;
    }
    text_fini(&content);
    return count;
}

/* --- its bytes --- */

static void a_checkpoint_is_read_and_written_as_others_do(void **state)
{
    struct checkpoint point;
    char line[CHECKPOINT_LINE_MAX];
    uint8_t seed[32], public_key[32], secret_key[64], bytes[CHECKPOINT_SIGNED_LEN], signature[64];
    (void)state;

    assert_true(checkpoint_read_line(span_of(golden_line, sizeof golden_line - 2), &point));
    assert_int_equal(point.first_seq, 7);
    assert_int_equal(point.seq, 300);
    assert_int_equal(point.received_us, UINT64_C(1795253400125000));
    assert_int_equal(checkpoint_write_line(line, &point), sizeof golden_line - 1);
    assert_memory_equal(line, golden_line, sizeof golden_line - 1);
    for (size_t i = 0; i < sizeof seed; i++)
        seed[i] = (uint8_t)i;
    crypto_sign_seed_keypair(public_key, secret_key, seed);
    assert_memory_equal(public_key, point.key, sizeof public_key);
    checkpoint_signed_bytes(bytes, &point);
    crypto_sign_detached(signature, NULL, bytes, sizeof bytes, secret_key);
    assert_memory_equal(signature, point.signature, sizeof signature);
}

static void a_line_of_any_other_spelling_is_none(void **state)
{
    struct checkpoint point;
    char line[sizeof golden_line + 1];
    size_t len = sizeof golden_line - 2;
    static const struct {
        const char *from;
        const char *to;
    } changes[] = {
        {"\"version\":1", "\"version\":2"},       {"\"first_seq\":7", "\"first_seq\":0"},
        {"\"seq\":300", "\"seq\":006"},           {"\"seq\":300", "\"seq\":+30"},
        {"09:30:00.125000Z", "09:30:00.125000z"}, {"09:30:00.125000Z", "09:30:60.125000Z"},
        {"09:30:00.125000Z", "09:30:0.1250000Z"}, {"\"hash\":\"64", "\"hash\":\"6G"},
        {"\"key\":\"03a1", "\"key\":\"03A1"},     {",\"seq\"", " \"seq\""},
    };
    (void)state;

    for (size_t cut = 0; cut < len; cut++)
        assert_false(checkpoint_read_line(span_of(golden_line, cut), &point));
    assert_false(checkpoint_read_line(span_of(golden_line, len + 1), &point));
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        memcpy(line, golden_line, sizeof golden_line);
        char *at = strstr(line, changes[i].from);
        assert_non_null(at);
        memcpy(at, changes[i].to, strlen(changes[i].to));
        if (checkpoint_read_line(span_of(line, len), &point))
            fail_msg("read: %s", changes[i].to);
    }
}

/* --- when --- */

static void a_checkpoint_is_due_with_the_first_line_then_each_ten_seconds_or_ten_thousand_lines(void **state)
{
    struct checkpoint points[4];
    (void)state;

    open_checkpoints();
    assert_false(checkpoints_is_due(checkpoints, 100 * SECOND_US, true));
    write_lines(1);
    assert_true(checkpoints_is_due(checkpoints, 100 * SECOND_US, false));
    assert_int_equal(checkpoints_write(checkpoints, 100 * SECOND_US, false), TOCSIN_OK);
    assert_false(checkpoints_is_due(checkpoints, 200 * SECOND_US, true));
    write_lines(9999);
    assert_false(checkpoints_is_due(checkpoints, 109 * SECOND_US, true));
    assert_true(checkpoints_is_due(checkpoints, 110 * SECOND_US, true));
    write_lines(1);
    assert_true(checkpoints_is_due(checkpoints, 109 * SECOND_US, true));
    assert_false(checkpoints_is_due(checkpoints, 109 * SECOND_US, false));
    assert_int_equal(checkpoints_write(checkpoints, 109 * SECOND_US, true), TOCSIN_OK);
    assert_int_equal(checkpoints_write(checkpoints, 119 * SECOND_US, true), TOCSIN_OK);
    assert_int_equal(read_points(points, 4), 2);
    assert_int_equal(points[0].first_seq, 1);
    assert_int_equal(points[0].seq, 1);
    assert_int_equal(points[1].first_seq, 2);
    assert_int_equal(points[1].seq, 10001);
    assert_int_equal(points[1].received_us, tail.received_us);
    assert_memory_equal(points[1].hash, tail.hash, sizeof tail.hash);
    assert_int_equal(checkpoints_signed_seq(checkpoints), 10001);
}

static void only_what_must_last_is_synced(void **state)
{
    (void)state;
    open_checkpoints();
    write_lines(3);
    assert_int_equal(checkpoints_write(checkpoints, SECOND_US, false), TOCSIN_OK);
    assert_null(strchr(plan.trace, 'S'));
    assert_int_equal(checkpoints_write(checkpoints, SECOND_US, true), TOCSIN_OK);
    assert_non_null(strchr(plan.trace, 'S'));
    assert_string_equal(plan.trace, "CDWS");
    assert_int_equal(checkpoints_write(checkpoints, SECOND_US, true), TOCSIN_OK);
    assert_string_equal(plan.trace, "CDWS");
}

/* --- from one life to the next --- */

static void the_next_life_goes_on_from_the_last_checkpoint(void **state)
{
    struct checkpoint points[4];
    (void)state;

    open_checkpoints();
    write_lines(10);
    assert_int_equal(checkpoints_write(checkpoints, SECOND_US, false), TOCSIN_OK);
    write_lines(5); /* which a kill left unsigned */
    open_checkpoints();
    write_lines(2);
    assert_int_equal(checkpoints_write(checkpoints, SECOND_US, false), TOCSIN_OK);
    assert_int_equal(read_points(points, 4), 2);
    assert_int_equal(points[1].first_seq, 11);
    assert_int_equal(points[1].seq, 17);
}

static void what_a_crash_cut_short_is_cut_off(void **state)
{
    struct checkpoint points[4];
    struct text content;
    (void)state;

    open_checkpoints();
    write_lines(10);
    assert_int_equal(checkpoints_write(checkpoints, SECOND_US, false), TOCSIN_OK);
    write_lines(1);
    assert_int_equal(checkpoints_write(checkpoints, SECOND_US, false), TOCSIN_OK);
    log_dir_read(&dir, CHECKPOINTS_NAME, &content);
    for (size_t len = content.len / 2; len < content.len; len += 13) {
        log_dir_write(&dir, CHECKPOINTS_NAME, content.data, len);
        open_checkpoints();
        write_lines(1);
        assert_int_equal(checkpoints_write(checkpoints, SECOND_US, false), TOCSIN_OK);
        assert_int_equal(read_points(points, 4), 2);
        assert_int_equal(points[1].first_seq, 11);
        assert_int_equal(points[1].seq, tail.seq);
    }
    text_fini(&content);
}

static void another_key_or_log_vouches_only_for_its_own_lines(void **state)
{
    struct checkpoint points[4];
    (void)state;

    open_checkpoints();
    write_lines(10);
    assert_int_equal(checkpoints_write(checkpoints, SECOND_US, false), TOCSIN_OK);
    log_dir_remove(&dir, "tocsind.key");
    log_dir_remove(&dir, "tocsind.key.pub");
    write_lines(5);
    open_checkpoints();
    write_lines(5);
    assert_int_equal(checkpoints_write(checkpoints, SECOND_US, false), TOCSIN_OK);
    assert_int_equal(read_points(points, 4), 2);
    assert_memory_not_equal(points[0].key, points[1].key, sizeof points[0].key);
    assert_int_equal(points[1].first_seq, 16);
    assert_int_equal(points[1].seq, 20);
}

static void the_last_signed_seq_is_told_of_the_same_log_only(void **state)
{
    int fd = disk_real.open_dir(&disk_real, dir.path);
    (void)state;

    assert_int_equal(checkpoints_last_seq(&disk_real, fd, LOG_ID), 0);
    open_checkpoints();
    write_lines(12);
    assert_int_equal(checkpoints_write(checkpoints, SECOND_US, false), TOCSIN_OK);
    assert_int_equal(checkpoints_last_seq(&disk_real, fd, LOG_ID), 12);
    assert_int_equal(checkpoints_last_seq(&disk_real, fd, "ffffffffffffffffffffffffffffffff"), 0);
    log_dir_write(&dir, CHECKPOINTS_NAME, "nonsense\n", 9);
    assert_int_equal(checkpoints_last_seq(&disk_real, fd, LOG_ID), 0);
    close(fd);
}

/* --- what fails --- */

static void a_write_that_fails_leaves_no_part_and_is_made_good_later(void **state)
{
    struct checkpoint points[4];
    (void)state;

    open_checkpoints();
    write_lines(1);
    assert_int_equal(checkpoints_write(checkpoints, SECOND_US, false), TOCSIN_OK);
    for (unsigned cut_fails = 0; cut_fails < 2; cut_fails++) {
        write_lines(1);
        plan = (struct disk_fault_plan){.kinds = DISK_STEP_WRITE | (cut_fails ? DISK_STEP_CUT : 0),
                                        .at = 1,
                                        .times = cut_fails ? 2 : 1,
                                        .error = ENOSPC,
                                        .is_half_done = true};
        assert_int_equal(checkpoints_write(checkpoints, 20 * SECOND_US, false), TOCSIN_E_NOSPACE);
        assert_non_null(strstr(checkpoints_trouble(checkpoints), "No space left"));
        assert_false(checkpoints_is_due(checkpoints, 29 * SECOND_US, true));
        assert_true(checkpoints_is_due(checkpoints, 30 * SECOND_US, true));
        plan = (struct disk_fault_plan){.kinds = DISK_STEP_ANY};
        write_lines(1);
        assert_int_equal(checkpoints_write(checkpoints, 30 * SECOND_US, false), TOCSIN_OK);
        assert_string_equal(checkpoints_trouble(checkpoints), "");
    }
    assert_int_equal(read_points(points, 4), 3);
    assert_int_equal(points[1].first_seq, 2);
    assert_int_equal(points[1].seq, 3);
    assert_int_equal(points[2].first_seq, 4);
    assert_int_equal(points[2].seq, 5);
}

static void each_step_may_fail_and_the_next_try_is_whole(void **state)
{
    struct checkpoint points[8];
    (void)state;

    for (unsigned at = 1; at <= 4; at++) {
        tail = (struct log_tail){.next_seq = 1, .log_id = LOG_ID};
        plan = (struct disk_fault_plan){.kinds = DISK_STEP_ANY, .at = at, .times = 1, .error = EIO};
        open_checkpoints();
        write_lines(1);
        assert_int_equal(checkpoints_write(checkpoints, SECOND_US, true), TOCSIN_E_IO);
        assert_true(plan.has_failed);
        write_lines(1);
        assert_int_equal(checkpoints_write(checkpoints, SECOND_US, true), TOCSIN_OK);
        size_t count = read_points(points, 8);
        assert_true(count >= 1);
        assert_int_equal(points[count - 1].seq, 2);
        log_dir_remove(&dir, CHECKPOINTS_NAME);
    }
}

static void a_file_that_was_moved_away_is_begun_anew(void **state)
{
    struct checkpoint points[4] = {0};
    (void)state;

    open_checkpoints();
    write_lines(4);
    assert_int_equal(checkpoints_write(checkpoints, SECOND_US, false), TOCSIN_OK);
    log_dir_rename(&dir, CHECKPOINTS_NAME, "elsewhere");
    write_lines(4);
    assert_int_equal(checkpoints_write(checkpoints, SECOND_US, false), TOCSIN_OK);
    assert_int_equal(read_points(points, 4), 1);
    assert_int_equal(points[0].first_seq, 5);
}

/* --- the key --- */

static mode_t mode_of(const char *name)
{
    char path[400];
    struct stat stat;
    snprintf(path, sizeof path, "%s/%s", dir.path, name);
    assert_int_equal(lstat(path, &stat), 0);
    return stat.st_mode & 07777;
}

static int try_key(const char *part)
{
    struct log_key key;
    text_clear(&message);
    int result = log_key_open(&key, key_path, &message);
    text_put_char(&message, '\0');
    if (result != TOCSIN_OK && strstr(message.data, part) == NULL)
        fail_msg("\"%s\" is not in: %s", part, message.data);
    if (result == TOCSIN_OK)
        log_key_fini(&key);
    return result;
}

static void a_key_is_made_once_and_found_again(void **state)
{
    struct log_key made, found;
    char fingerprint[LOG_KEY_FINGERPRINT_LEN + 1], again[LOG_KEY_FINGERPRINT_LEN + 1];
    (void)state;

    assert_int_equal(log_key_open(&made, key_path, &message), TOCSIN_OK);
    assert_true(made.is_new);
    assert_int_equal(mode_of("tocsind.key"), 0600);
    assert_int_equal(mode_of("tocsind.key.pub"), 0644);
    log_dir_remove(&dir, "tocsind.key.pub"); /* made again */
    assert_int_equal(log_key_open(&found, key_path, &message), TOCSIN_OK);
    assert_false(found.is_new);
    assert_true(log_dir_has(&dir, "tocsind.key.pub"));
    assert_memory_equal(made.public_key, found.public_key, sizeof made.public_key);
    assert_memory_equal(made.secret_key, found.secret_key, sizeof made.secret_key);
    log_key_fingerprint(fingerprint, &made);
    log_key_fingerprint(again, &found);
    assert_string_equal(fingerprint, again);
    assert_int_equal(message.len, 0);
    log_key_fini(&made);
    log_key_fini(&found);
    assert_true(sodium_is_zero(made.secret_key, sizeof made.secret_key));
    assert_int_equal(log_dir_count(&dir, "tocsind.key"), 2);
}

static void a_key_that_is_not_to_be_trusted_is_refused_with_what_to_do(void **state)
{
    struct text secret;
    (void)state;

    assert_int_equal(try_key(""), TOCSIN_OK);
    for (mode_t mode = 1; mode <= 040; mode <<= 1) {
        assert_int_equal(chmod(key_path, 0600 | mode), 0);
        assert_int_equal(try_key("can be read by others"), TOCSIN_E_INVALID);
    }
    assert_int_equal(chmod(key_path, 0600), 0);
    log_dir_read(&dir, "tocsind.key", &secret);
    log_dir_write(&dir, "tocsind.key", secret.data, secret.len - 1);
    assert_int_equal(try_key("does not hold a key"), TOCSIN_E_INVALID);
    secret.data[30] = secret.data[30] == '0' ? '1' : '0';
    log_dir_write(&dir, "tocsind.key", secret.data, secret.len);
    assert_int_equal(try_key("does not belong to"), TOCSIN_E_INVALID);
    log_dir_remove(&dir, "tocsind.key");
    assert_int_equal(try_key("its public half"), TOCSIN_E_INVALID);
    assert_int_equal(symlink("tocsind.key.pub", key_path), 0);
    assert_int_equal(try_key("symbolic link"), TOCSIN_E_INVALID);
    assert_int_equal(unlink(key_path), 0);
    assert_int_equal(mkdir(key_path, 0700), 0);
    assert_int_equal(try_key("does not hold a key"), TOCSIN_E_INVALID);
    assert_int_equal(rmdir(key_path), 0);
    snprintf(key_path, sizeof key_path, "%s/nowhere/key", dir.path);
    assert_int_equal(try_key("--log-key"), TOCSIN_E_INVALID);
    text_fini(&secret);
}

static void what_a_crash_left_of_a_key_in_the_making_is_no_hindrance(void **state)
{
    (void)state;
    log_dir_write(&dir, "tocsind.key.new", "tocsin-secret", 13);
    assert_int_equal(try_key(""), TOCSIN_OK);
    assert_false(log_dir_has(&dir, "tocsind.key.new"));
}

int main(void)
{
    if (sodium_init() < 0)
        return 1;
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_checkpoint_is_read_and_written_as_others_do),
        TEST(a_line_of_any_other_spelling_is_none),
        TEST(a_checkpoint_is_due_with_the_first_line_then_each_ten_seconds_or_ten_thousand_lines),
        TEST(only_what_must_last_is_synced),
        TEST(the_next_life_goes_on_from_the_last_checkpoint),
        TEST(what_a_crash_cut_short_is_cut_off),
        TEST(another_key_or_log_vouches_only_for_its_own_lines),
        TEST(the_last_signed_seq_is_told_of_the_same_log_only),
        TEST(a_write_that_fails_leaves_no_part_and_is_made_good_later),
        TEST(each_step_may_fail_and_the_next_try_is_whole),
        TEST(a_file_that_was_moved_away_is_begun_anew),
        TEST(a_key_is_made_once_and_found_again),
        TEST(a_key_that_is_not_to_be_trusted_is_refused_with_what_to_do),
        TEST(what_a_crash_left_of_a_key_in_the_making_is_no_hindrance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
