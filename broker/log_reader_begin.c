/* Where to begin reading. */
#include <errno.h>

#include "broker/log_reader_inner.h"

int log_reader_first(struct log_reader *reader, uint64_t *seq)
{
    int error = log_reader_refresh(reader);
    *seq = error == 0 && reader->files.count > 0 ? reader->files.items[0].first_seq : 0;
    return error;
}

/* As log_reader_at_time, in the directory as it was looked through last. */
static int find_time(struct log_reader *reader, uint64_t received_us, uint64_t *seq)
{
    struct log_seek_place place;
    struct log_files *files = &reader->files;
    struct log_files_entry *entry = log_files_before(files, received_us);

    int result = entry == NULL ? 0 : log_reader_seek(reader, entry, LOG_SEEK_RECEIVED, received_us, &place);
    const struct log_files_entry *next = log_files_next(files, entry);
    *seq = result == 1 ? place.seq : next != NULL ? next->first_seq : UINT64_MAX;
    return result < 0 ? result : 0;
}

int log_reader_at_time(struct log_reader *reader, uint64_t received_us, uint64_t *seq)
{
    int result = -ENOENT;
    for (unsigned i = 0; i < LOG_READER_ATTEMPTS && result == -ENOENT; i++) {
        result = log_reader_refresh(reader);
        if (result == 0)
            result = find_time(reader, received_us, seq);
    }
    return result;
}
