#include "broker/taken.h"

#include <stdlib.h>
#include <sys/resource.h>

#define DESCRIPTORS_MAX (1u << 20)

/* What ZMTP and CURVE put around a part. */
#define SHORT_MAX    255
#define SHORT_HEADER 2
#define LONG_HEADER  9
#define CURVE_EXTRA  33

bool taken_init(struct taken *taken)
{
    struct rlimit limit = {.rlim_cur = 0};
    getrlimit(RLIMIT_NOFILE, &limit);
    size_t count = limit.rlim_cur < DESCRIPTORS_MAX ? (size_t)limit.rlim_cur : DESCRIPTORS_MAX;
    atomic_init(&taken->is_asked, false);
    taken->bytes = calloc(count + 1, sizeof *taken->bytes); /* its pages are touched where there is a connection */
    taken->count = taken->bytes ? count : 0;
    return taken->bytes != NULL;
}

void taken_fini(struct taken *taken)
{
    free(taken->bytes);
    taken->bytes = NULL;
    taken->count = 0;
}

void taken_note(struct taken *taken, const struct door *door, zmq_msg_t *part)
{
    int fd = zmq_msg_get(part, ZMQ_SRCFD);
    if (fd < 0 || (size_t)fd >= taken->count)
        return;
    uint64_t len = zmq_msg_size(part) + (door->is_secured ? CURVE_EXTRA : 0);
    len += len > SHORT_MAX ? LONG_HEADER : SHORT_HEADER;
    /* a connection is read by one thread */
    uint64_t before = atomic_load_explicit(&taken->bytes[fd], memory_order_relaxed);
    atomic_store_explicit(&taken->bytes[fd], before + len, memory_order_relaxed);
}
