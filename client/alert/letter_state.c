/* Letters written down and read again. */
#include <stdlib.h>

#include "client/alert/letter.h"
#include "client/span_text.h"

void letter_save(const struct letter *letter, struct text *out)
{
    wire_write_str(out, span_of_str(letter->key));
    wire_write_uint(out, letter->is_group);
    wire_write_uint(out, letter->others);
    wire_write_uint(out, letter->merged);
    wire_write_uint(out, letter->superseded);
    wire_write_uint(out, letter->repeats);
    labels_save(&letter->labels, out);
    wire_write_array(out, (uint32_t)letter->count);
    for (size_t i = 0; i < letter->count; i++)
        notice_save(&letter->notices[i], out);
}

static bool restore_notices(struct letter *letter, struct wire_reader *reader)
{
    uint32_t count;
    if (!wire_read_array(reader, &count) || count == 0 || count > LETTER_NOTICES_MAX)
        return false;
    letter->notices = calloc(count, sizeof *letter->notices);
    if (!letter->notices)
        return false;
    while (letter->count < count) {
        if (!notice_restore(&letter->notices[letter->count++], reader))
            return false;
    }
    return true;
}

bool letter_restore(struct letter *letter, struct wire_reader *reader)
{
    struct span key;
    uint64_t is_group, others, merged, superseded, repeats;
    *letter = (struct letter){.key = NULL};
    if (!wire_read_str(reader, &key) || memchr(key.data, '\0', key.len) || !wire_read_uint(reader, &is_group) ||
        !wire_read_uint(reader, &others) || !wire_read_uint(reader, &merged) || !wire_read_uint(reader, &superseded) ||
        !wire_read_uint(reader, &repeats))
        return false;
    *letter = (struct letter){.key = span_text(key),
                              .is_group = is_group != 0,
                              .others = others,
                              .merged = merged,
                              .superseded = superseded,
                              .repeats = (unsigned)repeats};
    return letter->key && labels_restore(&letter->labels, reader) && restore_notices(letter, reader);
}
