#include "tests/fault/fault_model.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "proto/checkpoint.h"

#define UNPACKED_MAX (1u << 20)

static char names[MODEL_NAMES_MAX][256]; /* of topics and producers; the program makes only a few */
static unsigned name_count;

bool verdict_fail(struct verdict *verdict, const char *format, ...)
{
    va_list args;
    if (verdict_is_red(verdict))
        return false;
    va_start(args, format);
    vsnprintf(verdict->why, sizeof verdict->why, format, args);
    va_end(args);
    return false;
}

static unsigned name_of(struct span a, const char *between, struct span b)
{
    char name[256];
    snprintf(name, sizeof name, "%.*s%s%.*s", (int)a.len, (const char *)a.data, between, (int)b.len,
             (const char *)b.data);
    for (unsigned i = 0; i < name_count; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    if (name_count == MODEL_NAMES_MAX)
        abort();
    snprintf(names[name_count], sizeof names[0], "%s", name);
    return name_count++;
}

void model_clear(struct model *model)
{
    struct sim_bytes bytes = model->bytes;
    *model = (struct model){.bytes = bytes};
    model->bytes.len = 0;
}

void model_fini(struct model *model)
{
    free(model->bytes.data);
    model->bytes = (struct sim_bytes){0};
}

void model_copy(struct model *to, const struct model *from)
{
    struct sim_bytes bytes = to->bytes;
    sim_bytes_copy(&bytes, &from->bytes);
    memcpy(to->lines, from->lines, from->count * sizeof *to->lines);
    to->bytes = bytes;
    to->count = from->count;
    to->pruned = from->pruned;
    to->gone = from->gone;
    to->safe_power = from->safe_power;
    to->safe_kill = from->safe_kill;
    to->published_max = from->published_max;
    memcpy(to->log_id, from->log_id, sizeof to->log_id);
    memcpy(to->received, from->received, sizeof to->received);
    memcpy(to->asides, from->asides, from->aside_count * sizeof *to->asides);
    to->aside_count = from->aside_count;
}

/* What stands behind the last `key` of a line, up to `stop`; data NULL where there is none. */
static struct span value_of(struct span line, const char *key, char stop)
{
    size_t key_len = strlen(key);
    for (size_t at = line.len; at-- > 0;) {
        if (line.len - at < key_len || memcmp(line.data + at, key, key_len) != 0)
            continue;
        const uint8_t *value = line.data + at + key_len;
        const uint8_t *end = memchr(value, stop, line.len - at - key_len);
        return end == NULL ? span_of(NULL, 0) : span_of(value, (size_t)(end - value));
    }
    return span_of(NULL, 0);
}

static uint64_t number_of(struct span value)
{
    uint64_t number = 0;
    for (size_t i = 0; i < value.len; i++)
        number = number * 10 + (uint64_t)(value.data[i] - '0');
    return number;
}

/* Where the chain stands before a line of the model. */
static void chain_before(const struct model *model, uint8_t chain[32])
{
    crypto_generichash_state state;
    if (model->count > 0) {
        memcpy(chain, model->lines[model->count - 1].chain, 32);
        return;
    }
    crypto_generichash_init(&state, NULL, 0, 32);
    crypto_generichash_update(&state, (const uint8_t *)"tocsin-log-1", 12);
    crypto_generichash_update(&state, (const uint8_t *)model->log_id, 32);
    crypto_generichash_final(&state, chain, 32);
}

static void move_chain(uint8_t chain[32], struct span hashed)
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, 32);
    crypto_generichash_update(&state, chain, 32);
    crypto_generichash_update(&state, hashed.data, hashed.len);
    crypto_generichash_final(&state, chain, 32);
}

static uint64_t last_of_topic(const struct model *model, size_t count, unsigned topic)
{
    while (count > 0)
        if (model->lines[--count].topic == topic)
            return model->lines[count].seq;
    return 0;
}

/* True when the line of that seq was removed by retention. */
static bool is_gone(const struct model *model, uint64_t seq)
{
    return seq > 0 && model_count_upto(model, seq) <= model->gone;
}

