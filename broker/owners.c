#include "broker/owners.h"

#include <dirent.h>
#include <linux/tcp.h>
#include <net/if.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define SURVEY_US 500000

/* As long as others of that key may stay to be told why. */
#define GRACE_US 300000

/* A connection whose key was let in has brought more than this: greeting, HELLO, INITIATE. */
#define SHAKEN_BYTES 400

/* With a word of its own it has brought more than this: the same, with a socket's type and an empty name. One that has a
 * name counts as talking. */
#define SILENT_BYTES 570

/* One that is gone so soon may have been another one, which was just being refused: then we go on looking. */
#define DOUBTED_US 1000000

/* TCP_ESTABLISHED; the header that has it and the one that has all of tcp_info do not go together. */
#define ESTABLISHED 1

/* So often an arrival's connection is looked for. */
#define LOOKS_MAX 3

bool owners_init(struct owners *owners, const struct door *const *doors, struct access_gate *gate,
                 struct denials *denials)
{
    *owners = (struct owners){.doors = doors, .view = {.gate = gate}, .denials = denials};
    owners->arrivals = calloc(ARRIVALS_MAX, sizeof *owners->arrivals);
    owners->addresses = calloc(ARRIVALS_MAX, sizeof *owners->addresses);
    access_view_refresh(&owners->view);
    return owners->arrivals && owners->addresses;
}

void owners_fini(struct owners *owners)
{
    access_view_end(&owners->view);
    free(owners->items);
    free(owners->arrivals);
    free(owners->addresses);
}

static bool make_room(struct owners *owners, size_t index)
{
    if (index < owners->count)
        return true;
    size_t count = index + index / 8 + 64;
    struct owned *items = realloc(owners->items, count * sizeof *items);
    if (!items)
        return false;
    memset(items + owners->count, 0, (count - owners->count) * sizeof *items);
    owners->items = items;
    owners->count = count;
    return true;
}

static void forget(struct owners *owners, struct owned *owned)
{
    owners->known -= owned->inode != 0;
    *owned = (struct owned){.inode = 0};
}

/* The connection is gone. */
static void let_go(struct owners *owners, struct owned *owned, uint64_t now_us)
{
    bool is_address_known = owners->found - owned->number < ARRIVALS_MAX;
    bool is_doubted = owned->end_us == 0 && now_us - owned->found_us < DOUBTED_US;
    if (is_doubted && is_address_known && owners->arrival_count < ARRIVALS_MAX) {
        struct arrival *arrival = &owners->arrivals[owners->arrival_count++];
        *arrival =
            (struct arrival){.owner = owned->owner, .door = owned->door->name, .at_us = owned->let_in_us, .looks = 1};
        memcpy(arrival->address, owners->addresses[owned->number % ARRIVALS_MAX], sizeof arrival->address);
    }
    forget(owners, owned);
}

struct heard {
    uint64_t at_us; /* when it last brought something: if it is silent since it was let in, that moment */
    bool is_silent; /* it has never said anything */
};

/* False: it cannot have been let in. */
static bool hear(int fd, uint64_t now_us, struct heard *heard)
{
    struct tcp_info info = {.tcpi_state = 0};
    socklen_t len = sizeof info;
    bool is_in = getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 && info.tcpi_state == ESTABLISHED &&
                 info.tcpi_bytes_received >= SHAKEN_BYTES;
    heard->at_us = now_us - (uint64_t)info.tcpi_last_data_recv * 1000;
    heard->is_silent = info.tcpi_bytes_received <= SILENT_BYTES;
    return is_in;
}

/* As libzmq tells it to the handler. */
static bool get_address(int fd, char *out, size_t size)
{
    struct sockaddr_storage other = {.ss_family = AF_UNSPEC};
    socklen_t len = sizeof other;
    return getpeername(fd, (struct sockaddr *)&other, &len) == 0 &&
           getnameinfo((struct sockaddr *)&other, len, out, (socklen_t)size, NULL, 0, NI_NUMERICHOST) == 0;
}

static uint64_t apart(uint64_t a, uint64_t b)
{
    return a > b ? a - b : b - a;
}

/* The arrival that this can be, of several the nearest in time; NULL: none. */
static struct arrival *arrival_of(struct owners *owners, const struct door *door, int fd, uint64_t heard_us)
{
    char address[ARRIVALS_ADDRESS_MAX];
    struct arrival *found = NULL;
    if (!get_address(fd, address, sizeof address))
        return NULL;
    for (size_t i = 0; i < owners->arrival_count; i++) {
        struct arrival *arrival = &owners->arrivals[i];
        if (arrival->owner == 0 || strcmp(arrival->door, door->name) != 0 || strcmp(arrival->address, address) != 0)
            continue;
        if (!found || apart(arrival->at_us, heard_us) < apart(found->at_us, heard_us))
            found = arrival;
    }
    return found;
}

static size_t count_of(const struct owners *owners, access_id owner)
{
    size_t count = 0;
    for (size_t i = 0; i < owners->count; i++)
        count += owners->items[i].owner == owner;
    return count;
}

