/* Two decimal digits at a time, for numbers and times. */
#ifndef PROTO_DIGITS_H
#define PROTO_DIGITS_H

#include <stddef.h>
#include <string.h>

/* Writes a value below 100 as two digits. */
static inline void digits_put_pair(char *out, unsigned value)
{
    static const char pairs[] = "00010203040506070809"
                                "10111213141516171819"
                                "20212223242526272829"
                                "30313233343536373839"
                                "40414243444546474849"
                                "50515253545556575859"
                                "60616263646566676869"
                                "70717273747576777879"
                                "80818283848586878889"
                                "90919293949596979899";
    memcpy(out, pairs + (size_t)value * 2, 2);
}

#endif
