/* The seekable form of zstd: what was written comes back frame by frame, also through zstd's own reader, and a table or
 * a frame that was spoilt is refused. */
#include "tests/test_support.h"

#include <errno.h>
#include <stdlib.h>
#include <zstd.h>

#include "proto/zst/zst_read.h"
#include "proto/zst/zst_write.h"

#define CONTENT_LEN 900000u

static uint8_t content[CONTENT_LEN];
static struct text packed;

static ssize_t read_packed(void *arg, void *bytes, size_t len, uint64_t offset)
{
    const struct text *from = arg;
    if (offset >= from->len)
        return 0;
    size_t count = from->len - offset < len ? (size_t)(from->len - offset) : len;
    memcpy(bytes, from->data + offset, count);
    return (ssize_t)count;
}

static const struct zst_source source = {read_packed, &packed};

static int make(void **state)
{
    struct zst_writer writer;
    struct span out;
    (void)state;

    for (size_t i = 0; i < CONTENT_LEN; i++)
        content[i] = (uint8_t)((size_t) "{\"seq\":123456789}\n"[i % 18] + (i / 1000) % 3);
    text_init(&packed);
    assert_int_equal(zst_writer_init(&writer, 3), 0);
    for (size_t at = 0; at < CONTENT_LEN;) {
        size_t len = zst_writer_wants(&writer) < CONTENT_LEN - at ? zst_writer_wants(&writer) : CONTENT_LEN - at;
        assert_int_equal(zst_writer_add(&writer, span_of(content + at, len), &out), 0);
        text_put(&packed, out.data, out.len);
        at += len;
    }
    assert_int_equal(zst_writer_end(&writer, &out), 0);
    text_put(&packed, out.data, out.len);
    zst_writer_fini(&writer);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    text_fini(&packed);
    return 0;
}

/* Reads all; 0 when it is the content, else the first error. */
static int read_all(void)
{
    struct zst_table table;
    struct zst_unpacker unpacker = {0};
    struct zst_frame frame = {0};
    int error = zst_table_read(&table, &source, packed.len);
    uint64_t at = 0;
    for (size_t i = 0; error == 0 && i < table.count; i++) {
        error = zst_frame_read(&frame, &unpacker, &table, &source, i);
        if (error == 0 && (frame.content_at != at || at + frame.len > CONTENT_LEN ||
                           memcmp(frame.bytes, content + at, frame.len) != 0))
            error = -EILSEQ;
        at += frame.len;
    }
    zst_frame_fini(&frame);
    zst_unpacker_fini(&unpacker);
    zst_table_fini(&table);
    return error == 0 && at != CONTENT_LEN ? -EILSEQ : error;
}

static void what_was_written_comes_back(void **state)
{
    (void)state;
    assert_int_equal(read_all(), 0);
}

static void zstd_itself_reads_it(void **state)
{
    (void)state;
    uint8_t *out = malloc(CONTENT_LEN + 1);
    assert_int_equal(ZSTD_decompress(out, CONTENT_LEN + 1, packed.data, packed.len), CONTENT_LEN);
    assert_memory_equal(out, content, CONTENT_LEN);
    free(out);
}

static void every_offset_is_found_in_its_frame(void **state)
{
    (void)state;
    struct zst_table table;
    assert_int_equal(zst_table_read(&table, &source, packed.len), 0);
    assert_true(table.count > 3);
    assert_int_equal(table.len, CONTENT_LEN);
    for (uint64_t at = 0; at < CONTENT_LEN; at += 333) {
        size_t frame = zst_table_find(&table, at);
        assert_true(table.entries[frame].content_at <= at && at < table.entries[frame + 1].content_at);
    }
    zst_table_fini(&table);
}

static void a_flipped_bit_is_never_taken_for_content(void **state)
{
    (void)state;
    for (size_t bit = 0; bit < packed.len * 8; bit += 37) {
        packed.data[bit / 8] = (char)(packed.data[bit / 8] ^ (1 << bit % 8));
        int error = read_all();
        assert_true(error == -EBADMSG || error == 0); /* 0: zstd has bits that say nothing */
        packed.data[bit / 8] = (char)(packed.data[bit / 8] ^ (1 << bit % 8));
    }
}

static void a_file_that_is_cut_short_has_no_table(void **state)
{
    (void)state;
    size_t whole = packed.len;
    for (packed.len = 0; packed.len < whole; packed.len += packed.len < whole - 100 ? 1000 : 1)
        assert_int_equal(read_all(), -EBADMSG);
    packed.len = whole;
    text_put_char(&packed, '\0');
    assert_int_equal(read_all(), -EBADMSG);
}

static void put_u32(uint8_t *at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

static void a_table_that_lies_is_refused_without_much_memory(void **state)
{
    (void)state;
    size_t whole = packed.len;
    uint8_t *foot = (uint8_t *)packed.data + whole - ZST_FOOT_LEN;
    static const uint32_t counts[] = {0, 1, 3, 6, 1000, ZST_FRAMES_MAX, ZST_FRAMES_MAX + 1, 0x7fffffff, 0xffffffff};
    uint8_t kept[ZST_FOOT_LEN];
    memcpy(kept, foot, sizeof kept);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        put_u32(foot, counts[i]);
        int error = read_all();
        assert_true(error == -EBADMSG || memcmp(kept, foot, sizeof kept) == 0);
    }
    memcpy(foot, kept, sizeof kept);
    uint8_t *last = foot - ZST_ENTRY_LEN;
    uint8_t entry[ZST_ENTRY_LEN];
    memcpy(entry, last, sizeof entry);
    put_u32(last + 4, 0xffffffff); /* a frame of 4 GiB */
    assert_int_equal(read_all(), -EBADMSG);
    put_u32(last + 4, 0);
    assert_int_equal(read_all(), -EBADMSG);
    put_u32(last + 4, 1); /* less than it holds */
    assert_int_equal(read_all(), -EBADMSG);
    memcpy(last, entry, sizeof entry);
    assert_int_equal(read_all(), 0);
}

static void bytes_that_are_none_of_it_are_refused(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 2000; round++) {
        packed.len = (size_t)random_below(200);
        for (size_t i = 0; i < packed.len; i++)
            packed.data[i] = (char)random_below(256);
        if (packed.len >= ZST_FOOT_LEN)
            put_u32((uint8_t *)packed.data + packed.len - 4, ZST_SEEK_MAGIC);
        assert_int_equal(read_all(), -EBADMSG);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)
    const struct CMUnitTest tests[] = {
        TEST(what_was_written_comes_back),           TEST(zstd_itself_reads_it),
        TEST(every_offset_is_found_in_its_frame),    TEST(a_flipped_bit_is_never_taken_for_content),
        TEST(a_file_that_is_cut_short_has_no_table), TEST(a_table_that_lies_is_refused_without_much_memory),
        TEST(bytes_that_are_none_of_it_are_refused),
    };
    return cmocka_run_group_tests(tests, seed, NULL);
}
