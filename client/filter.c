/* Filters for one source of one category are found by a binary search, however many there are; the others are looked at
 * one after the other. */
#include "client/filter.h"

#include <stdlib.h>

#include "proto/source_id.h"

struct filter {
    enum tocsin_filter_kind kind;
    bool has_category;
    uint8_t category_len;
    uint8_t source_id_len;
    char category[TOCSIN_CATEGORY_MAX];
    char source_id[TOCSIN_SOURCE_ID_MAX];
};

struct filter_set {
    size_t count;
    size_t exact_count;
    const struct filter **order; /* those for one source of one category, sorted, and the others behind them */
    struct filter filters[];
};

static bool is_category(const char *text, size_t len)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    return len > 0 && len <= TOCSIN_CATEGORY_MAX && strspn(text, allowed) == len;
}

static bool copy_filter(struct filter *to, const struct tocsin_filter *from)
{
    *to = (struct filter){.kind = from->kind};
    if (from->kind == TOCSIN_FILTER_EVERYTHING)
        return true;
    if (from->kind > TOCSIN_FILTER_PREFIX || (from->kind == TOCSIN_FILTER_CATEGORY && !from->category))
        return false;
    if (from->category) {
        size_t len = strlen(from->category);
        if (!is_category(from->category, len))
            return false;
        memcpy(to->category, from->category, len);
        to->category_len = (uint8_t)len;
        to->has_category = true;
    }
    if (from->kind == TOCSIN_FILTER_CATEGORY)
        return true;
    size_t len = from->source_id ? strlen(from->source_id) : 0;
    if (!from->source_id || len > TOCSIN_SOURCE_ID_MAX || (len == 0 && from->kind != TOCSIN_FILTER_PREFIX))
        return false;
    memcpy(to->source_id, from->source_id, len);
    to->source_id_len = (uint8_t)len;
    return true;
}

static int compare_spans(struct span left, struct span right)
{
    size_t common = left.len < right.len ? left.len : right.len;
    int order = common > 0 ? memcmp(left.data, right.data, common) : 0;
    return order != 0 ? order : (left.len > right.len) - (left.len < right.len);
}

static int compare_to(const struct filter *filter, struct span category, struct span source_id)
{
    int order = compare_spans(span_of(filter->category, filter->category_len), category);
    return order != 0 ? order : compare_spans(span_of(filter->source_id, filter->source_id_len), source_id);
}

static int compare_exact(const void *a, const void *b)
{
    const struct filter *const *left = a, *const *right = b;
    return compare_to(*left, span_of((*right)->category, (*right)->category_len),
                      span_of((*right)->source_id, (*right)->source_id_len));
}

static void put_in_order(struct filter_set *set)
{
    size_t others = set->count;
    for (size_t i = 0; i < set->count; i++) {
        const struct filter *filter = &set->filters[i];
        if (filter->kind == TOCSIN_FILTER_SOURCE && filter->has_category)
            set->order[set->exact_count++] = filter;
        else
            set->order[--others] = filter;
    }
    qsort(set->order, set->exact_count, sizeof(const struct filter *), compare_exact);
}

int filter_set_new(struct filter_set **set, const struct tocsin_filter *filters, size_t count)
{
    *set = NULL;
    if (count > SIZE_MAX / sizeof(struct filter) / 2)
        return TOCSIN_E_INVALID;
    struct filter_set *made = malloc(sizeof *made + count * sizeof *made->filters);
    if (!made)
        return TOCSIN_E_NOMEM;
    *made = (struct filter_set){.count = count, .order = malloc((count + 1) * sizeof(const struct filter *))};
    int error = made->order ? TOCSIN_OK : TOCSIN_E_NOMEM;
    for (size_t i = 0; !error && i < count; i++)
        error = copy_filter(&made->filters[i], &filters[i]) ? TOCSIN_OK : TOCSIN_E_INVALID;
    if (error) {
        filter_set_free(&made);
        return error;
    }
    put_in_order(made);
    *set = made;
    return TOCSIN_OK;
}

void filter_set_free(struct filter_set **set)
{
    if (*set)
        free((*set)->order);
    free(*set);
    *set = NULL;
}