static bool check_order(const struct model *model, const struct model_line *line, struct span bytes,
                        struct verdict *verdict)
{
    struct span received = value_of(bytes, "\"received\":\"", '"');
    uint64_t prev = number_of(value_of(bytes, ",\"prev\":", ','));
    uint64_t expected = last_of_topic(model, model->count, line->topic);

    if (line->seq <= model->published_max)
        return verdict_fail(verdict, "seq %" PRIu64 " is given a second time", line->seq);
    if (line->batch == 0 || line->batch > line->seq)
        return verdict_fail(verdict, "seq %" PRIu64 " says batch %" PRIu64, line->seq, line->batch);
    if (prev != expected && !(prev == 0 && is_gone(model, expected)))
        return verdict_fail(verdict, "seq %" PRIu64 " says prev %" PRIu64 " in place of %" PRIu64, line->seq, prev,
                            expected);
    if (received.len != 27 || memcmp(model->received, received.data, 27) > 0)
        return verdict_fail(verdict, "seq %" PRIu64 " was received before the line before it", line->seq);
    return true;
}

static bool add_line(struct model *model, struct span bytes, uint64_t seq, struct verdict *verdict)
{
    struct model_line line = {.seq = number_of(value_of(span_of(bytes.data, 40), "{\"seq\":", ',')),
                              .batch = number_of(value_of(bytes, ",\"batch\":", ',')),
                              .producer = MODEL_NAMES_MAX};
    struct span hash = value_of(bytes, ",\"hash\":\"", '"');
    struct span producer = value_of(bytes, ",\"producer\":\"", '"');
    struct span nothing = span_of("", 0);
    char hex[33];

    if (line.seq != seq)
        return verdict_fail(verdict, "seq %" PRIu64 " in place of %" PRIu64, line.seq, seq);
    if (model->count == MODEL_LINES_MAX)
        abort();
    line.topic = name_of(value_of(bytes, "\"category\":\"", '"'), "/", value_of(bytes, "\"sourceId\":\"", '"'));
    line.is_opened = value_of(bytes, "\"type\":\"LogOpened", '"').data != NULL;
    if (producer.data != NULL) {
        line.producer = name_of(producer, "", nothing);
        line.n = number_of(value_of(bytes, ",\"n\":", ','));
    }
    if (model->count == 0)
        snprintf(model->log_id, sizeof model->log_id, "%.32s",
                 (const char *)value_of(bytes, "\"log_id\":\"", '"').data);
    chain_before(model, line.chain);
    move_chain(line.chain, span_of(bytes.data, bytes.len - (sizeof ",\"hash\":\"\"}\n" - 1) - 32));
    sodium_bin2hex(hex, sizeof hex, line.chain, 16);
    if (hash.len != 32 || memcmp(hash.data, hex, 32) != 0)
        return verdict_fail(verdict, "seq %" PRIu64 " breaks the chain", line.seq);
    if (!check_order(model, &line, bytes, verdict))
        return false;
    memcpy(model->received, value_of(bytes, "\"received\":\"", '"').data, 27);
    size_t at = model->bytes.len;
    sim_bytes_resize(&model->bytes, at + bytes.len);
    memcpy(model->bytes.data + at, bytes.data, bytes.len);
    line.end = model->bytes.len;
    model->lines[model->count++] = line;
    return true;
}

bool model_add(struct model *model, struct span lines, uint64_t next_seq, struct verdict *verdict)
{
    while (lines.len > 0) {
        const uint8_t *lf = memchr(lines.data, '\n', lines.len);
        size_t len = lf == NULL ? lines.len : (size_t)(lf - lines.data) + 1;
        if (len < 100 || !add_line(model, span_of(lines.data, len), next_seq++, verdict))
            return verdict_fail(verdict, "a line that is none");
        lines = span_of(lines.data + len, lines.len - len);
    }
    return true;
}

size_t model_count_upto(const struct model *model, uint64_t seq)
{
    size_t count = model->count;
    while (count > 0 && model->lines[count - 1].seq > seq)
        count--;
    return count;
}

