/* cli_doc markdown|man: prints a form of the manual. */
#include <stdio.h>
#include <string.h>

#include "client/cli_doc.h"

int main(int argc, char **argv)
{
    struct text out;
    text_init(&out);
    if (argc == 2 && strcmp(argv[1], "markdown") == 0)
        cli_doc_put_markdown(&out);
    else if (argc == 2 && strcmp(argv[1], "man") == 0)
        cli_doc_put_man(&out);
    else
        fprintf(stderr, "usage: cli_doc markdown|man\n");
    bool is_written = out.len > 0 && !out.failed && fwrite(out.data, 1, out.len, stdout) == out.len;
    is_written = fflush(stdout) == 0 && is_written;
    text_fini(&out);
    return is_written ? 0 : 1;
}
