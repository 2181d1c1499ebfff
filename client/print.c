#include "client/print.h"

#include <string.h>

#include "client/json_indent.h"

static const char *const names[PRINT_FORM_COUNT] = {
#define OUTPUT(id, name, meaning) [PRINT_##id] = (name),
#include "client/output.def"
#undef OUTPUT
};

enum print_form print_form_find(const char *name)
{
    for (unsigned i = 0; i < PRINT_FORM_COUNT; i++) {
        if (strcmp(names[i], name) == 0)
            return (enum print_form)i;
    }
    return PRINT_FORM_COUNT;
}

bool print_needs_json(const struct printer *printer)
{
    return printer->format || printer->form == PRINT_JSON || printer->form == PRINT_JSON_PRETTY;
}

static void print_form(struct text *out, const struct printer *printer, const struct tocsin_message *message,
                       struct span json)
{
    switch (printer->form) {
    case PRINT_JSON:
        text_put(out, json.data, json.len);
        text_put_char(out, '\n');
        return;
    case PRINT_JSON_PRETTY:
        json_indent(out, json);
        text_put_char(out, '\n');
        return;
    case PRINT_RAW:
        text_put(out, message->event.data, message->event.len);
        return;
    default:
        print_line(out, printer, message);
    }
}

void print_event(struct text *out, const struct printer *printer, const struct tocsin_message *message,
                 struct span json)
{
    if (!printer->format) {
        print_form(out, printer, message, json);
        return;
    }
    format_put(out, printer->format, message, json, printer->is_utc);
    text_put(out, printer->ending, printer->ending_len);
}
