#include "broker/log_index.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "broker/log_name.h"

#define MAGIC     "tocsin-index-1\n" /* with its zero */
#define NUMBERS   3u
#define LOG_ID_AT sizeof MAGIC
#define FIRST_AT  (LOG_ID_AT + LOG_ID_LEN)

_Static_assert(FIRST_AT + 2 * sizeof(uint64_t) == LOG_INDEX_HEAD_LEN, "the head has no gap");
_Static_assert(LOG_INDEX_KEY_LEN == crypto_shorthash_KEYBYTES, "the key is one of SipHash");

static void put_u64(uint8_t *out, uint64_t value)
{
    for (unsigned i = 0; i < sizeof value; i++)
        out[i] = (uint8_t)(value >> 8 * i);
}

static uint64_t take_u64(const uint8_t *from)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < sizeof value; i++)
        value |= (uint64_t)from[i] << 8 * i;
    return value;
}

void log_index_form_init(struct log_index_form *form, const char *log_id, uint64_t first_seq)
{
    memset(form->head, 0, sizeof form->head);
    memcpy(form->head, MAGIC, sizeof MAGIC);
    memcpy(form->head + LOG_ID_AT, log_id, LOG_ID_LEN);
    put_u64(form->head + FIRST_AT, first_seq);
    crypto_generichash(form->key, sizeof form->key, form->head, sizeof form->head, NULL, 0);
}

/* The check of the numbers at the beginning of an entry. */
static void write_check(const struct log_index_form *form, uint8_t out[crypto_shorthash_BYTES], const uint8_t *numbers,
                        uint64_t at)
{
    uint8_t checked[(NUMBERS + 1) * sizeof at];
    memcpy(checked, numbers, NUMBERS * sizeof at);
    put_u64(checked + NUMBERS * sizeof at, at);
    crypto_shorthash(out, checked, sizeof checked, form->key);
}

void log_index_form_put(const struct log_index_form *form, uint8_t *out, uint64_t at,
                        const struct log_seek_place *entry)
{
    put_u64(out, entry->offset);
    put_u64(out + 8, entry->seq);
    put_u64(out + 16, entry->received_us);
    write_check(form, out + 24, out, at);
}

int log_index_open(struct log_index *index, const struct disk *disk, int dir, const char *log_name,
                   const struct log_index_form *form)
{
    char name[LOG_NAME_MAX];
    uint8_t head[LOG_INDEX_HEAD_LEN];
    struct disk_stat stat;

    log_name_index(name, log_name);
    *index = (struct log_index){.disk = disk, .fd = disk->open(disk, dir, name, DISK_READ), .form = *form};
    if (index->fd < 0)
        return index->fd;
    int error = disk->stat(disk, index->fd, &stat);
    ssize_t len = error < 0 ? error : disk_read_all(disk, index->fd, head, sizeof head, 0);
    if (len == (ssize_t)sizeof head && memcmp(head, form->head, sizeof head) == 0) {
        index->count = (stat.len - sizeof head) / LOG_INDEX_ENTRY_LEN;
        return 0;
    }
    log_index_close(index);
    return len < 0 ? (int)len : -EBADMSG;
}

void log_index_close(struct log_index *index)
{
    if (index->fd >= 0)
        index->disk->close(index->disk, index->fd);
    index->fd = -1;
}

int log_index_read(const struct log_index *index, uint64_t at, struct log_seek_place *entry)
{
    uint8_t bytes[LOG_INDEX_ENTRY_LEN], check[crypto_shorthash_BYTES];
    ssize_t len =
        disk_read_all(index->disk, index->fd, bytes, sizeof bytes, LOG_INDEX_HEAD_LEN + at * LOG_INDEX_ENTRY_LEN);
    if (len < 0)
        return (int)len;
    write_check(&index->form, check, bytes, at);
    if ((size_t)len < sizeof bytes || memcmp(check, bytes + 24, sizeof check) != 0)
        return -EBADMSG;
    *entry = (struct log_seek_place){take_u64(bytes), take_u64(bytes + 8), take_u64(bytes + 16)};
    return 0;
}

int log_index_find(const struct log_index *index, enum log_seek_key key, uint64_t wanted, struct log_seek_hint *hint)
{
    struct log_seek_hint found = {0};
    struct log_seek_place entry;
    uint64_t low = 0, high = index->count;

    *hint = found;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        int error = log_index_read(index, middle, &entry);
        if (error < 0)
            return error;
        if ((key == LOG_SEEK_SEQ ? entry.seq : entry.received_us) < wanted) {
            found.before = entry;
            low = middle + 1;
        } else {
            found.behind_offset = entry.offset;
            high = middle;
        }
    }
    *hint = found;
    return 0;
}
