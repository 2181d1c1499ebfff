/* tocsind: settings, signals, and the order of things. Signals are blocked before any thread starts and waited for
 * here, beside the broker's own failure. */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/broker.h"
#include "broker/log.h"
#include "broker/notify.h"
#include "broker/security.h"
#include "proto/error.h"

/* What the allocator may hold at the end of each of its heaps, and what is so large that it lies outside of them: a put of
 * the library and a batch of a stream session (256 KiB) do not. */
#define TRIM_THRESHOLD (4 << 20)
#define MMAP_THRESHOLD (512 << 10)

static void print(FILE *file, const struct text *text)
{
    fwrite(text->data, 1, text->len, file);
}

/* What was asked for, on standard output. */
static enum exit_code tell(const struct text *text)
{
    bool is_written = fwrite(text->data, 1, text->len, stdout) == text->len && fflush(stdout) == 0;
    if (is_written && !text->failed)
        return EXIT_CODE_OK;
    fprintf(stderr, "tocsind: standard output: %s\n", text->failed ? "out of memory" : strerror(errno));
    return EXIT_CODE_FAILED;
}

/* Connections are file descriptors; a listener that has none left spins. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* A descriptor that delivers the signals, which reach no thread any more; -1 when there is none. */
static int catch_signals(void)
{
    /* a full disk and a lost peer are answers of calls, not signals */
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return -1;
    return signalfd(-1, &set, SFD_CLOEXEC);
}

static bool write_file(const char *path, const struct text *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0)
        return false;
    ssize_t written = write(fd, text->data, text->len);
    return close(fd) == 0 && written == (ssize_t)text->len;
}

/* Complete or not there: whoever waits for the file may read it at once. */
static void write_ports_file(const struct broker *broker, const char *path)
{
    struct text ports;
    struct text temporary;
    text_init(&ports);
    text_init(&temporary);
    broker_write_ports(broker, &ports);
    text_printf(&temporary, "%s.new", path);
    text_put_char(&temporary, '\0');
    if (ports.failed || temporary.failed || !write_file(temporary.data, &ports) || rename(temporary.data, path) != 0)
        log_error("cannot write the ports file %s: %s", path, strerror(errno));
    text_fini(&ports);
    text_fini(&temporary);
}

/* For systemd, where it is what has started us. */
static void notify(const char *state)
{
    const char *address = getenv("NOTIFY_SOCKET");
    const int error = notify_send(address, state);
    if (error)
        log_warning("cannot tell %s at NOTIFY_SOCKET=%s: %s", state, address, strerror(-error));
}

/* Until a signal asks to stop or the broker has failed; returns why. At SIGHUP, and when a client asks for it, the
 * access file is read again. */
static const char *wait_for_end(struct broker *broker, int signal_fd)
{
    struct pollfd fds[] = {{.fd = signal_fd, .events = POLLIN},
                           {.fd = broker_failure_fd(broker), .events = POLLIN},
                           {.fd = broker_reload_fd(broker), .events = POLLIN}};
    for (;;) {
        if (poll(fds, 3, -1) < 0 && errno != EINTR)
            return "poll failed";
        if (fds[1].revents)
            return "the disk failed";
        if (fds[2].revents)
            broker_reload(broker);
        struct signalfd_siginfo info;
        if (!fds[0].revents || read(signal_fd, &info, sizeof info) != (ssize_t)sizeof info)
            continue;
        if (info.ssi_signo == SIGTERM)
            return "SIGTERM";
        if (info.ssi_signo == SIGINT)
            return "SIGINT";
        broker_reload(broker);
    }
}

