/* Preloaded into a broker under test: moves its wall clock, kills it at a chosen call on the log's files, lets a
 * chosen fdatasync or all writes fail, or lets all fdatasyncs lie. Steered by a small file that the test maps too
 * (support_faults.py); its path is in TOCSIN_TEST_CONTROL. Where there can be no such file, TOCSIN_TEST_SYNC_LIE
 * alone is heeded. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

struct control {
    _Atomic int64_t clock_offset_us;
    _Atomic int64_t kill_at;       /* die at this call, counted from 1; 0: never */
    _Atomic int64_t calls;         /* calls since the test set this to 0 */
    _Atomic int64_t after;         /* 1: die when the call has been done, not before it */
    _Atomic int64_t sync_error;    /* errno of the fdatasync that fails */
    _Atomic int64_t sync_fails_at; /* which one, counted from 1; 0: none */
    _Atomic int64_t syncs;         /* since the test set this to 0 */
    _Atomic int64_t failed_inode;  /* of the file whose fdatasync failed */
    _Atomic int64_t syncs_after;   /* of that file, after it */
    _Atomic int64_t sync_lie;      /* enum sync_lie */
    _Atomic int64_t write_error;   /* errno of every write; 0: they succeed */
    _Atomic int64_t synced_bytes;  /* length of events.log when it was last truly synced */
};

enum sync_lie {
    SYNC_LIE_NONE,
    SYNC_LIE_NOTHING, /* it says that all is well and does nothing */
    SYNC_LIE_LATE,    /* it says so at once and does it later, as a broker that acknowledges before the sync */
};

#define LATE_US 1000000

static struct control none;
static struct control *control = &none;

__attribute__((constructor)) static void map_control(void)
{
    const char *path = getenv("TOCSIN_TEST_CONTROL");
    const char *lie = getenv("TOCSIN_TEST_SYNC_LIE");
    if (lie)
        atomic_store(&none.sync_lie, strtol(lie, NULL, 10));
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    void *map = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (map != MAP_FAILED)
        control = map;
}

#define NEXT(name) ((__typeof__(&name))(uintptr_t)dlsym(RTLD_NEXT, #name))

/* True when this is the call to die at. */
static int is_last_call(void)
{
    int64_t kill_at = atomic_load(&control->kill_at);
    return kill_at > 0 && atomic_fetch_add(&control->calls, 1) + 1 == kill_at;
}

static void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

#define STEP(type, call)                                                                                               \
    int is_last = is_last_call();                                                                                      \
    if (is_last && !atomic_load(&control->after))                                                                      \
        die();                                                                                                         \
    type result = (call);                                                                                              \
    if (is_last)                                                                                                       \
        die();                                                                                                         \
    return result

/* True, with errno, when this fdatasync is the one to fail; it does nothing then. */
static int is_sync_to_fail(int fd)
{
    struct stat file;
    if (fstat(fd, &file) != 0)
        return 0;
    if (atomic_load(&control->failed_inode) == (int64_t)file.st_ino)
        atomic_fetch_add(&control->syncs_after, 1);
    int64_t count = atomic_fetch_add(&control->syncs, 1) + 1;
    if (count != atomic_load(&control->sync_fails_at))
        return 0;
    atomic_store(&control->failed_inode, (int64_t)file.st_ino);
    errno = (int)atomic_load(&control->sync_error);
    return 1;
}

static int is_current_file(int fd)
{
    char self[64], target[4096];
    snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(self, target, sizeof target - 1);
    if (len < 0)
        return 0;
    target[len] = '\0';
    const char *name = strrchr(target, '/');
    return name && strcmp(name, "/events.log") == 0;
}

/* What was there before the call is on the disk after it. */
static int true_fdatasync(int fd)
{
    struct stat file;
    int is_current = control != &none && is_current_file(fd) && fstat(fd, &file) == 0;
    int result = NEXT(fdatasync)(fd);
    if (result == 0 && is_current)
        atomic_store(&control->synced_bytes, file.st_size);
    return result;
}

static void *sync_late(void *arg)
{
    int fd = (int)(intptr_t)arg;
    usleep(LATE_US);
    true_fdatasync(fd);
    close(fd);
    return NULL;
}

/* One of those that are late at a time; the last of a burst may thus stay undone, and is missed all the same. */
static int lie(int fd)
{
    static _Atomic int64_t last_us;
    struct timespec now;
    pthread_t thread;
    if (atomic_load(&control->sync_lie) == SYNC_LIE_NOTHING)
        return 0;
    NEXT(clock_gettime)(CLOCK_MONOTONIC, &now);
    int64_t now_us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
    if (now_us - atomic_load(&last_us) < LATE_US)
        return 0;
    atomic_store(&last_us, now_us);
    if (pthread_create(&thread, NULL, sync_late, (void *)(intptr_t)fcntl(fd, F_DUPFD_CLOEXEC, 0)) == 0)
        pthread_detach(thread);
    return 0;
}

int fdatasync(int fd)
{
    if (is_sync_to_fail(fd))
        return -1;
    if (atomic_load(&control->sync_lie) != SYNC_LIE_NONE)
        return lie(fd);
    STEP(int, true_fdatasync(fd));
}

int fsync(int fd)
{
    if (atomic_load(&control->sync_lie) == SYNC_LIE_NOTHING)
        return 0;
    STEP(int, NEXT(fsync)(fd));
}

int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
    STEP(int, NEXT(renameat)(from_dir, from, to_dir, to));
}

int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
    STEP(int, NEXT(renameat2)(from_dir, from, to_dir, to, flags));
}

int openat(int dir, const char *name, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
    va_end(args);
    if (!(flags & O_CREAT))
        return NEXT(openat)(dir, name, flags, mode);
    STEP(int, NEXT(openat)(dir, name, flags, mode));
}

ssize_t write(int fd, const void *bytes, size_t len)
{
    /* lines of the log and other files; not the wake-ups between threads, nor stderr */
    if (len <= 8 || fd == STDERR_FILENO)
        return NEXT(write)(fd, bytes, len);
    int error = (int)atomic_load(&control->write_error);
    if (error != 0) {
        errno = error;
        return -1;
    }
    STEP(ssize_t, NEXT(write)(fd, bytes, len));
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int result = NEXT(clock_gettime)(clock, now);
    if (clock != CLOCK_REALTIME)
        return result;
    int64_t us = (int64_t)now->tv_sec * 1000000 + now->tv_nsec / 1000 + atomic_load(&control->clock_offset_us);
    now->tv_sec = us / 1000000;
    now->tv_nsec = us % 1000000 * 1000;
    return result;
}
