#include "client/gateway/follow_state.h"
#include "client/span_text.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEAD_MAX 64

enum { HEX_LEN = 2 * FOLLOW_MARK_HASH };

void follow_state_init(struct follow_state *state, const char *kind)
{
    *state = (struct follow_state){.kind = kind};
}

/* The first line: tocsin-KIND 1 */
static size_t put_head(const struct follow_state *state, char *head)
{
    return (size_t)snprintf(head, HEAD_MAX, "tocsin-%s 1\n", state->kind);
}

static void close_file(struct follow_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}

void follow_state_fini(struct follow_state *state)
{
    for (size_t i = 0; i < state->file_count; i++)
        close_file(&state->files[i]);
    free(state->files);
    follow_state_init(state, state->kind);
}

struct follow_file *follow_state_add(struct follow_state *state)
{
    struct follow_file *files = realloc(state->files, (state->file_count + 1) * sizeof *files);
    if (!files)
        return NULL;
    state->files = files;
    if (state->current == state->file_count)
        state->current++; /* still none */
    struct follow_file *file = &files[state->file_count++];
    memset(file, 0, sizeof *file);
    file->fd = -1;
    return file;
}

void follow_state_remove(struct follow_state *state, size_t index)
{
    close_file(&state->files[index]);
    state->file_count--;
    memmove(state->files + index, state->files + index + 1, (state->file_count - index) * sizeof *state->files);
    if (state->current > index)
        state->current--;
}

void follow_state_sort(struct follow_state *state)
{
    struct follow_file *files = state->files;
    for (size_t i = 1; i < state->file_count; i++) { /* they hardly ever are out of order */
        for (size_t j = i; j > 0 && follow_name_compare(&files[j - 1].order, &files[j].order) > 0; j--) {
            struct follow_file file = files[j];
            files[j] = files[j - 1];
            files[j - 1] = file;
            if (state->current == j)
                state->current--;
            else if (state->current == j - 1)
                state->current++;
        }
    }
}

static void put_sum(struct text *out, struct span covered)
{
    uint8_t hash[FOLLOW_MARK_HASH];
    char hex[HEX_LEN + 1];
    crypto_generichash(hash, sizeof hash, covered.data, covered.len, NULL, 0);
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    text_printf(out, "sum %s\n", hex);
}

void follow_state_put(struct text *out, const struct follow_state *state)
{
    size_t start = out->len;
    char head_line[HEAD_MAX];
    text_put(out, head_line, put_head(state, head_line));
    text_printf(out, "producer %s\nboot %s\nn %" PRIu64 "\n", state->producer, state->boot_id, state->n);
    if (state->current < state->file_count)
        text_printf(out, "current %zu %" PRIu64 "\n", state->current, state->end);
    for (size_t i = 0; i < state->file_count; i++) {
        const struct follow_file *file = &state->files[i];
        char head[HEX_LEN + 1];
        char tail[HEX_LEN + 1];
        sodium_bin2hex(head, sizeof head, file->mark.head, FOLLOW_MARK_HASH);
        sodium_bin2hex(tail, sizeof tail, file->mark.tail, FOLLOW_MARK_HASH);
        text_printf(out, "file %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu32 " %s %s %s\n", file->device, file->inode,
                    file->mark.offset, file->mark.head_len, head, tail, file->name);
    }
    if (!out->failed)
        put_sum(out, span_of(out->data + start, out->len - start));
}

/* Whether the last line is the checksum of those before it. */
static bool is_whole(struct span text)
{
    struct text sum;
    text_init(&sum);
    size_t len = strlen("sum ") + HEX_LEN + 1;
    bool is_good = text.len >= len;
    if (is_good) {
        put_sum(&sum, span_of(text.data, text.len - len));
        is_good = !sum.failed && sum.len == len && memcmp(sum.data, text.data + text.len - len, len) == 0;
    }
    text_fini(&sum);
    return is_good;
}

static bool read_file(struct follow_state *state, const char *line, bool *is_out_of_memory)
{
    struct follow_file *file = follow_state_add(state);
    char head[HEX_LEN + 1];
    char tail[HEX_LEN + 1];
    int used = 0;
    *is_out_of_memory = !file;
    if (!file ||
        sscanf(line, "file %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu32 " %32[0-9a-f] %32[0-9a-f] %n", &file->device,
               &file->inode, &file->mark.offset, &file->mark.head_len, head, tail, &used) != 6 ||
        used == 0 || file->mark.head_len > FOLLOW_MARK_BYTES || strlen(line + used) == 0 ||
        strlen(line + used) > FOLLOW_FILE_NAME_MAX)
        return false;
    snprintf(file->name, sizeof file->name, "%s", line + used);
    return sodium_hex2bin(file->mark.head, FOLLOW_MARK_HASH, head, strlen(head), NULL, NULL, NULL) == 0 &&
           sodium_hex2bin(file->mark.tail, FOLLOW_MARK_HASH, tail, strlen(tail), NULL, NULL, NULL) == 0;
}

/* One line without its LF; `*current` is SIZE_MAX where none is told. */
static bool read_line(struct follow_state *state, const char *line, size_t *current, bool *is_out_of_memory)
{
    if (strncmp(line, "file ", 5) == 0)
        return read_file(state, line, is_out_of_memory);
    if (strncmp(line, "current ", 8) == 0)
        return sscanf(line, "current %zu %" SCNu64, current, &state->end) == 2;
    if (strncmp(line, "producer ", 9) == 0)
        return sscanf(line, "producer %64s", state->producer) == 1;
    if (strncmp(line, "boot ", 5) == 0)
        return sscanf(line, "boot %36s", state->boot_id) == 1;
    return strncmp(line, "n ", 2) == 0 && sscanf(line, "n %" SCNu64, &state->n) == 1;
}

static int read_lines(struct follow_state *state, char *text)
{
    size_t current = SIZE_MAX;
    bool is_out_of_memory = false;
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        if (strncmp(line, "sum ", 4) == 0)
            break;
        if (!read_line(state, line, &current, &is_out_of_memory))
            return is_out_of_memory ? TOCSIN_E_NOMEM : TOCSIN_E_SYNTAX;
    }
    bool is_good = *state->producer && *state->boot_id && (current == SIZE_MAX || current < state->file_count);
    state->current = current == SIZE_MAX ? state->file_count : current;
    return is_good ? TOCSIN_OK : TOCSIN_E_SYNTAX;
}

int follow_state_read(struct follow_state *state, struct span text)
{
    char head[HEAD_MAX];
    size_t head_len = put_head(state, head);
    if (!is_whole(text) || text.len < head_len || memcmp(text.data, head, head_len) != 0 ||
        memchr(text.data, 0, text.len))
        return TOCSIN_E_SYNTAX;
    char *copy = span_text(span_of(text.data + head_len, text.len - head_len));
    if (!copy)
        return TOCSIN_E_NOMEM;
    int error = read_lines(state, copy);
    free(copy);
    return error;
}
