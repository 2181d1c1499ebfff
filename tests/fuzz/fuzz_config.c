/* Bytes as a configuration file. What is refused has a sentence that is safe to print; what is accepted reads back from
 * its print as the same. */
#include <stdlib.h>

#include "broker/settings.h"
#include "proto/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void print(const struct settings *settings, struct text *out)
{
    settings_write_yaml(settings, out);
    if (out->failed)
        abort();
}

/* The print without its comments, which tell of different files. */
static void strip_comments(struct text *yaml)
{
    size_t kept = 0;
    bool is_comment = false;
    for (size_t i = 0; i < yaml->len; i++) {
        const char byte = yaml->data[i];
        if (byte == '\n')
            is_comment = false;
        else if (i + 3 < yaml->len && memcmp(yaml->data + i, "  # ", 4) == 0)
            is_comment = true;
        if (!is_comment)
            yaml->data[kept++] = byte;
    }
    yaml->len = kept;
}

static void check_reads_back(const struct settings *settings)
{
    struct settings again;
    struct text first, second, message;
    text_init(&first);
    text_init(&second);
    text_init(&message);
    print(settings, &first);
    if (settings_init(&again) != TOCSIN_OK ||
        settings_read_yaml(&again, text_span(&first), "again", &message) != TOCSIN_OK)
        abort();
    print(&again, &second);
    strip_comments(&first);
    strip_comments(&second);
    if (!span_equals(text_span(&first), text_span(&second)))
        abort();
    settings_fini(&again);
    text_fini(&first);
    text_fini(&second);
    text_fini(&message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct settings settings;
    struct text message;
    text_init(&message);
    if (settings_init(&settings) != TOCSIN_OK)
        abort();
    const int error = settings_read_yaml(&settings, span_of(data, size), "file", &message);
    if (error == TOCSIN_OK) {
        if (!settings.log_dir) { /* what settings_load would have worked out */
            settings.log_dir = strdup("/log");
            if (!settings.log_dir)
                abort();
        }
        check_reads_back(&settings);
        (void)settings_check(&settings, &message);
    } else if (error == TOCSIN_E_SYNTAX) {
        if (message.len == 0 || message.len > 1024 || utf8_inspect(text_span(&message)) != 0)
            abort();
    } else {
        abort();
    }
    settings_fini(&settings);
    text_fini(&message);
    return 0;
}
