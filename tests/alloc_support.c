#include "tests/alloc_support.h"

#include <stdbool.h>
#include <stddef.h>

unsigned long alloc_count;
unsigned long alloc_budget = ULONG_MAX;

/* The linker leads every call here (--wrap), and __real_… to the library. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

static bool may_succeed(void)
{
    alloc_count++;
    if (alloc_budget == ULONG_MAX)
        return true;
    if (alloc_budget == 0)
        return false;
    alloc_budget--;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return may_succeed() ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t count, size_t size)
{
    return may_succeed() ? __real_calloc(count, size) : NULL;
}

void *__wrap_realloc(void *memory, size_t size)
{
    return may_succeed() ? __real_realloc(memory, size) : NULL;
}
