/* Names that repeat: first all names are collected with the object that they are in, then the text is copied with what
 * must be added to some. Objects are told apart by a number that grows. */
#include <stdio.h>

#include "client/gateway/json_repair.h"
#include "proto/json_scan.h"
#include "proto/tocsin_base.h"

#define DEPTH_MAX (TOCSIN_DEPTH_MAX + 8)
#define TAIL_MAX  16

struct name {
    unsigned object;
    struct span text; /* between the quotes */
    unsigned number;  /* 0: it stays as it is */
};

struct names {
    struct name items[JSON_REPAIR_NAMES_MAX];
    size_t count;
    bool is_over; /* there are more */
};

struct walk {
    unsigned objects;         /* so far */
    unsigned open[DEPTH_MAX]; /* the object's number; 0: an array */
    unsigned depth;
    bool wants_name;
};

/* What a byte outside of strings means. False: too deep, or closed once too often. */
static bool step(struct walk *walk, uint8_t byte)
{
    if (byte == '{' || byte == '[') {
        if (walk->depth == DEPTH_MAX)
            return false;
        walk->open[walk->depth++] = byte == '{' ? ++walk->objects : 0;
        walk->wants_name = byte == '{';
    } else if (byte == '}' || byte == ']') {
        if (walk->depth == 0)
            return false;
        walk->depth--;
        walk->wants_name = false;
    } else if (byte == ',') {
        walk->wants_name = walk->depth > 0 && walk->open[walk->depth - 1] != 0;
    }
    return true;
}

static void add(struct names *names, const struct walk *walk, struct span text)
{
    if (names->count == JSON_REPAIR_NAMES_MAX)
        names->is_over = true;
    else
        names->items[names->count++] = (struct name){walk->open[walk->depth - 1], text, 0};
}

static void collect(struct span json, struct names *names)
{
    struct walk walk = {.depth = 0};
    const uint8_t *end = span_end(json);
    for (const uint8_t *at = json.data; at < end; at++) {
        if (*at != '"') {
            if (!step(&walk, *at))
                return;
            continue;
        }
        const uint8_t *close = json_scan_string(at + 1, end);
        if (close == end)
            return;
        if (walk.wants_name)
            add(names, &walk, span_of(at + 1, (size_t)(close - at - 1)));
        walk.wants_name = false;
        at = close;
    }
}

static void put_tail(char *tail, size_t size, unsigned number)
{
    tail[0] = '\0';
    if (number > 0)
        snprintf(tail, size, "#%u", number);
}

/* Whether a name with `number` reads as another one with its own. */
static bool reads_as(struct span a, unsigned a_number, struct span b, unsigned b_number)
{
    if (a.len == b.len)
        return a_number == b_number && span_equals(a, b);
    bool is_a_longer = a.len > b.len;
    struct span longer = is_a_longer ? a : b, shorter = is_a_longer ? b : a;
    size_t between = longer.len - shorter.len;
    if (longer.data[shorter.len] != '#' || between >= TAIL_MAX || memcmp(longer.data, shorter.data, shorter.len) != 0)
        return false;
    char longer_tail[TAIL_MAX], shorter_tail[TAIL_MAX];
    put_tail(longer_tail, sizeof longer_tail, is_a_longer ? a_number : b_number);
    put_tail(shorter_tail, sizeof shorter_tail, is_a_longer ? b_number : a_number);
    return strlen(shorter_tail) == between + strlen(longer_tail) &&
           memcmp(longer.data + shorter.len, shorter_tail, between) == 0 &&
           strcmp(longer_tail, shorter_tail + between) == 0;
}

/* Whether another name of the same object is in the way: one before it as it was renamed, and, once it is renamed
 * itself, any as it came. */
static bool is_taken(const struct names *names, size_t at, unsigned number)
{
    const struct name *name = &names->items[at];
    for (size_t i = 0; i < names->count; i++) {
        const struct name *other = &names->items[i];
        if (other->object != name->object || i == at)
            continue;
        if ((i < at && reads_as(name->text, number, other->text, other->number)) ||
            (number > 0 && reads_as(name->text, number, other->text, 0)))
            return true;
    }
    return false;
}

/* The number of the last one before it that came with the same name. Up to that all are taken. */
static unsigned number_before(const struct names *names, size_t at)
{
    for (size_t i = at; i > 0; i--) {
        const struct name *other = &names->items[i - 1];
        if (other->object == names->items[at].object && span_equals(other->text, names->items[at].text))
            return other->number;
    }
    return 0;
}

static void make_distinct(struct names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        unsigned number = number_before(names, i);
        while (is_taken(names, i, number))
            number = number == 0 ? 2 : number + 1;
        names->items[i].number = number;
    }
}

void json_repair_names(struct span json, struct text *out)
{
    struct names names;
    names.count = 0;
    names.is_over = false;
    collect(json, &names);
    if (!names.is_over)
        make_distinct(&names);
    const uint8_t *copied = json.data;
    for (size_t i = 0; i < names.count; i++) {
        if (names.items[i].number == 0)
            continue;
        const uint8_t *end = span_end(names.items[i].text);
        text_put(out, copied, (size_t)(end - copied));
        text_printf(out, "#%u", names.items[i].number);
        copied = end;
    }
    text_put(out, copied, (size_t)(span_end(json) - copied));
}
