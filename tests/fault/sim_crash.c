/* What is on the disk when the machine has stopped. */
#include <string.h>

#include "tests/fault/sim_disk.h"

/* How much of a file's unsynced changes is there. */
enum survival {
    SURVIVES_NOTHING,
    SURVIVES_ALL,
    SURVIVES_BEGINNING, /* some changes, the last maybe in part */
    SURVIVES_PAGES,     /* of each page any of the states that it has had since the last sync */
    SURVIVES_TORN_PAGES /* and of the last state of each only a beginning */
};

struct choice {
    enum survival survival;
    uint64_t seed;
    uint64_t page_len;
    size_t count;  /* BEGINNING: changes that are there in full */
    uint64_t part; /* … and bytes of the one behind them */
};

/* How many of the changes a page has seen. */
static size_t depth_of(const struct choice *choice, uint64_t page, size_t change_count)
{
    uint64_t bits = sim_random_mix(choice->seed + page * UINT64_C(0x9e3779b97f4a7c15));
    switch (bits % 4) {
    case 0:
        return change_count;
    case 1:
        return 0;
    default:
        return (bits >> 8) % (change_count + 1);
    }
}

/* Up to which byte of the page the last change that it has seen is there. */
static uint64_t torn_at(const struct choice *choice, uint64_t page)
{
    uint64_t bits = sim_random_mix(choice->seed ^ (page + 1) * UINT64_C(0xd1342543de82ef95));
    uint64_t start = page * choice->page_len;
    return bits % 2 == 0 ? start + choice->page_len : start + (bits >> 8) % choice->page_len;
}

static void apply_to_page(struct sim_bytes *disk, const struct sim_file *file, const struct sim_change *change,
                          uint64_t from, uint64_t to)
{
    uint64_t end = change->is_cut ? disk->len : change->offset + change->len;
    if (from < change->offset)
        from = change->offset;
    if (to > end)
        to = end;
    if (from >= to)
        return;
    if (change->is_cut)
        memset(disk->data + from, 0, to - from);
    else
        memcpy(disk->data + from, file->payload.data + change->payload_at + (from - change->offset), to - from);
}

static void apply_pages(struct sim_bytes *disk, const struct sim_file *file, const struct choice *choice, size_t at)
{
    const struct sim_change *change = &file->changes[at];
    uint64_t end = change->is_cut ? disk->len : change->offset + change->len;
    for (uint64_t page = change->offset / choice->page_len; page * choice->page_len < end; page++) {
        size_t depth = depth_of(choice, page, file->change_count);
        uint64_t to = (page + 1) * choice->page_len;
        if (at >= depth)
            continue;
        if (choice->survival == SURVIVES_TORN_PAGES && at + 1 == depth)
            to = torn_at(choice, page);
        apply_to_page(disk, file, change, page * choice->page_len, to);
    }
}

static void apply_beginning(struct sim_bytes *disk, const struct sim_file *file, const struct choice *choice, size_t at)
{
    const struct sim_change *change = &file->changes[at];
    if (at < choice->count)
        apply_to_page(disk, file, change, 0, UINT64_MAX);
    else if (at == choice->count && !change->is_cut)
        apply_to_page(disk, file, change, 0, change->offset + choice->part);
}

/* A length that the file has had since the last sync, or one between two of them. */
static uint64_t choose_len(const struct sim_file *file, const struct choice *choice, uint64_t durable_len,
                           struct sim_random *random)
{
    size_t count = file->change_count;
    switch (choice->survival) {
    case SURVIVES_NOTHING:
        return durable_len;
    case SURVIVES_ALL:
        return file->changes[count - 1].file_len;
    case SURVIVES_BEGINNING: {
        uint64_t len = choice->count == 0 ? durable_len : file->changes[choice->count - 1].file_len;
        const struct sim_change *next = &file->changes[choice->count < count ? choice->count : count - 1];
        bool is_longer = choice->count < count && !next->is_cut && next->offset + choice->part > len;
        return is_longer ? next->offset + choice->part : len;
    }
    default:
        break;
    }
    uint64_t one = file->changes[sim_random_below(random, count)].file_len;
    switch (sim_random_below(random, 4)) {
    case 0:
        return durable_len;
    case 1:
        return one > durable_len ? durable_len + sim_random_below(random, one - durable_len + 1) : one;
    case 2:
        return one;
    default:
        return file->changes[count - 1].file_len;
    }
}

