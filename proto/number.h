/* Numbers as JSON text, both ways, exactly and without the locale. */
#ifndef PROTO_NUMBER_H
#define PROTO_NUMBER_H

#include <stddef.h>
#include <stdint.h>

/* Room that any number needs as text. */
#define NUMBER_TEXT_MAX 32

/* Write decimal digits to `out` (NUMBER_TEXT_MAX bytes, not terminated); return the length. */
size_t number_write_uint(char *out, uint64_t value);
size_t number_write_int(char *out, int64_t value);

/* Writes a finite double in the shortest form that reads back the same, always with a point or an exponent, in the
 * spelling of Python's repr: 30.0, 0.1, -0.0, 1e-05, 1e+16, 5e-324. What is not finite gives a text without meaning,
 * within the room. */
size_t number_write_double(char *out, double value);

enum number_kind { NUMBER_UINT, NUMBER_INT, NUMBER_DOUBLE };

struct number {
    enum number_kind kind; /* NUMBER_INT only for negative integers */
    union {
        uint64_t u;
        int64_t i;
        double d;
    } as;
};

/* Reads one JSON number (RFC 8259 grammar) from the start of `text`, at most `len` bytes; `*used` is what it took.
 * Without point and exponent it is an integer (-0 is the unsigned 0), else a double, correctly rounded (below the least
 * one it is 0.0, with its sign). What follows the number is the caller's to judge; a digit behind a leading zero is an
 * error here.
 * Errors: TOCSIN_E_SYNTAX for no number there, TOCSIN_E_INVALID for an integer outside int64..uint64, or a double that
 * overflows to infinity. */
int number_read(const char *text, size_t len, struct number *out, size_t *used);

#endif
