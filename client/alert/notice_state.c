/* Notices copied, written down and read again. */
#include <stdlib.h>

#include "client/alert/notice.h"
#include "proto/wire.h"

bool labels_copy(struct labels *to, const struct labels *from)
{
    for (size_t i = 0; i < from->count; i++) {
        if (!labels_set(to, span_of_str(from->items[i].name), span_of_str(from->items[i].value)))
            return false;
    }
    return true;
}

bool notice_copy(struct notice *to, const struct notice *from)
{
    *to = *from;
    to->labels = to->annotations = (struct labels){0};
    return labels_copy(&to->labels, &from->labels) && labels_copy(&to->annotations, &from->annotations);
}

void labels_save(const struct labels *labels, struct text *out)
{
    wire_write_map(out, (uint32_t)labels->count);
    for (size_t i = 0; i < labels->count; i++) {
        wire_write_str(out, span_of_str(labels->items[i].name));
        wire_write_str(out, span_of_str(labels->items[i].value));
    }
}

void notice_save(const struct notice *notice, struct text *out)
{
    wire_write_uint(out, notice->is_firing);
    wire_write_uint(out, (uint64_t)notice->level);
    wire_write_uint(out, notice->starts_us);
    wire_write_uint(out, notice->ends_us);
    wire_write_str(out, span_of_str(notice->fingerprint));
    labels_save(&notice->labels, out);
    labels_save(&notice->annotations, out);
}

bool labels_restore(struct labels *labels, struct wire_reader *reader)
{
    uint32_t count;
    struct span name, value;
    if (!wire_read_map(reader, &count))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        if (!wire_read_str(reader, &name) || !wire_read_str(reader, &value) || memchr(name.data, '\0', name.len) ||
            memchr(value.data, '\0', value.len) || !labels_set(labels, name, value))
            return false;
    }
    return true;
}

bool notice_restore(struct notice *notice, struct wire_reader *reader)
{
    uint64_t is_firing, level;
    struct span fingerprint;
    *notice = (struct notice){.is_firing = false};
    if (!wire_read_uint(reader, &is_firing) || !wire_read_uint(reader, &level) || level > TOCSIN_LEVEL_ERROR ||
        !wire_read_uint(reader, &notice->starts_us) || !wire_read_uint(reader, &notice->ends_us) ||
        !wire_read_str(reader, &fingerprint) || fingerprint.len != NOTICE_FINGERPRINT_LEN)
        return false;
    notice->is_firing = is_firing != 0;
    notice->level = (enum tocsin_level)level;
    memcpy(notice->fingerprint, fingerprint.data, NOTICE_FINGERPRINT_LEN);
    return labels_restore(&notice->labels, reader) && labels_restore(&notice->annotations, reader) &&
           notice_label(notice, "alertname");
}
