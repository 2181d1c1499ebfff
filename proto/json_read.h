/* From JSON text to MessagePack: any value, and a line of the log. */
#ifndef PROTO_JSON_READ_H
#define PROTO_JSON_READ_H

#include "proto/span.h"
#include "proto/text.h"

/* Where and why reading stopped. */
struct json_fault {
    size_t offset;      /* bytes from the start of the text */
    const char *reason; /* static, e.g. "expected ':'" */
};

/* Reads exactly one JSON value (RFC 8259, UTF-8, white space around it allowed) and appends it to `out` as
 * MessagePack: integers as integers (int64..uint64), all other numbers as float64, keys in their order.
 * Refuses what has no exact MessagePack image (integers beyond 64 bits, doubles that overflow, lone surrogates),
 * repeated keys of one object, and nesting deeper than `depth_max` containers. A member name or string that holds
 * U+0000 is passed on: the judge of events refuses it.
 * Texts of more than JSON_TEXT_MAX bytes are refused; a `depth_max` above JSON_DEPTH_MAX counts as JSON_DEPTH_MAX.
 * Returns 0, TOCSIN_E_SYNTAX with `fault` filled (may be NULL), or TOCSIN_E_NOMEM; after an error what was appended
 * to `out` is taken back. Allocates nothing but room in `out`. */
#define JSON_TEXT_MAX  (1U << 30)
#define JSON_DEPTH_MAX 64
int json_read_value(struct span json, unsigned depth_max, struct text *out, struct json_fault *fault);

/* What line_read has found of an event's members, so that line_read_event need not look again. */
#define LINE_PART_COUNT 8
struct line_parts {
    struct span values[LINE_PART_COUNT]; /* as text, in the log's order; data NULL: absent */
    unsigned simple;                     /* a bit each: a string of ASCII without escapes */
};

/* One line of the log, taken apart. Spans point into the line (they hold JSON-escaped text where they hold text). */
struct line {
    uint64_t seq;
    uint64_t prev;
    uint64_t received_us;
    uint64_t batch;
    uint64_t n;           /* 0 where producer is absent */
    struct span producer; /* data NULL: absent. Never needs escapes (PROTOCOL.md section 4.2) */
    struct span hash;     /* its 32 hex digits */
    struct span hashed;   /* the line's bytes before ,"hash": what the chain covers */
    struct span members;  /* from "time": to the end of the snapshot: the members of the event */
    struct span level;    /* raw, between the quotes; so the next two */
    struct span category;
    struct span type;
    struct span source_id; /* raw, between the quotes; escapes not undone */
    struct line_parts parts;
};

/* Takes a line (without its LF) apart by its fixed order of keys. Of what it steps over it checks the form: quotes,
 * escapes and brackets match, no white space or control character between or within. UTF-8 and the grammar of a
 * snapshot are left to line_read_event, the event to its judge, how the numbers relate to each other to the caller.
 * Fast: it is what recovery and replay do for each line.
 * Returns 0 or TOCSIN_E_SYNTAX (the content of `out` is undefined then). */
int line_read(struct span line, struct line *out);

/* Appends the event of a line as MessagePack, keys in the log's order. Of the line it needs its members alone; with the
 * parts that line_read has found there it is faster. Returns as json_read_value; a fault's offset counts from the start
 * of line->members. */
int line_read_event(const struct line *line, struct text *out, struct json_fault *fault);

#endif
