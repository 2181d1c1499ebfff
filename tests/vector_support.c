#include "tests/vector_support.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>

#include "tests/test_support.h"

const char *vector_path = "";

static int is_case(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);
    return len > 5 && strcmp(entry->d_name + len - 5, ".json") == 0;
}

size_t for_each_vector(const char *folder, void (*check)(const json_t *vector, void *arg), void *arg)
{
    char dir[4096];
    snprintf(dir, sizeof dir, "%s/proto/vectors/%s", TOCSIN_SOURCE_DIR, folder);
    struct dirent **entries;
    int count = scandir(dir, &entries, is_case, alphasort);
    if (count < 0)
        fail_msg("%s: %s", dir, strerror(errno));
    for (int i = 0; i < count; i++) {
        char path[4096 + 256 + 2];
        snprintf(path, sizeof path, "%s/%s", dir, entries[i]->d_name);
        free(entries[i]);
        vector_path = path;
        json_error_t error;
        json_t *vector = json_load_file(path, 0, &error);
        if (!vector)
            fail_msg("%s:%d: %s", path, error.line, error.text);
        check(vector, arg);
        json_decref(vector);
    }
    free(entries);
    vector_path = "";
    return (size_t)count;
}

struct span vector_span(const json_t *vector, const char *key)
{
    const json_t *member = json_object_get(vector, key);
    if (!json_is_string(member))
        fail_msg("%s: no text '%s'", vector_path, key);
    return span_of(json_string_value(member), json_string_length(member));
}

const char *vector_text(const json_t *vector, const char *key)
{
    return (const char *)vector_span(vector, key).data;
}

uint64_t vector_uint(const json_t *vector, const char *key)
{
    const json_t *member = json_object_get(vector, key);
    if (json_is_integer(member))
        return (uint64_t)json_integer_value(member);
    const char *digits = vector_text(vector, key);
    char *end;
    errno = 0;
    uint64_t value = strtoull(digits, &end, 10);
    if (errno || *end || end == digits)
        fail_msg("%s: '%s' is no number", vector_path, key);
    return value;
}

static unsigned digit_value(char digit)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = digit ? strchr(digits, digit) : NULL;
    if (!found)
        fail_msg("%s: no lower-case hex", vector_path);
    return (unsigned)(found - digits);
}

uint8_t *vector_bytes(const json_t *vector, const char *key, size_t *len)
{
    struct span hex = vector_span(vector, key);
    if (hex.len % 2 != 0)
        fail_msg("%s: half a byte", vector_path);
    *len = hex.len / 2;
    uint8_t *bytes = malloc(*len > 0 ? *len : 1);
    assert_non_null(bytes);
    for (size_t i = 0; i < *len; i++)
        bytes[i] = (uint8_t)(digit_value((char)hex.data[2 * i]) << 4 | digit_value((char)hex.data[2 * i + 1]));
    return bytes;
}