static bool are_too_many(const struct owners *owners, const struct access_key *key)
{
    return key && key->limits.connections > 0 && count_of(owners, key->id) > key->limits.connections;
}

static void refuse(struct owners *owners, struct owned *owned, const struct access_key *key, const char *address)
{
    struct denial denial = {.door = owned->door->name, .reason = "too many connections", .count = 1};
    denial_put(denial.key, sizeof denial.key, span_of_str(key->public_key));
    denial_put(denial.address, sizeof denial.address, span_of_str(address));
    denials_note(owners->denials, &denial);
    owned->end_us = 1; /* at once */
}

static void look_at(struct owners *owners, int fd, bool at_silent, uint64_t now_us, uint64_t wall_us)
{
    struct heard heard;
    uint64_t inode = door_socket_inode(fd);
    if (inode == 0 || !make_room(owners, (size_t)fd))
        return;
    struct owned *owned = &owners->items[fd];
    if (owned->inode == inode)
        return;
    if (owned->inode != 0)
        let_go(owners, owned, now_us);
    const struct door *door = connections_door_of(owners->doors, fd);
    if (!door || !door->is_secured || !hear(fd, now_us, &heard) || heard.is_silent != at_silent)
        return;
    struct arrival *arrival = arrival_of(owners, door, fd, heard.at_us);
    if (!arrival)
        return;
    *owned = (struct owned){.inode = inode,
                            .owner = arrival->owner,
                            .door = door,
                            .found_us = now_us,
                            .let_in_us = arrival->at_us,
                            .number = owners->found++};
    memcpy(owners->addresses[owned->number % ARRIVALS_MAX], arrival->address, sizeof arrival->address);
    owners->known++;
    const struct access_key *key = access_find_id(owners->view.table, arrival->owner, wall_us);
    if (are_too_many(owners, key))
        refuse(owners, owned, key, arrival->address);
    arrival->owner = 0; /* found */
}

static void look_at_all(struct owners *owners, bool at_silent, uint64_t now_us, uint64_t wall_us)
{
    DIR *directory = opendir("/proc/self/fd");
    for (const struct dirent *entry; directory && (entry = readdir(directory));) {
        if (entry->d_name[0] != '.')
            look_at(owners, (int)strtol(entry->d_name, NULL, 10), at_silent, now_us, wall_us);
    }
    if (directory)
        closedir(directory);
}

/* First the silent, whose time is known to some milliseconds. */
static void find_connections(struct owners *owners, uint64_t now_us, uint64_t wall_us)
{
    size_t left = 0;
    look_at_all(owners, true, now_us, wall_us);
    look_at_all(owners, false, now_us, wall_us);
    for (size_t i = 0; i < owners->arrival_count; i++) {
        if (owners->arrivals[i].owner != 0 && ++owners->arrivals[i].looks < LOOKS_MAX)
            owners->arrivals[left++] = owners->arrivals[i];
    }
    owners->arrival_count = left;
}

static bool may_stay(const struct owners *owners, const struct owned *owned, uint64_t wall_us)
{
    const struct access_key *key = access_find_id(owners->view.table, owned->owner, wall_us);
    return key && access_may_open(key, owned->door->name) && !access_is_barred(key, wall_us);
}

/* Who has said something is known for sure by the thread at his door, which ends him. */
static void survey(struct owners *owners, uint64_t now_us, uint64_t wall_us)
{
    struct heard heard;
    for (size_t i = 0; i < owners->count && owners->known > 0; i++) {
        struct owned *owned = &owners->items[i];
        if (owned->inode == 0)
            continue;
        if (door_socket_inode((int)i) != owned->inode)
            let_go(owners, owned, now_us);
        else if (owned->end_us == 0 && !may_stay(owners, owned, wall_us) && hear((int)i, now_us, &heard) &&
                 heard.is_silent)
            owned->end_us = now_us + GRACE_US;
    }
}

static void end_those_due(struct owners *owners, uint64_t now_us)
{
    for (size_t i = 0; i < owners->count && owners->known > 0; i++) {
        struct owned *owned = &owners->items[i];
        if (owned->end_us == 0 || now_us < owned->end_us)
            continue;
        owners->ended += door_end_connection_of((int)i, owned->inode);
        forget(owners, owned);
    }
}

void owners_look(struct owners *owners, struct arrivals *arrivals, uint64_t now_us, uint64_t wall_us)
{
    bool is_new = access_view_refresh(&owners->view);
    owners->arrival_count = arrivals_take(arrivals, owners->arrivals, owners->arrival_count);
    if (is_new || owners->arrival_count > 0 || now_us - owners->looked_us >= SURVEY_US) {
        survey(owners, now_us, wall_us); /* first, so that who is gone counts no more */
        owners->looked_us = now_us;
    }
    if (owners->arrival_count > 0)
        find_connections(owners, now_us, wall_us);
    end_those_due(owners, now_us);
}