const struct model_line *model_line_of(const struct model *model, uint64_t seq)
{
    size_t count = model_count_upto(model, seq);
    return count > 0 && model->lines[count - 1].seq == seq ? &model->lines[count - 1] : NULL;
}

void model_cut(struct model *model, size_t count)
{
    model->count = model->safe_power = model->safe_kill = count;
    model->bytes.len = count == 0 ? 0 : model->lines[count - 1].end;
    if (count == 0) {
        model->received[0] = model->log_id[0] = '\0';
        return;
    }
    size_t start = count == 1 ? 0 : model->lines[count - 2].end;
    struct span line = span_of(model->bytes.data + start, model->bytes.len - start);
    memcpy(model->received, value_of(line, "\"received\":\"", '"').data, 27);
}

static bool is_packed(const char *name)
{
    size_t len = strlen(name);
    return len > 4 && strcmp(name + len - 4, ".zst") == 0;
}

static bool is_log(const char *name)
{
    static const char digits[] = "0123456789";
    size_t len = strlen("events.log");
    if (strncmp(name, "events.log", len) != 0)
        return false;
    if (name[len] == '\0')
        return true;
    size_t day = strspn(name + len + 1, digits);
    const char *rest = name + len + 1 + day;
    size_t rest_len = strlen(rest) - (is_packed(name) ? 4 : 0);
    return day == 8 && strspn(rest, ".0123456789") >= rest_len;
}

/* What a file holds: `scratch` has it where it was compressed. NULL when it cannot be unpacked. */
static const struct sim_bytes *content_of(const struct sim_disk *sim, const struct sim_name *item,
                                          struct sim_bytes *scratch)
{
    const struct sim_bytes *seen = &sim->files[item->file].seen;
    if (!is_packed(item->name))
        return seen;
    sim_bytes_resize(scratch, UNPACKED_MAX);
    size_t len = ZSTD_decompress(scratch->data, UNPACKED_MAX, seen->data, seen->len);
    if (ZSTD_isError(len))
        return NULL;
    scratch->len = len;
    return scratch;
}

/* The plain file that a compressed one stands for; NULL where there is none. */
static const struct sim_name *plain_of(const struct sim_disk *sim, const char *packed)
{
    char name[SIM_NAME_SIZE];
    snprintf(name, sizeof name, "%.*s", (int)(strlen(packed) - 4), packed);
    return sim_names_find(&sim->seen, name);
}

static uint64_t first_seq_of(const struct sim_bytes *content)
{
    return number_of(value_of(span_of(content->data, content->len < 40 ? content->len : 40), "{\"seq\":", ','));
}

/* The files of the log in the order of their first seqs, each in one form; an empty events.log is the last. False: a
 * compressed one is not what it should be. */
static bool sorted_files(struct sim_disk *sim, const struct sim_name *out[SIM_NAMES_MAX], unsigned *found,
                         struct verdict *verdict)
{
    static struct sim_bytes scratch;
    uint64_t seqs[SIM_NAMES_MAX];
    unsigned count = 0;

    for (unsigned i = 0; i < sim->seen.count; i++) {
        const struct sim_name *item = &sim->seen.items[i];
        if (!is_log(item->name))
            continue;
        const struct sim_bytes *content = content_of(sim, item, &scratch);
        if (content == NULL)
            return verdict_fail(verdict, "%s cannot be unpacked", item->name);
        const struct sim_name *plain = is_packed(item->name) ? plain_of(sim, item->name) : NULL;
        if (plain != NULL) {
            const struct sim_bytes *same = &sim->files[plain->file].seen;
            if (same->len != content->len || memcmp(same->data, content->data, same->len) != 0)
                return verdict_fail(verdict, "%s does not hold what %s does", item->name, plain->name);
            continue;
        }
        uint64_t seq = strcmp(item->name, "events.log") != 0 ? first_seq_of(content) : UINT64_MAX;
        unsigned at = count++;
        for (; at > 0 && seqs[at - 1] > seq; at--) {
            seqs[at] = seqs[at - 1];
            out[at] = out[at - 1];
        }
        seqs[at] = seq;
        out[at] = item;
    }
    *found = count;
    return true;
}

