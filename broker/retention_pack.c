#include "broker/retention_pack.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/log_name.h"
#include "proto/zst/zst_read.h"
#include "proto/zst/zst_write.h"

struct names {
    char packed[LOG_NAME_MAX];
    char temp[LOG_NAME_MAX + sizeof RETENTION_PACK_TEMP];
};

bool retention_pack_is_temp(const char *name)
{
    char packed[LOG_NAME_MAX], plain[LOG_NAME_MAX];
    size_t len = strlen(name), temp_len = strlen(RETENTION_PACK_TEMP);
    if (len < temp_len || len - temp_len >= sizeof packed || strcmp(name + len - temp_len, RETENTION_PACK_TEMP) != 0)
        return false;
    memcpy(packed, name, len - temp_len);
    packed[len - temp_len] = '\0';
    return log_name_unpacked(plain, packed);
}

/* --- writing --- */

static int put(struct retention_pack *pack, int target, struct span bytes)
{
    int error = disk_write_all_at(pack->disk, target, bytes.data, bytes.len, pack->packed_len);
    if (error == 0)
        pack->packed_len += bytes.len;
    return error;
}

/* All frames of the source, then their table. */
static int write_frames(struct retention_pack *pack, struct zst_writer *writer, int source, int target,
                        uint8_t *content)
{
    struct span packed;
    for (;;) {
        size_t wanted = zst_writer_wants(writer);
        ssize_t len = disk_read_all(pack->disk, source, content, wanted, pack->content_len);
        if (len < 0)
            return (int)len;
        if (len == 0)
            break;
        int error = zst_writer_add(writer, span_of(content, (size_t)len), &packed);
        if (error == 0)
            error = put(pack, target, packed);
        if (error < 0)
            return error;
        pack->content_len += (uint64_t)len;
        if (pack->must_stop(pack->arg))
            return -ECANCELED;
    }
    int error = zst_writer_end(writer, &packed);
    return error < 0 ? error : put(pack, target, packed);
}

static int write_temp(struct retention_pack *pack, int source, const char *temp)
{
    struct zst_writer writer;

    pack->content_len = pack->packed_len = 0;
    int target = pack->disk->open(pack->disk, pack->dir, temp, DISK_REPLACEABLE);
    if (target < 0)
        return target;
    uint8_t *content = malloc(ZST_CONTENT_MAX);
    int error = zst_writer_init(&writer, pack->level);
    if (error == 0)
        error = content == NULL ? -ENOMEM : write_frames(pack, &writer, source, target, content);
    if (error == 0)
        error = pack->disk->sync(pack->disk, target);
    zst_writer_fini(&writer);
    free(content);
    pack->disk->close(pack->disk, target);
    return error;
}

/* --- proving --- */

struct packed_file {
    const struct disk *disk;
    int fd;
};

static ssize_t read_packed(void *arg, void *bytes, size_t len, uint64_t offset)
{
    const struct packed_file *file = arg;
    return disk_read_all(file->disk, file->fd, bytes, len, offset);
}

/* Every frame, unpacked, against the same bytes of the source. */
static int compare_frames(struct retention_pack *pack, int source, const struct zst_source *packed,
                          const struct zst_table *table)
{
    struct zst_unpacker unpacker = {0};
    struct zst_frame frame = {0};
    uint8_t *content = malloc(ZST_FRAME_MAX);
    int error = content == NULL ? -ENOMEM : 0;

    for (size_t i = 0; error == 0 && i < table->count; i++) {
        error = zst_frame_read(&frame, &unpacker, table, packed, i);
        ssize_t len = error < 0 ? 0 : disk_read_all(pack->disk, source, content, frame.len, frame.content_at);
        if (error == 0 && len < 0)
            error = (int)len;
        if (error == 0 && ((size_t)len != frame.len || memcmp(content, frame.bytes, frame.len) != 0))
            error = -EBADMSG;
        if (error == 0 && pack->must_stop(pack->arg))
            error = -ECANCELED;
    }
    free(content);
    zst_frame_fini(&frame);
    zst_unpacker_fini(&unpacker);
    return error;
}

/* 0 when the file holds what the source does, and is on the disk. */
static int prove(struct retention_pack *pack, int source, const char *name)
{
    struct disk_stat plain, stat;
    struct zst_table table = {0};

    struct packed_file file = {pack->disk, pack->disk->open(pack->disk, pack->dir, name, DISK_READ)};
    struct zst_source packed = {read_packed, &file};
    if (file.fd < 0)
        return file.fd;
    int error = pack->disk->stat(pack->disk, source, &plain);
    if (error == 0)
        error = pack->disk->stat(pack->disk, file.fd, &stat);
    if (error == 0)
        error = zst_table_read(&table, &packed, stat.len);
    if (error == 0)
        error = table.len == plain.len ? compare_frames(pack, source, &packed, &table) : -EBADMSG;
    if (error == 0)
        error = pack->disk->sync(pack->disk, file.fd);
    if (error == 0) {
        pack->content_len = plain.len;
        pack->packed_len = stat.len;
        pack->disk->forget(pack->disk, file.fd, 0, stat.len);
    }
    zst_table_fini(&table);
    pack->disk->close(pack->disk, file.fd);
    return error;
}

/* --- all of it --- */

static int make_packed(struct retention_pack *pack, int source, const struct names *names)
{
    int error = write_temp(pack, source, names->temp);
    if (error == 0)
        error = prove(pack, source, names->temp);
    if (error == 0)
        error = pack->disk->rename(pack->disk, pack->dir, names->temp, names->packed);
    if (error < 0)
        pack->disk->unlink(pack->disk, pack->dir, names->temp);
    return error;
}

int retention_pack(struct retention_pack *pack, const char *name)
{
    const struct disk *disk = pack->disk;
    struct disk_stat stat;
    struct names names;

    log_name_packed(names.packed, name);
    snprintf(names.temp, sizeof names.temp, "%s" RETENTION_PACK_TEMP, names.packed);
    int source = disk->open(disk, pack->dir, name, DISK_READ);
    if (source < 0)
        return source;
    int error = disk->stat_name(disk, pack->dir, names.packed, &stat);
    if (error == -ENOENT) {
        error = make_packed(pack, source, &names);
    } else if (error == 0) { /* a crash came between: or is it someone else's? */
        error = prove(pack, source, names.packed);
        error = error == -EBADMSG ? -EEXIST : error;
    }
    if (error == 0)
        disk->forget(disk, source, 0, pack->content_len);
    disk->close(disk, source);
    if (error == 0)
        error = disk->sync_dir(disk, pack->dir);
    if (error == 0)
        error = disk->unlink(disk, pack->dir, name);
    return error < 0 ? error : disk->sync_dir(disk, pack->dir);
}
