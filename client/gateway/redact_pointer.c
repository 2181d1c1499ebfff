#include "client/gateway/redact_pointer.h"

#include <stdio.h>

/* ~0 is a tilde, ~1 a slash */
static bool is_key(const char *token, size_t len, struct span key)
{
    size_t at = 0;
    for (size_t i = 0; i < len; i++, at++) {
        char byte = token[i];
        if (byte == '~' && i + 1 < len && (token[i + 1] == '0' || token[i + 1] == '1'))
            byte = token[++i] == '0' ? '~' : '/';
        if (at >= key.len || key.data[at] != (uint8_t)byte)
            return false;
    }
    return at == key.len;
}

static bool is_step(const char *token, size_t len, const struct redact_step *step)
{
    if (step->is_map)
        return step->key.data && is_key(token, len, step->key);
    char index[16];
    int index_len = snprintf(index, sizeof index, "%u", (unsigned)step->index);
    return (size_t)index_len == len && memcmp(index, token, len) == 0;
}

bool redact_pointer_is(const char *pointer, const struct redact_path *path)
{
    for (unsigned i = 0; i < path->depth; i++) {
        if (*pointer != '/')
            return false;
        size_t len = strcspn(pointer + 1, "/");
        if (!is_step(pointer + 1, len, &path->steps[i]))
            return false;
        pointer += 1 + len;
    }
    return path->depth > 0 && *pointer == '\0';
}
