/* Memory that is counted, and that fails on demand. Link with --wrap for malloc, calloc and realloc. */
#ifndef TESTS_ALLOC_SUPPORT_H
#define TESTS_ALLOC_SUPPORT_H

#include <limits.h>

/* Calls of malloc, calloc and realloc so far. */
extern unsigned long alloc_count;

/* That many calls still succeed, all later ones fail; ULONG_MAX: none fails. */
extern unsigned long alloc_budget;

#endif
