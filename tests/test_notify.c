#include "broker/notify.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

/* What systemd does: a datagram socket at a path, or at @NAME. */
static int listen_at(const char *address)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    const size_t len = strlen(address);
    assert_true(len < sizeof at.sun_path);
    memcpy(at.sun_path, address, len);
    if (address[0] == '@')
        at.sun_path[0] = '\0';
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_true(fd >= 0);
    const socklen_t at_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    assert_int_equal(bind(fd, (const struct sockaddr *)&at, at_len), 0);
    return fd;
}

static void assert_told(const char *address)
{
    const int fd = listen_at(address);
    assert_int_equal(notify_send(address, "READY=1"), 0);
    char said[64];
    assert_int_equal(recv(fd, said, sizeof said, 0), 7);
    assert_memory_equal(said, "READY=1", 7);
    assert_true(recv(fd, said, sizeof said, 0) < 0 && errno == EAGAIN);
    close(fd);
}

static void the_state_comes_as_one_datagram_to_a_path(void **state)
{
    (void)state;
    char dir[] = "/tmp/tocsin-notify-XXXXXX";
    char path[64];
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/socket", dir);
    assert_told(path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(notify_send(path, "READY=1"), -ENOENT);
    assert_int_equal(rmdir(dir), 0);
}

static void the_state_comes_to_a_name_in_the_abstract_space(void **state)
{
    (void)state;
    char name[64];
    snprintf(name, sizeof name, "@tocsin-notify-%d", (int)getpid());
    assert_told(name);
    assert_int_equal(notify_send(name, "READY=1"), -ECONNREFUSED);
}

static void where_nobody_asked_nothing_is_sent(void **state)
{
    (void)state;
    assert_int_equal(notify_send(NULL, "READY=1"), 0);
    assert_int_equal(notify_send("", "READY=1"), 0);
}

static void an_address_that_is_none_is_refused(void **state)
{
    (void)state;
    char longest[sizeof((struct sockaddr_un){0}.sun_path) + 2];
    memset(longest, 'x', sizeof longest);
    longest[0] = '/';
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(notify_send(longest, "READY=1"), -EINVAL);
    assert_int_equal(notify_send("@", "READY=1"), -EINVAL);
    assert_int_equal(notify_send("relative", "READY=1"), -EINVAL);
    assert_int_equal(notify_send("vsock:2:1234", "READY=1"), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_state_comes_as_one_datagram_to_a_path),
        cmocka_unit_test(the_state_comes_to_a_name_in_the_abstract_space),
        cmocka_unit_test(where_nobody_asked_nothing_is_sent),
        cmocka_unit_test(an_address_that_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
