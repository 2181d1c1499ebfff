#include "client/complain.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "client/escape.h"

void complain(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *message = NULL;
    int len = vasprintf(&message, format, arguments);
    va_end(arguments);
    if (len < 0)
        return;
    struct text line;
    text_init(&line);
    text_put_str(&line, "tocsin: ");
    escape_text(&line, span_of(message, (size_t)len));
    text_put_char(&line, '\n');
    fwrite(line.data, 1, line.failed ? 0 : line.len, stderr);
    text_fini(&line);
    free(message);
}
