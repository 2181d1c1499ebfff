/* The words of the library: version and texts of codes. */
#include "client/tocsin.h"
#include "proto/error.h"

const char *tocsin_version(void)
{
    return TOCSIN_VERSION;
}

const char *tocsin_error_text(int error)
{
    return error_text(error);
}

const char *tocsin_level_word(enum tocsin_level level)
{
    return level_word(level);
}

const char *tocsin_refusal_word(enum tocsin_refusal code)
{
    return (unsigned)code < TOCSIN_REFUSAL_COUNT ? refusal_word(code) : NULL;
}

const char *tocsin_refusal_text(enum tocsin_refusal code)
{
    return refusal_text(code);
}