/* Moves *count and *offset over the lines that a file holds of the model; returns the bytes behind them. */
static size_t follow_file(const struct model *model, const struct sim_bytes *file, size_t *count)
{
    size_t start = *count == 0 ? 0 : model->lines[*count - 1].end;
    size_t first = *count;
    while (*count < model->count) {
        const struct model_line *line = &model->lines[*count];
        size_t from = *count == 0 ? 0 : model->lines[*count - 1].end;
        if (line->is_opened != (*count == first) || line->end - start > file->len ||
            memcmp(file->data + (from - start), model->bytes.data + from, line->end - from) != 0)
            break;
        ++*count;
    }
    size_t end = *count == 0 ? 0 : model->lines[*count - 1].end;
    return file->len - (end - start);
}

/* Where the first file begins among the model's lines: behind what was said to go, at the latest. */
static bool find_begin(struct model *model, const struct sim_bytes *content, struct verdict *verdict)
{
    uint64_t seq = content->len == 0 ? 0 : first_seq_of(content);
    size_t gone = seq == 0 ? 0 : model_count_upto(model, seq - 1);
    if (gone > model->pruned)
        return verdict_fail(verdict, "the log begins with seq %" PRIu64 ": %zu lines are gone, and %zu were said to go",
                            seq, gone, model->pruned);
    model->gone = gone;
    return true;
}

bool model_compare(struct model *model, struct sim_disk *sim, size_t *count, size_t *rest, struct verdict *verdict)
{
    static struct sim_bytes scratch;
    const struct sim_name *files[SIM_NAMES_MAX];
    unsigned file_count = 0;

    *count = *rest = 0;
    if (!sorted_files(sim, files, &file_count, verdict))
        return false;
    for (unsigned i = 0; i < file_count; i++) {
        const struct sim_bytes *content = content_of(sim, files[i], &scratch);
        if (i == 0 && !find_begin(model, content, verdict))
            return false;
        if (i == 0)
            *count = model->gone;
        size_t behind = follow_file(model, content, count);
        if (strcmp(files[i]->name, "events.log") == 0)
            *rest = behind;
        else if (behind > 0)
            return verdict_fail(verdict, "%s holds %zu bytes that do not belong there, behind line %zu of %zu",
                                files[i]->name, behind, *count, model->count);
    }
    return true;
}

bool model_is_durable(struct sim_disk *sim, struct verdict *verdict)
{
    for (unsigned i = 0; i < sim->seen.count; i++) {
        const struct sim_name *item = &sim->seen.items[i];
        const struct sim_file *file = &sim->files[item->file];
        if (!is_log(item->name))
            continue;
        if (sim_disk_durable_file(sim, item->name) != file)
            return verdict_fail(verdict, "the name %s is not on the disk", item->name);
        if (file->seen.len == 0)
            continue; /* what it held before may come back: a torn tail once more, and not yet promised otherwise */
        if (file->change_count > 0 || file->seen.len != file->durable.len ||
            memcmp(file->seen.data, file->durable.data, file->seen.len) != 0)
            return verdict_fail(verdict,
                                "what %s holds is not on the disk: %zu bytes, %zu of them durable, %zu changes",
                                item->name, file->seen.len, file->durable.len, file->change_count);
    }
    return true;
}

bool model_check_lasts(const struct model *model, size_t count, const struct topics *topics,
                       const struct producers *producers, struct verdict *verdict)
{
    size_t topic_count = 0, producer_count = 0;

    for (unsigned i = 0; i < name_count; i++) {
        uint64_t seq = last_of_topic(model, count, i);
        uint64_t found = topics_last(topics, span_of_str(names[i]));
        topic_count += found > 0 || (seq > 0 && !is_gone(model, seq));
        if (found != seq && !(found == 0 && is_gone(model, seq)))
            return verdict_fail(verdict, "the last seq of %s is %" PRIu64 " in place of %" PRIu64, names[i], found,
                                seq);
        struct producer_last last = {0};
        const struct model_line *line = NULL;
        for (size_t at = count; at > 0 && line == NULL; at--)
            if (model->lines[at - 1].producer == i)
                line = &model->lines[at - 1];
        bool is_known = producers_find(producers, span_of_str(names[i]), &last);
        producer_count += line != NULL;
        if (is_known != (line != NULL) ||
            (line != NULL && (last.n != line->n || last.seq != line->seq || memcmp(last.hash, line->chain, 16) != 0)))
            return verdict_fail(verdict, "the last event of producer %s is n %" PRIu64 ", seq %" PRIu64, names[i],
                                last.n, last.seq);
    }
    if (topics_count(topics) != topic_count || producers_count(producers) != producer_count)
        return verdict_fail(verdict, "topics or producers that the log does not know");
    return true;
}

