#include "tests/settings_support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "broker/settings_table.h"

#define LIST_MAX 64

static void keep_message(struct loaded *loaded, struct text *message)
{
    assert_false(message->failed);
    assert_true(message->len < sizeof loaded->message);
    if (message->len > 0)
        memcpy(loaded->message, message->data, message->len);
    loaded->message[message->len] = '\0';
    text_fini(message);
    /* whoever is refused is told why, and nobody else */
    assert_int_equal(loaded->error == TOCSIN_OK, loaded->message[0] == '\0');
    for (const char *at = loaded->message; *at; at++)
        assert_true((unsigned char)*at >= ' ' && *at != 0x7f);
}

/* A list of strings as main gets it, with `first` before it. */
static void fill(char **list, const char *first, const char *const *rest)
{
    size_t count = 0;
    list[count++] = (char *)(uintptr_t)first;
    for (; rest && *rest && count < LIST_MAX - 1; rest++)
        list[count++] = (char *)(uintptr_t)*rest;
    list[count] = NULL;
}

void load(struct loaded *loaded, const char *const *args, const char *const *env)
{
    char *argv[LIST_MAX], *envp[LIST_MAX];
    struct text message;
    fill(argv, "tocsind", args);
    fill(envp, "HOME=/home/tester", env);
    text_init(&message);
    loaded->action = SETTINGS_RUN;
    assert_int_equal(settings_init(&loaded->settings), TOCSIN_OK);
    loaded->error = settings_load(&loaded->settings, argv, envp, &loaded->action, &message);
    keep_message(loaded, &message);
}

void load_yaml(struct loaded *loaded, const char *yaml, size_t len)
{
    /* exactly as many bytes as there are, so that a sanitizer sees a read beyond */
    uint8_t *const copy = malloc(len > 0 ? len : 1);
    struct text message;
    assert_non_null(copy);
    memcpy(copy, yaml, len);
    text_init(&message);
    loaded->action = SETTINGS_RUN;
    assert_int_equal(settings_init(&loaded->settings), TOCSIN_OK);
    loaded->error = settings_read_yaml(&loaded->settings, span_of(copy, len), "c.yaml", &message);
    keep_message(loaded, &message);
    free(copy);
}

void loaded_fini(struct loaded *loaded)
{
    settings_fini(&loaded->settings);
}

const char *value_of(const struct loaded *loaded, enum settings_id id)
{
    static char value[8192];
    struct text text;
    text_init(&text);
    settings_put_yaml_value(&loaded->settings, id, &text);
    assert_true(!text.failed && text.len < sizeof value);
    memcpy(value, text.data, text.len);
    value[text.len] = '\0';
    text_fini(&text);
    return value;
}

static char path[64];

static void remove_file(void)
{
    unlink(path);
}

const char *file_with(const char *content)
{
    if (path[0] == '\0') {
        snprintf(path, sizeof path, "/tmp/tocsin-settings-%ld.yaml", (long)getpid());
        atexit(remove_file);
    }
    FILE *const file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(content, 1, strlen(content), file), strlen(content));
    assert_int_equal(fclose(file), 0);
    return path;
}

void assert_refused(const char *const *args, const char *const *env, const char *expected)
{
    struct loaded loaded;
    load(&loaded, args, env);
    assert_int_equal(loaded.error, TOCSIN_E_SYNTAX);
    assert_string_equal(loaded.message, expected);
    loaded_fini(&loaded);
}
