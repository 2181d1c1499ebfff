/* Memory that runs out, at each allocation in turn: a code, no crash and no leak. Linked with malloc, realloc and
 * strdup wrapped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "broker/settings.h"

static size_t allocations_left = SIZE_MAX;

void *__real_malloc(size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);

static bool may_allocate(void)
{
    if (allocations_left == 0)
        return false;
    allocations_left--;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return may_allocate() ? __real_malloc(size) : NULL;
}

void *__wrap_realloc(void *old, size_t size)
{
    return may_allocate() ? __real_realloc(old, size) : NULL;
}

char *__wrap_strdup(const char *text)
{
    return may_allocate() ? __real_strdup(text) : NULL;
}

/* Loads and prints with so many allocations; returns the first error. */
static int live_with(size_t allocations, char *const *argv, char *const *envp)
{
    struct settings settings;
    struct text message, print;
    enum settings_action action;
    text_init(&message);
    text_init(&print);
    allocations_left = allocations;
    int error = settings_init(&settings);
    if (error == TOCSIN_OK)
        error = settings_load(&settings, argv, envp, &action, &message);
    if (error == TOCSIN_OK) {
        settings_write_yaml(&settings, &print);
        if (print.failed)
            error = TOCSIN_E_NOMEM;
    }
    allocations_left = SIZE_MAX;
    settings_fini(&settings);
    text_fini(&message);
    text_fini(&print);
    return error;
}

/* Each number of allocations up to the one that suffices ends with NOMEM, or with `verdict` when only its sentence was
 * lost; returns how many it took. */
static size_t allocations_until(int verdict, char *const *argv, char *const *envp)
{
    for (size_t allocations = 0; allocations < 10000; allocations++) {
        const int error = live_with(allocations, argv, envp);
        if (error == verdict && verdict == TOCSIN_OK)
            return allocations;
        if (error != verdict && error != TOCSIN_E_NOMEM)
            fail_msg("%zu allocations end with %d", allocations, error);
        if (error == verdict && live_with(allocations + 100, argv, envp) == verdict)
            return allocations;
    }
    fail_msg("no number of allocations is enough");
    return 0;
}

static char program[] = "tocsind", config_flag[] = "-c", name_flag[] = "--name=b", bad_flag[] = "--name=a b";
static char config[] = TOCSIN_SOURCE_DIR "/packaging/tocsind.yaml";
static char home[] = "HOME=/home/u", live[] = "TOCSIN_LIVE=inproc://x", http[] = "TOCSIN_HTTP=[::1]:0";

static void a_load_that_runs_out_of_memory_ends_with_a_code(void **state)
{
    (void)state;
    const size_t allocations = allocations_until(TOCSIN_OK, (char *[]){program, config_flag, config, name_flag, NULL},
                                                 (char *[]){home, live, http, NULL});
    assert_in_range(allocations, 10, 1000); /* else nothing was wrapped */
}

static void a_refusal_stays_a_refusal_when_there_is_no_memory_for_its_sentence(void **state)
{
    (void)state;
    allocations_until(TOCSIN_E_SYNTAX, (char *[]){program, bad_flag, NULL}, (char *[]){home, NULL});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_load_that_runs_out_of_memory_ends_with_a_code),
        cmocka_unit_test(a_refusal_stays_a_refusal_when_there_is_no_memory_for_its_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
