#include "proto/roff.h"

void roff_put(struct text *out, const char *str)
{
    for (const char *at = str; *at; at++) {
        const bool begins_line = at == str || at[-1] == '\n';
        if (begins_line && (*at == '.' || *at == '\''))
            text_put_str(out, "\\&");
        if (*at == '\\')
            text_put_str(out, "\\e");
        else if (*at == '-')
            text_put_str(out, "\\-");
        else
            text_put_char(out, *at);
    }
}

void roff_put_entry(struct text *out, const char *name, const char *meaning)
{
    text_put_str(out, ".TP\n.B ");
    roff_put(out, name);
    text_put_char(out, '\n');
    roff_put(out, meaning);
    text_put_char(out, '\n');
}
