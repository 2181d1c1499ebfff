/* Prints the parts of the tree that come from settings.def:
 *   settings_doc markdown FILE    renews the table between the marks in FILE
 *   settings_doc example FILE     writes FILE anew
 *   settings_doc man FILE         the same */
#include <stdio.h>

#include "broker/settings.h"

static const char begin_mark[] = "<!-- settings: begin -->\n";
static const char end_mark[] = "<!-- settings: end -->\n";

static bool read_whole(const char *path, struct text *out)
{
    FILE *const file = fopen(path, "rb");
    if (!file)
        return false;
    while (text_reserve(out, 4096)) {
        const size_t got = fread(out->data + out->len, 1, 4096, file);
        out->len += got;
        if (got == 0)
            break;
    }
    const bool is_whole = !ferror(file) && !out->failed;
    fclose(file);
    return is_whole;
}

static bool write_whole(const char *path, const struct text *text)
{
    FILE *const file = fopen(path, "wb");
    if (!file)
        return false;
    const bool is_written = fwrite(text->data, 1, text->len, file) == text->len;
    return fclose(file) == 0 && is_written;
}

/* The document with a new table between its marks. */
static bool renew_table(const char *path, struct text *out)
{
    struct text old;
    text_init(&old);
    bool is_renewed = false;
    if (read_whole(path, &old) && text_reserve(&old, 1)) {
        old.data[old.len] = '\0';
        const char *const begin = strstr(old.data, begin_mark);
        const char *const end = begin ? strstr(begin, end_mark) : NULL;
        if (end) {
            text_put(out, old.data, (size_t)(begin - old.data) + strlen(begin_mark));
            settings_write_markdown(out);
            text_put_str(out, end);
            is_renewed = true;
        }
    }
    text_fini(&old);
    return is_renewed;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: settings_doc markdown|example|man FILE\n");
        return 2;
    }
    struct text out;
    text_init(&out);
    bool is_done = true;
    if (strcmp(argv[1], "markdown") == 0)
        is_done = renew_table(argv[2], &out);
    else if (strcmp(argv[1], "man") == 0)
        settings_write_man(&out);
    else
        settings_write_example(&out);
    is_done = is_done && !out.failed && write_whole(argv[2], &out);
    text_fini(&out);
    if (!is_done)
        fprintf(stderr, "settings_doc: cannot renew %s\n", argv[2]);
    return is_done ? 0 : 1;
}
