#include "client/logger/target.h"

#include <stdarg.h>
#include <stdio.h>

void target_free(struct target **target)
{
    if (*target)
        (*target)->kind->free(*target);
    *target = NULL;
}

enum target_answer target_away(struct target *target, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(target->reason, sizeof target->reason, format, arguments);
    va_end(arguments);
    return TARGET_AWAY;
}
