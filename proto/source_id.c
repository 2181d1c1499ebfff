#include "proto/source_id.h"

#include <stdint.h>
#include <string.h>

#include "proto/tocsin_base.h"

static struct source_id name_of(struct span text)
{
    return (struct source_id){.kind = SOURCE_ID_NAME, .vhost = text};
}

struct source_id source_id_split(struct span text)
{
    if (text.len == 0 || text.data[0] != '#')
        return name_of(text);

    const uint8_t *end = text.data + text.len;
    const uint8_t *vhost = text.data + 1;
    const uint8_t *mark = memchr(vhost, '#', (size_t)(end - vhost));
    if (mark == NULL || mark == vhost || mark + 1 == end)
        return name_of(text);

    const uint8_t *app = mark + 1;
    const uint8_t *slash = memchr(app, '/', (size_t)(end - app));
    struct source_id id = {.kind = SOURCE_ID_APP, .vhost = span_of(vhost, (size_t)(mark - vhost))};
    if (slash == NULL) {
        id.app = span_of(app, (size_t)(end - app));
        return id;
    }
    if (slash == app || slash + 1 == end)
        return name_of(text);

    id.kind = SOURCE_ID_STREAM;
    id.app = span_of(app, (size_t)(slash - app));
    id.stream = span_of(slash + 1, (size_t)(end - slash - 1));
    return id;
}

/* Copies a vhost or an app, '#' replaced: the mark of what is put together must not be in the parts. */
static char *put_part(char *out, const char *part)
{
    for (; *part != '\0'; part++)
        *out++ = *part == '#' ? '_' : *part;
    return out;
}

/* `stream` NULL: an application's. */
static int make(char *out, size_t size, const char *vhost, const char *app, const char *stream)
{
    if (*vhost == '\0' || *app == '\0' || (stream != NULL && *stream == '\0'))
        return TOCSIN_E_INVALID;
    size_t len = strlen(vhost) + strlen(app) + 2 + (stream != NULL ? strlen(stream) + 1 : 0);
    if (len > TOCSIN_SOURCE_ID_MAX || len >= size)
        return TOCSIN_E_INVALID;

    char *at = out;
    *at++ = '#';
    at = put_part(at, vhost);
    *at++ = '#';
    at = put_part(at, app);
    *at = '\0';
    if (stream != NULL) {
        *at++ = '/';
        strcpy(at, stream);
    }
    return (int)len;
}

int source_id_app(char *out, size_t size, const char *vhost, const char *app)
{
    return make(out, size, vhost, app, NULL);
}

int source_id_stream(char *out, size_t size, const char *vhost, const char *app, const char *stream)
{
    return make(out, size, vhost, app, stream);
}