/* The line of a seq among the first `count`, and not another. */
static bool has_line(const struct model *model, size_t count, const struct checkpoint *checkpoint)
{
    const struct model_line *line = model_line_of(model, checkpoint->seq);
    return line != NULL && line < model->lines + count && memcmp(line->chain, checkpoint->hash, 32) == 0;
}

/* Lost pages of the file may leave lines that are none, or that nobody has signed. */
static bool is_signed(const struct checkpoint *checkpoint)
{
    uint8_t bytes[CHECKPOINT_SIGNED_LEN];
    checkpoint_signed_bytes(bytes, checkpoint);
    return crypto_sign_verify_detached(checkpoint->signature, bytes, sizeof bytes, checkpoint->key) == 0;
}

static bool check_checkpoint(const struct model *model, size_t count, struct span line, struct verdict *verdict)
{
    struct checkpoint checkpoint;

    if (!checkpoint_read_line(line, &checkpoint) || memcmp(checkpoint.log_id, model->log_id, 32) != 0 ||
        has_line(model, count, &checkpoint) || !is_signed(&checkpoint))
        return true;
    return verdict_fail(verdict, "a checkpoint signs seq %" PRIu64 ", which the log does not have, or not so",
                        checkpoint.seq);
}

bool model_check_signed(const struct model *model, size_t count, struct sim_disk *sim, struct verdict *verdict)
{
    const struct sim_file *file = sim_disk_file(sim, "events.log.sig");
    size_t at = 0;

    while (file != NULL && at < file->seen.len) {
        const uint8_t *lf = memchr(file->seen.data + at, '\n', file->seen.len - at);
        if (lf == NULL)
            break;
        size_t end = (size_t)(lf - file->seen.data);
        if (!check_checkpoint(model, count, span_of(file->seen.data + at, end - at), verdict))
            return false;
        at = end + 1;
    }
    return true;
}

bool model_check_asides(const struct model *model, struct sim_disk *sim, struct verdict *verdict)
{
    uint8_t hash[32];
    for (size_t i = 0; i < model->aside_count; i++) {
        const struct model_aside *aside = &model->asides[i];
        const struct sim_file *file = sim_disk_file(sim, aside->name);
        if (file == NULL || file->seen.len != aside->len)
            return verdict_fail(verdict, "%s is gone or has another length", aside->name);
        crypto_generichash(hash, sizeof hash, file->seen.data, file->seen.len, NULL, 0);
        if (memcmp(hash, aside->hash, sizeof hash) != 0)
            return verdict_fail(verdict, "%s has changed", aside->name);
    }
    return true;
}

bool model_add_aside(struct model *model, struct sim_disk *sim, const char *name, struct span content,
                     struct verdict *verdict)
{
    const struct sim_file *file = sim_disk_durable_file(sim, name);
    if (file == NULL || file->durable.len != content.len || memcmp(file->durable.data, content.data, content.len) != 0)
        return verdict_fail(verdict, "%s does not hold on the disk what was cut off", name);
    if (model->aside_count == MODEL_ASIDES_MAX)
        return true;
    struct model_aside *aside = &model->asides[model->aside_count++];
    snprintf(aside->name, sizeof aside->name, "%s", name);
    aside->len = content.len;
    crypto_generichash(aside->hash, sizeof aside->hash, content.data, content.len, NULL, 0);
    return true;
}
