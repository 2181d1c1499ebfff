#include "client/verify_reader.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "proto/tocsin_base.h"

#define BLOCK_LEN  (1u << 20)
#define GROW_TRIES 20
#define GROW_MS    10

static bool make_room(struct verify_block *block, size_t room)
{
    uint8_t *bytes = realloc(block->bytes, room);
    if (bytes == NULL)
        return false;
    block->bytes = bytes;
    block->room = room;
    return true;
}

static struct verify_line *add_line(struct verify_block *block)
{
    if (block->count == block->line_room) {
        size_t room = block->line_room == 0 ? 4096 : 2 * block->line_room;
        struct verify_line *lines = realloc(block->lines, room * sizeof *lines);
        if (lines == NULL) {
            block->error = -ENOMEM;
            return NULL;
        }
        block->lines = lines;
        block->line_room = room;
    }
    return &block->lines[block->count++];
}

static void take_apart(struct verify_reader *reader, struct verify_line *line)
{
    line->form = line_read(line->raw, &line->line) == TOCSIN_OK ? VERIFY_LINE : VERIFY_NO_LINE;
    line->is_own = line->is_topic_lost = false;
    line->topic_seq = 0;
    if (line->form == VERIFY_NO_LINE)
        return;
    line->is_own = span_is(line->line.category, "BrokerEvent");
    line->topic_seq = verify_topics_advance(reader->topics, line->line.category, line->line.source_id, line->line.seq);
    line->is_topic_lost = reader->topics->is_full;
}

/* Divides what is in the block into lines; returns where the last, unfinished one begins. */
static size_t divide(struct verify_reader *reader, struct verify_block *block)
{
    size_t at = 0;
    const uint8_t *lf;
    while (at < block->len && (lf = memchr(block->bytes + at, '\n', block->len - at)) != NULL) {
        struct verify_line *line = add_line(block);
        if (line == NULL)
            return block->len;
        line->raw = span_of(block->bytes + at, (size_t)(lf - block->bytes) - at);
        take_apart(reader, line);
        at += line->raw.len + 1;
    }
    return at;
}

static void add_rest(struct verify_block *block, size_t at, enum verify_form form)
{
    block->is_last = true;
    struct verify_line *line = at < block->len ? add_line(block) : NULL;
    if (line != NULL)
        *line = (struct verify_line){.form = form, .raw = span_of(block->bytes + at, block->len - at)};
}

/* Reads until the block is full or the file ends; a line that fills the block makes it larger. */
static void fill(struct verify_reader *reader, struct verify_block *block)
{
    unsigned tries = reader->is_growing ? GROW_TRIES : 0;
    for (;;) {
        size_t wanted = block->len < BLOCK_LEN ? BLOCK_LEN : 2 * block->len;
        if (block->room < wanted && !make_room(block, wanted)) {
            block->error = -ENOMEM;
            return;
        }
        ssize_t count = verify_source_read(reader->source, block->bytes + block->len, wanted - block->len);
        bool is_whole = block->len > 0 && block->bytes[block->len - 1] == '\n';
        if (count == 0 && block->len > 0 && !is_whole && tries > 0) {
            tries--; /* a broker may be in the middle of writing it */
            poll(NULL, 0, GROW_MS);
            continue;
        }
        if (count <= 0) {
            block->error = (int)count;
            block->is_last = true;
            return;
        }
        block->len += (size_t)count;
        block->read_len += (size_t)count;
        if (block->len == wanted && memchr(block->bytes, '\n', block->len) != NULL)
            return;
        if (block->len == wanted && block->len > VERIFY_LINE_MAX)
            return;
    }
}

/* A block with the bytes that the one before left over at its front. */
static void make_block(struct verify_reader *reader, struct verify_block *block, struct span rest)
{
    block->len = block->count = block->read_len = 0;
    block->error = 0;
    block->is_last = false;
    if (block->room < rest.len && !make_room(block, rest.len)) {
        block->error = -ENOMEM;
        return;
    }
    if (rest.len > 0)
        memcpy(block->bytes, rest.data, rest.len);
    block->len = rest.len;
    fill(reader, block);
}

/* Waits for a block that may be filled; NULL: the caller wants no more. */
static struct verify_block *wait_for_room(struct verify_reader *reader)
{
    pthread_mutex_lock(&reader->mutex);
    while (reader->filled - reader->given >= VERIFY_BLOCKS && !reader->is_stopped)
        pthread_cond_wait(&reader->changed, &reader->mutex);
    bool is_stopped = reader->is_stopped;
    pthread_mutex_unlock(&reader->mutex);
    return is_stopped ? NULL : &reader->blocks[reader->filled % VERIFY_BLOCKS];
}

static void hand_over(struct verify_reader *reader)
{
    pthread_mutex_lock(&reader->mutex);
    reader->filled++;
    pthread_cond_signal(&reader->changed);
    pthread_mutex_unlock(&reader->mutex);
}

static void *run(void *arg)
{
    struct verify_reader *reader = arg;
    struct verify_block *block;
    struct text rest; /* a copy: the caller writes over blocks */
    bool is_last = false;

    text_init(&rest);
    while (!is_last && (block = wait_for_room(reader)) != NULL) {
        make_block(reader, block, text_span(&rest));
        size_t at = divide(reader, block);
        if (block->is_last)
            add_rest(block, at, VERIFY_PIECE);
        else if (at == 0)
            add_rest(block, at, VERIFY_TOO_LONG);
        text_clear(&rest);
        text_put(&rest, block->bytes + at, block->len - at);
        if (rest.failed)
            block->error = -ENOMEM;
        is_last = block->is_last = block->is_last || block->error != 0;
        hand_over(reader);
    }
    text_fini(&rest);
    return NULL;
}

int verify_reader_init(struct verify_reader *reader, struct verify_source *source, struct verify_topics *topics,
                       bool is_growing)
{
    *reader = (struct verify_reader){.source = source, .topics = topics, .is_growing = is_growing};
    pthread_mutex_init(&reader->mutex, NULL);
    pthread_cond_init(&reader->changed, NULL);
    int error = pthread_create(&reader->thread, NULL, run, reader);
    if (error == 0)
        return 0;
    pthread_cond_destroy(&reader->changed);
    pthread_mutex_destroy(&reader->mutex);
    return -error;
}

void verify_reader_fini(struct verify_reader *reader)
{
    pthread_mutex_lock(&reader->mutex);
    reader->is_stopped = true;
    pthread_cond_signal(&reader->changed);
    pthread_mutex_unlock(&reader->mutex);
    pthread_join(reader->thread, NULL);
    pthread_cond_destroy(&reader->changed);
    pthread_mutex_destroy(&reader->mutex);
    for (size_t i = 0; i < VERIFY_BLOCKS; i++) {
        free(reader->blocks[i].bytes);
        free(reader->blocks[i].lines);
    }
}

struct verify_block *verify_reader_next(struct verify_reader *reader)
{
    if (reader->taken > 0 && reader->blocks[(reader->taken - 1) % VERIFY_BLOCKS].is_last)
        return NULL;
    pthread_mutex_lock(&reader->mutex);
    reader->given = reader->taken;
    pthread_cond_signal(&reader->changed);
    while (reader->filled == reader->taken)
        pthread_cond_wait(&reader->changed, &reader->mutex);
    pthread_mutex_unlock(&reader->mutex);
    return &reader->blocks[reader->taken++ % VERIFY_BLOCKS];
}
