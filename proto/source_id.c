#include "proto/source_id.h"

#include <stdint.h>
#include <string.h>

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
