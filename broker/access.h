/* Who may do what: the keys of the access file, looked up by the public key that a connection has proved to own. A table
 * never changes once it is made; access_gate.h puts a new one in its place. Pure. */
#ifndef BROKER_ACCESS_H
#define BROKER_ACCESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "broker/doors.h"
#include "broker/prefix_set.h"
#include "proto/curve_key.h"
#include "proto/span.h"
#include "proto/text.h"

#define ACCESS_NAME_MAX     64
#define ACCESS_KEYS_MAX     100000
#define ACCESS_PATTERNS_MAX 256 /* in a list of a key */
#define ACCESS_PATTERN_MAX  200

/* A list of texts. */
struct access_list {
    struct span *items;
    size_t count;
};

/* 0: no limit. */
struct access_limits {
    uint64_t events_per_s; /* at ingest and append */
    uint64_t bytes_per_s;
    uint64_t sessions;    /* at append, and as many at stream */
    uint64_t connections; /* at all doors together */
};

/* A part of what is published live, which has an endpoint of its own. */
struct access_realm {
    char name[DOOR_REALM_NAME_MAX + 1];
    struct prefix_set *topics;
};

/* What keys are told apart by where a number is handier than a text: never 0. */
typedef uint64_t access_id;

struct access_key {
    char name[ACCESS_NAME_MAX + 1];
    char public_key[CURVE_Z85_LEN + 1];
    access_id id;
    struct access_list publish;   /* patterns of category/sourceId */
    struct access_list producers; /* patterns of names; without any: the key's name, and what begins with it and a - */
    struct access_list read;      /* prefixes of topics; an empty one is everything */
    struct prefix_set *readable;  /* of `read`; NULL: nothing may be read */
    bool reads_everything;
    struct access_list realms; /* names of those whose live endpoints it may open */
    bool live;                 /* may open all live endpoints */
    bool admin;                /* may ask for the access file to be read again */
    bool replay;               /* may read what is past */
    uint64_t not_before;       /* microseconds since 1970 UTC; not valid before */
    uint64_t not_after;        /* … and from then on; UINT64_MAX: for ever */
    struct access_limits limits;
    uint64_t rights; /* stands for what may be read: sessions do not outlive a change */
    size_t line;     /* of the file, from 1 */
    bool has_producers;
    bool is_limited;     /* in events or bytes */
    uint32_t limit_slot; /* from 0 among those that are */
    /* It flooded us: nobody with it comes in before (wall clock). All that ever changes of a table. */
    _Atomic uint64_t barred_until_us;
};

struct access;

/* A table without keys; NULL when out of memory. */
struct access *access_new(void);
void access_free(struct access **access);

/* Adds a key; what it points at becomes the table's, also on failure. TOCSIN_E_NOMEM, TOCSIN_E_FULL: too many keys;
 * TOCSIN_E_LOCKED: its public key or its name is there already, and `*other` has it. */
int access_add(struct access *access, struct access_key *key, const struct access_key **other);

/* Frees what a key owns that was not added. */
void access_key_fini(struct access_key *key);
void access_list_free(struct access_list *list);

/* Adds a realm that is not there yet: a good name, and the prefixes of topics (copied; one at least). TOCSIN_E_NOMEM;
 * TOCSIN_E_FULL: there are DOOR_REALMS_MAX. */
int access_add_realm(struct access *access, struct span name, const struct access_list *topics);

/* NULL: there is none. */
const struct access_realm *access_realm_at(const struct access *access, size_t i);
const struct access_realm *access_find_realm(const struct access *access, struct span name);

size_t access_count(const struct access *access);
size_t access_count_limited(const struct access *access);

/* Keeps a key out for a while. */
void access_bar(const struct access_key *key, uint64_t until_us);
bool access_is_barred(const struct access_key *key, uint64_t now_us);

/* The key with that public key, as text; NULL: there is none, or it is not valid at `now_us` (wall clock). */
const struct access_key *access_find(const struct access *access, struct span public_key, uint64_t now_us);
/* True when it is there, valid or not. */
bool access_knows(const struct access *access, struct span public_key);

/* As access_find, by the number. */
const struct access_key *access_find_id(const struct access *access, access_id id, uint64_t now_us);

/* May it publish that? NULL: yes; else the field that forbids it: "category", or "sourceId" where only that does. */
const char *access_forbids_event(const struct access_key *key, struct span category, struct span source_id);

/* May it bear this producer's name? */
bool access_may_produce(const struct access_key *key, struct span producer);

/* Which doors it may open at all. */
bool access_may_publish(const struct access_key *key);
bool access_may_stream(const struct access_key *key);

/* May it open the door of that name (ingest, append, live, live/REALM, stream)? */
bool access_may_open(const struct access_key *key, const char *door);

/* The prefixes that both `filters` (none: everything) and the key's rights cover, written to `out` (room for the
 * filters and ACCESS_PATTERNS_MAX more); returns how many: 0 when it may read nothing of that. Exact: a topic begins
 * with one of them when it begins with a filter and with a prefix that may be read. */
size_t access_readable(const struct access_key *key, const struct span *filters, size_t count, struct span *out);

#endif
