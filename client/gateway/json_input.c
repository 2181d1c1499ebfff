#include "client/gateway/json_input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "client/complain.h"

#define READ_ROOM 65536
#define OFTEN_US  1       /* a plain file is always ready */
#define SELDOM_US 1000000 /* nothing is to be done */

static const char *name_of(const struct json_input *input)
{
    const char *name = input->names[input->name_at - 1];
    return strcmp(name, "-") == 0 ? "standard input" : name;
}

static void close_file(struct json_input *input)
{
    if (!input->is_open)
        return;
    if (input->is_watched)
        loop_remove(&input->lines.gateway->loop, &input->watch);
    if (input->watch.fd != STDIN_FILENO)
        close(input->watch.fd);
    input->is_open = input->is_watched = false;
}

static void fail(struct json_input *input)
{
    complain("%s: %s", name_of(input), strerror(errno));
    input->is_failed = true;
}

/* Opens the next file that can be opened; behind the last one all is done. */
static void open_next(struct json_input *input)
{
    close_file(input);
    while (!input->is_open && input->name_at < input->name_count) {
        const char *name = input->names[input->name_at++];
        input->watch.fd = strcmp(name, "-") == 0 ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        input->is_open = input->watch.fd >= 0;
        if (!input->is_open)
            fail(input);
    }
    input->lines.line = 0;
    input->lines.is_skipping = input->is_ended = false;
    input->is_watched = input->is_open && loop_add(&input->lines.gateway->loop, &input->watch, EPOLLIN);
    input->timer.every_us = input->is_open && !input->is_watched ? OFTEN_US : SELDOM_US;
    input->timer.due_us = 0;
    input->lines.gateway->is_done = !input->is_open;
}

static void take(struct json_input *input)
{
    struct text *bytes = &input->bytes;
    size_t taken = json_lines_take(&input->lines, text_span(bytes), input->is_ended, name_of(input), &input->is_full);
    memmove(bytes->data, bytes->data + taken, bytes->len - taken);
    bytes->len -= taken;
    if (input->is_full) {
        if (input->is_watched)
            loop_change(&input->lines.gateway->loop, &input->watch, 0);
        input->timer.every_us = SELDOM_US;
    } else if (input->is_ended) {
        open_next(input);
    }
}

static void read_some(struct json_input *input)
{
    struct text *bytes = &input->bytes;
    if (!input->is_open || input->is_full)
        return;
    if (!text_reserve(bytes, READ_ROOM)) {
        complain("out of memory");
        input->is_failed = input->lines.gateway->is_done = true;
        return;
    }
    ssize_t len = read(input->watch.fd, bytes->data + bytes->len, READ_ROOM);
    if (len < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (len < 0)
        fail(input);
    if (len > 0) {
        bytes->len += (size_t)len;
        counts_add(&input->lines.gateway->counts, COUNT_BYTES, (uint64_t)len);
    }
    input->is_ended = len <= 0;
    if (bytes->len > 0)
        take(input);
    else if (input->is_ended)
        open_next(input);
}

static void ready(struct loop_watch *watch, uint32_t events)
{
    (void)events;
    read_some((struct json_input *)watch);
}

static void ring(struct loop_timer *timer, int64_t now_us)
{
    (void)now_us;
    struct json_input *input = (struct json_input *)((char *)timer - offsetof(struct json_input, timer));
    if (input->is_open && !input->is_watched)
        read_some(input);
}

void json_input_begin(struct json_input *input, struct gateway *gateway, const char *const *names, size_t count)
{
    *input = (struct json_input){.watch = {-1, ready}, .timer = {.every_us = SELDOM_US, .ring = ring}};
    input->lines.gateway = gateway;
    input->names = names;
    input->name_count = count;
    loop_every(&gateway->loop, &input->timer);
    open_next(input);
}

void json_input_resume(struct json_input *input)
{
    if (!input->is_full)
        return;
    input->is_full = false;
    if (input->is_watched)
        loop_change(&input->lines.gateway->loop, &input->watch, EPOLLIN);
    else
        input->timer.every_us = OFTEN_US;
    input->timer.due_us = 0;
    take(input);
}

void json_input_close(struct json_input *input)
{
    close_file(input);
    text_fini(&input->bytes);
}
