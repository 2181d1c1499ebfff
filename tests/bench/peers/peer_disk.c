/* The ceiling: producers whose events are written to one file and synced by fdatasync, and nothing else done. Who comes
 * while a sync runs is in the next one, with all who came meanwhile: a group commit. */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "proto/text.h"
#include "tests/bench/peers/peer.h"

struct disk {
    struct server server; /* its directory only */
    int fd;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct text waiting; /* what the next sync writes */
    struct text writing;
    uint64_t group;  /* that is being collected */
    uint64_t synced; /* all up to this one are on the disk */
    bool is_syncing;
};

struct producer {
    struct disk *disk;
    struct text events;
};

static void *start(const struct peer *peer)
{
    (void)peer;
    char path[160];
    struct disk *disk = peer_new(sizeof *disk);
    server_prepare(&disk->server);
    snprintf(path, sizeof path, "%s/file", disk->server.dir);
    disk->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    peer_check(disk->fd >= 0, "disk", "file");
    pthread_mutex_init(&disk->lock, NULL);
    pthread_cond_init(&disk->changed, NULL);
    text_init(&disk->waiting);
    text_init(&disk->writing);
    disk->group = 1;
    return disk;
}

static void *open_producer(void *started)
{
    struct producer *producer = peer_new(sizeof *producer);
    producer->disk = started;
    text_init(&producer->events);
    return producer;
}

static void publish(void *handle, const struct peer_event *event)
{
    text_put(&((struct producer *)handle)->events, event->data, event->len);
}

/* For all who wait; the lock is held, but not during the sync. */
static void sync_group(struct disk *disk)
{
    struct text group = disk->waiting;
    uint64_t number = disk->group++;
    disk->waiting = disk->writing;
    disk->writing = group;
    text_clear(&disk->waiting);
    disk->is_syncing = true;
    pthread_mutex_unlock(&disk->lock);
    bool is_well = write(disk->fd, group.data, group.len) == (ssize_t)group.len && fdatasync(disk->fd) == 0;
    peer_check(is_well, "disk", "write and sync");
    pthread_mutex_lock(&disk->lock);
    disk->is_syncing = false;
    disk->synced = number;
    pthread_cond_broadcast(&disk->changed);
}

static void flush(void *handle)
{
    struct producer *producer = handle;
    struct disk *disk = producer->disk;
    pthread_mutex_lock(&disk->lock);
    text_put(&disk->waiting, producer->events.data, producer->events.len);
    peer_check(!disk->waiting.failed, "disk", "out of memory");
    for (uint64_t group = disk->group; disk->synced < group;) {
        if (disk->is_syncing)
            pthread_cond_wait(&disk->changed, &disk->lock);
        else
            sync_group(disk);
    }
    pthread_mutex_unlock(&disk->lock);
    text_clear(&producer->events);
}

static void close_producer(void *handle)
{
    struct producer *producer = handle;
    text_fini(&producer->events);
    free(producer);
}

static void stop(void *started)
{
    struct disk *disk = started;
    close(disk->fd);
    server_remove(&disk->server);
    pthread_mutex_destroy(&disk->lock);
    pthread_cond_destroy(&disk->changed);
    text_fini(&disk->waiting);
    text_fini(&disk->writing);
    free(disk);
}

static const struct peer_way way = {.start = start,
                                    .open_producer = open_producer,
                                    .publish = publish,
                                    .flush = flush,
                                    .close_producer = close_producer,
                                    .stop = stop};

const struct peer peer_disk = {.name = "the disk", .how = "write, fdatasync, no more", .way = &way};