static bool begins_with(struct span text, struct span prefix)
{
    return text.len >= prefix.len && (prefix.len == 0 || memcmp(text.data, prefix.data, prefix.len) == 0);
}

/* SOURCE itself, SOURCE/… below it, and #SOURCE#… for the applications of a virtual host. */
static bool is_in_subtree(struct span root, struct span source_id)
{
    if (begins_with(source_id, root) && (source_id.len == root.len || source_id.data[root.len] == '/'))
        return true;
    if (source_id_split(root).kind != SOURCE_ID_NAME || source_id.len < root.len + 2)
        return false;
    return source_id.data[0] == '#' && memcmp(source_id.data + 1, root.data, root.len) == 0 &&
           source_id.data[root.len + 1] == '#';
}

static bool filter_takes(const struct filter *filter, struct span category, struct span source_id)
{
    if (filter->has_category && !span_equals(category, span_of(filter->category, filter->category_len)))
        return false;
    struct span wanted = span_of(filter->source_id, filter->source_id_len);
    switch (filter->kind) {
    case TOCSIN_FILTER_SOURCE:
        return span_equals(source_id, wanted);
    case TOCSIN_FILTER_SUBTREE:
        return is_in_subtree(wanted, source_id);
    case TOCSIN_FILTER_PREFIX:
        return begins_with(source_id, wanted);
    default:
        return true;
    }
}

static bool has_exactly(const struct filter_set *set, struct span category, struct span source_id)
{
    size_t low = 0, high = set->exact_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_to(set->order[middle], category, source_id);
        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

bool filter_set_contains(const struct filter_set *set, struct span topic)
{
    const uint8_t *slash = memchr(topic.data, '/', topic.len);
    if (!slash)
        return false;
    size_t category_len = (size_t)(slash - topic.data);
    struct span category = span_of(topic.data, category_len);
    struct span source_id = span_of(slash + 1, topic.len - category_len - 1);
    if (has_exactly(set, category, source_id))
        return true;
    for (size_t i = set->exact_count; i < set->count; i++) {
        if (filter_takes(set->order[i], category, source_id))
            return true;
    }
    return false;
}

bool filter_set_needs_everything(const struct filter_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        if (!set->filters[i].has_category)
            return true;
    }
    return false;
}

bool filter_set_has_one_prefix(const struct filter_set *set)
{
    bool is_one = set->count == 1 && set->filters[0].kind != TOCSIN_FILTER_SUBTREE;
    return is_one || filter_set_needs_everything(set);
}

bool filter_set_is_everything(const struct filter_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        if (set->filters[i].kind == TOCSIN_FILTER_EVERYTHING)
            return true;
    }
    return false;
}

/* Appends category "/" before source after; returns the length. */
static size_t put_prefix(struct text *out, const struct filter *filter, const char *before, const char *after,
                         size_t after_len)
{
    size_t start = out->len;
    text_put(out, filter->category, filter->category_len);
    text_put_char(out, '/');
    text_put_str(out, before);
    text_put(out, filter->source_id, filter->source_id_len);
    text_put(out, after, after_len);
    return out->len - start;
}

size_t filter_set_prefixes(const struct filter_set *set, size_t index, struct text *out,
                           size_t lens[FILTER_PREFIXES_MAX])
{
    const struct filter *filter = &set->filters[index];
    size_t count = 0;
    switch (filter->kind) {
    case TOCSIN_FILTER_SOURCE:
        lens[count++] = put_prefix(out, filter, "", "\0", 1);
        break;
    case TOCSIN_FILTER_SUBTREE:
        lens[count++] = put_prefix(out, filter, "", "\0", 1);
        lens[count++] = put_prefix(out, filter, "", "/", 1);
        if (source_id_split(span_of(filter->source_id, filter->source_id_len)).kind == SOURCE_ID_NAME)
            lens[count++] = put_prefix(out, filter, "#", "#", 1);
        break;
    default:
        lens[count++] = put_prefix(out, filter, "", "", 0);
        break;
    }
    return count;
}

size_t filter_set_count(const struct filter_set *set)
{
    return set->count;
}
