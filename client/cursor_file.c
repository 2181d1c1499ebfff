#include "client/cursor_file.h"

#include <inttypes.h>
#include <stdio.h>

#define HEAD     "tocsin-cursor 1 "
#define TEXT_MAX 128

int cursor_file_open(struct cursor_file *file, const char *path)
{
    return kept_file_open(&file->kept, path);
}

void cursor_file_close(struct cursor_file *file)
{
    kept_file_close(&file->kept);
}

/* Digits to the end. */
static bool read_seq(const uint8_t *at, const uint8_t *end, uint64_t *seq)
{
    *seq = 0;
    if (at == end)
        return false;
    for (; at < end; at++) {
        if (*at < '0' || *at > '9' || __builtin_mul_overflow(*seq, UINT64_C(10), seq) ||
            __builtin_add_overflow(*seq, (uint64_t)(*at - '0'), seq))
            return false;
    }
    return *seq < UINT64_MAX;
}

int cursor_read(struct span text, struct cursor *cursor)
{
    size_t head_len = strlen(HEAD), id_end = head_len + STREAM_LOG_ID_LEN;
    if (text.len < id_end + 3 || memcmp(text.data, HEAD, head_len) != 0 || text.data[id_end] != ' ' ||
        text.data[text.len - 1] != '\n')
        return TOCSIN_E_SYNTAX;
    memcpy(cursor->log_id, text.data + head_len, STREAM_LOG_ID_LEN);
    cursor->log_id[STREAM_LOG_ID_LEN] = '\0';
    if (strspn(cursor->log_id, "0123456789abcdef") != STREAM_LOG_ID_LEN)
        return TOCSIN_E_SYNTAX;
    bool is_read = read_seq(text.data + id_end + 1, text.data + text.len - 1, &cursor->seq);
    return is_read ? TOCSIN_OK : TOCSIN_E_SYNTAX;
}

int cursor_file_read(const struct cursor_file *file, struct cursor *cursor)
{
    struct text content;
    text_init(&content);
    int error = kept_file_read(&file->kept, TEXT_MAX, &content);
    if (error == TOCSIN_E_FULL)
        error = TOCSIN_E_SYNTAX;
    if (!error)
        error = cursor_read(text_span(&content), cursor);
    text_fini(&content);
    return error;
}

int cursor_file_write(const struct cursor_file *file, const struct cursor *cursor)
{
    char text[TEXT_MAX];
    int len = snprintf(text, sizeof text, HEAD "%s %" PRIu64 "\n", cursor->log_id, cursor->seq);
    return kept_file_write(&file->kept, span_of(text, (size_t)len));
}
