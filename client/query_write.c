#include "client/query_write.h"

#include "proto/json.h"
#include "proto/tocsin_base.h"

int query_write_last(struct out *out, const struct query_last *last, bool is_newest_first)
{
    size_t count = query_last_count(last);
    int error = TOCSIN_OK;
    for (size_t i = 0; i < count && !error; i++) {
        struct span text = query_last_at(last, is_newest_first ? count - 1 - i : i);
        text_put(&out->text, text.data, text.len);
        error = out_done(out);
    }
    return error;
}

static void put_group(struct text *out, struct span value, uint64_t count, bool is_json)
{
    if (is_json) {
        text_put_str(out, "{\"value\":");
        json_write_string(out, value);
        text_printf(out, ",\"count\":%llu}\n", (unsigned long long)count);
        return;
    }
    text_printf(out, "%10llu ", (unsigned long long)count);
    text_put(out, value.data, value.len);
    text_put_char(out, '\n');
}

int query_write_groups(struct out *out, struct query_groups *groups, bool is_json)
{
    struct span value;
    uint64_t count;
    int error = TOCSIN_OK;
    query_groups_sort(groups);
    for (size_t i = 0; !error && query_groups_at(groups, i, &value, &count); i++) {
        put_group(&out->text, value, count, is_json);
        error = out_done(out);
    }
    return error;
}