static enum exit_code serve(const struct settings *settings, int signal_fd, struct text *message)
{
    enum exit_code code;
    struct broker *broker = broker_start(settings, &code, message);
    if (!broker) {
        log_error("%.*s", LOG_SPAN(text_span(message)));
        return code;
    }
    struct text ports;
    text_init(&ports);
    broker_write_ports(broker, &ports);
    for (char *at = ports.data; at && at < ports.data + ports.len; at++) {
        if (*at == '\n')
            *at = ' ';
    }
    log_info("%s %s is ready: %.*slog=%s", settings->name, TOCSIN_VERSION, LOG_SPAN(text_span(&ports)),
             settings->log_dir);
    text_fini(&ports);
    if (settings->ports_file)
        write_ports_file(broker, settings->ports_file);
    notify("READY=1");
    const char *reason = wait_for_end(broker, signal_fd);
    notify("STOPPING=1");
    log_info("stopping: %s", reason);
    code = broker_stop(&broker, reason);
    if (settings->ports_file)
        unlink(settings->ports_file);
    if (code == EXIT_CODE_OK)
        log_info("stopped");
    return code;
}

/* Frames are allocated by one thread and freed by another, some megabytes at a time. By itself the allocator gives such
 * memory back to the system each time, and takes it again page by page: a tenth of all processor time. What is left after a
 * burst is given back by the journal. Who sets one of the two has to set the other: it no longer follows what is freed. */
static void tune_allocator(void)
{
    mallopt(M_TRIM_THRESHOLD, TRIM_THRESHOLD);
    mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD);
}

static enum exit_code run(const struct settings *settings, struct text *message)
{
    log_init(settings->log_level, getenv("JOURNAL_STREAM"));
    if (settings->log_dir == NULL || sodium_init() < 0)
        return EXIT_CODE_FAILED;
    umask(0027);
    tune_allocator();
    raise_descriptor_limit();
    int signal_fd = catch_signals();
    if (signal_fd < 0) {
        log_error("cannot wait for signals: %s", strerror(errno));
        return EXIT_CODE_FAILED;
    }
    enum exit_code code = serve(settings, signal_fd, message);
    close(signal_fd);
    return code;
}

static enum exit_code check(const struct settings *settings, struct text *message)
{
    if (sodium_init() < 0)
        return EXIT_CODE_FAILED;
    if (security_check(settings, message) == TOCSIN_OK) {
        text_put_str(message, "The configuration is sound.\n");
        return tell(message);
    }
    fputs("tocsind: ", stderr);
    print(stderr, message);
    fputc('\n', stderr);
    return EXIT_CODE_USAGE;
}

/* The journal has levels, and the hint helps nobody there. */
static void refuse(const struct text *message)
{
    if (log_is_for_journal()) {
        log_error("%.*s", LOG_SPAN(text_span(message)));
        return;
    }
    fputs("tocsind: ", stderr);
    print(stderr, message);
    fputs("\nTry tocsind --help.\n", stderr);
}

static enum exit_code act(const struct settings *settings, enum settings_action action, struct text *message)
{
    switch (action) {
    case SETTINGS_CHECK:
        return check(settings, message);
    case SETTINGS_PRINT:
        settings_write_yaml(settings, message);
        return tell(message);
    case SETTINGS_HELP:
        settings_write_help(message);
        return tell(message);
    case SETTINGS_VERSION:
        text_put_str(message, "tocsind " TOCSIN_VERSION "\n");
        return tell(message);
    default:
        return run(settings, message);
    }
}

/* A standard descriptor that we were started without would go to the next file, and what is said on standard error into
 * the log. What stands in for it fails when it is read or written, as a closed one does. */
static void hold_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
            return;
    }
}

int main(int argc, char **argv)
{
    (void)argc;
    hold_standard_descriptors();
    struct settings settings;
    struct text message;
    text_init(&message);
    log_init(LOG_LEVEL_INFO, getenv("JOURNAL_STREAM"));
    enum settings_action action = SETTINGS_RUN;
    int result = settings_init(&settings);
    if (result == TOCSIN_OK)
        result = settings_load(&settings, argv, environ, &action, &message);
    enum exit_code code;
    if (result != TOCSIN_OK) {
        if (message.len == 0)
            text_put_str(&message, error_text(result));
        refuse(&message);
        code = result == TOCSIN_E_NOMEM ? EXIT_CODE_FAILED : EXIT_CODE_USAGE;
    } else {
        code = act(&settings, action, &message);
    }
    settings_fini(&settings);
    text_fini(&message);
    return (int)code;
}
