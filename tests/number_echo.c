/* The writer and the reader of numbers behind a pipe, for test_number_repr.py: a text a line comes in; its bits go out
 * in hexadecimal, or the error's code; then the text that those bits are written as. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/number.h"

static void echo(const char *line, size_t len)
{
    struct number n;
    size_t used;
    int rc = number_read(line, len, &n, &used);
    if (rc != 0 || used != len || n.kind != NUMBER_DOUBLE) {
        printf("%d\n", rc);
        return;
    }
    char text[NUMBER_TEXT_MAX];
    uint64_t bits;
    memcpy(&bits, &n.as.d, sizeof bits);
    printf("%016" PRIx64 " %.*s\n", bits, (int)number_write_double(text, n.as.d), text);
}

int main(void)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t len;
    while ((len = getline(&line, &room, stdin)) > 0)
        echo(line, (size_t)len - (line[len - 1] == '\n'));
    free(line);
    return 0;
}