/* Whatever of the changes has got there is the file from now on. */
static void settle_file(struct sim_file *file, struct sim_random *random)
{
    size_t count = file->change_count;
    if (count > 0) {
        struct sim_bytes *disk = &file->durable;
        uint64_t durable_len = disk->len;
        size_t longest = disk->len;
        struct choice choice = {.survival = (enum survival)sim_random_below(random, SURVIVES_TORN_PAGES + 1),
                                .seed = sim_random_bits(random),
                                .page_len = sim_random_once_in(random, 2) ? 512 : 4096};
        choice.count = sim_random_below(random, count + 1);
        if (choice.count < count)
            choice.part = sim_random_below(random, file->changes[choice.count].len + 1);
        for (size_t i = 0; i < count; i++)
            if (file->changes[i].file_len > longest)
                longest = file->changes[i].file_len;
        sim_bytes_resize(disk, longest);
        for (size_t i = 0; i < count && choice.survival != SURVIVES_NOTHING; i++) {
            if (choice.survival == SURVIVES_ALL)
                apply_to_page(disk, file, &file->changes[i], 0, UINT64_MAX);
            else if (choice.survival == SURVIVES_BEGINNING)
                apply_beginning(disk, file, &choice, i);
            else
                apply_pages(disk, file, &choice, i);
        }
        sim_bytes_resize(disk, choose_len(file, &choice, durable_len, random));
    }
    file->change_count = 0;
    file->payload.len = 0;
    sim_bytes_copy(&file->seen, &file->durable);
}

static bool touches(const struct sim_dir_change *change, const struct sim_dir_change *other)
{
    const char *const names[] = {change->from, change->to};
    for (unsigned i = 0; i < 2; i++)
        if (names[i][0] != '\0' && (strcmp(names[i], other->from) == 0 || strcmp(names[i], other->to) == 0))
            return true;
    return false;
}

static void settle_names(struct sim_disk *sim, enum sim_crash crash, struct sim_random *random)
{
    bool is_done[SIM_NAMES_MAX * 2];
    uint64_t ordered_count = sim_random_below(random, sim->dir_change_count + 1);

    for (unsigned i = 0; i < sim->dir_change_count; i++) {
        const struct sim_dir_change *change = &sim->dir_changes[i];
        is_done[i] = crash == SIM_POWER_ORDERED ? i < ordered_count : !sim_random_once_in(random, 2);
        for (unsigned k = 0; k < i && is_done[i]; k++)
            is_done[i] = is_done[k] || !touches(change, &sim->dir_changes[k]);
        if (!is_done[i])
            continue;
        sim_names_remove(&sim->durable, change->from);
        if (change->to[0] != '\0')
            sim_names_put(&sim->durable, change->to, change->file);
    }
    sim->seen = sim->durable;
    sim->dir_change_count = 0;
}

void sim_disk_crash(struct sim_disk *sim, enum sim_crash crash, struct sim_random *random)
{
    memset(sim->fds, 0, sizeof sim->fds);
    memset(sim->kind_counts, 0, sizeof sim->kind_counts);
    sim->op_count = 0;
    sim->lock_fd = -1;
    sim->is_dead = false;
    for (unsigned i = 0; i < SIM_FILES_MAX; i++)
        sim->files[i].has_failed_sync = false;
    if (crash == SIM_KILL)
        return;
    sim->boot++;
    sim->last_created[0] = '\0';
    settle_names(sim, crash, random);
    for (unsigned i = 0; i < sim->seen.count; i++)
        settle_file(&sim->files[sim->seen.items[i].file], random);
}
