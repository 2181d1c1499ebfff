/* catalog_doc markdown|json|helpers: prints the catalog in one of its forms to standard output. */
#include "proto/catalog_doc.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    void (*write)(struct text *out);
} forms[] = {
    {"markdown", catalog_markdown_write},
    {"json", catalog_json_write},
    {"helpers", catalog_helpers_write},
};

static int print(void (*write)(struct text *out))
{
    struct text out;
    text_init(&out);
    write(&out);
    int failed = out.failed || fwrite(out.data, 1, out.len, stdout) != out.len || fflush(stdout) != 0;
    if (failed)
        fprintf(stderr, "catalog_doc: the output could not be written\n");
    text_fini(&out);
    return failed ? 1 : 0;
}

int main(int argc, char **argv)
{
    for (size_t i = 0; argc == 2 && i < sizeof forms / sizeof forms[0]; i++)
        if (strcmp(argv[1], forms[i].name) == 0)
            return print(forms[i].write);
    fprintf(stderr, "usage: catalog_doc markdown|json|helpers\n");
    return 2;
}
