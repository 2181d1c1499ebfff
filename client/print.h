/* Events as -o and -F show them. */
#ifndef CLIENT_PRINT_H
#define CLIENT_PRINT_H

#include <stdbool.h>

#include "client/format.h"
#include "client/tocsin.h"
#include "proto/text.h"

enum print_form {
#define OUTPUT(id, name, meaning) PRINT_##id,
#include "client/output.def"
#undef OUTPUT
    PRINT_FORM_COUNT
};

struct printer {
    enum print_form form;
    struct format *format; /* NULL: in the form */
    const char *ending;    /* behind each event of a format: a newline, a NUL, nothing */
    size_t ending_len;
    bool is_utc;
    bool has_color;
};

/* The form of that name; PRINT_FORM_COUNT: none. */
enum print_form print_form_find(const char *name);

/* Appends the message, an EVENT. `json` is its record as JSON, and may be empty where printer_needs_json says so. */
void print_event(struct text *out, const struct printer *printer, const struct tocsin_message *message,
                 struct span json);
bool print_needs_json(const struct printer *printer);

/* Appends a line for people; in print_line.c. */
void print_line(struct text *out, const struct printer *printer, const struct tocsin_message *message);

#endif
