/* tocsin info: what the broker tells of itself. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/arg.h"
#include "client/command.h"
#include "client/complain.h"
#include "client/json_indent.h"
#include "client/out.h"
#include "client/signals.h"
#include "client/tocsin_stream.h"
#include "client/where.h"

/* What json_indent sets before a member of the outer object. */
#define INDENT 2

/* For people: the members a line each, as `json_indent` sets them, without the signs of JSON. */
static void put_lines(struct text *out, struct span json)
{
    struct text indented;
    text_init(&indented);
    json_indent(&indented, json);
    const char *end = indented.data + indented.len;
    for (const char *line = indented.data; line && line < end;) {
        const char *line_end = memchr(line, '\n', (size_t)(end - line));
        line_end = line_end ? line_end : end;
        bool is_bracket = *line != ' ' || line_end[-1] == '}' || line_end[-2] == '}';
        bool has_more = !is_bracket && line_end[-1] == '{';
        const char *shown_end = has_more ? line_end - 2 : line_end; /* without the space and the brace */
        for (const char *at = line + INDENT; !is_bracket && at < shown_end; at++) {
            if (!strchr("\",{", *at))
                text_put_char(out, *at);
        }
        if (!is_bracket)
            text_put_char(out, '\n');
        line = line_end + 1;
    }
    out->failed |= indented.failed;
    text_fini(&indented);
}

static int print(const char *json, bool is_json)
{
    struct out out;
    out_init(&out, STDOUT_FILENO);
    if (is_json) {
        text_put_str(&out.text, json);
        text_put_char(&out.text, '\n');
    } else {
        put_lines(&out.text, span_of_str(json));
    }
    int error = out_flush(&out);
    out_fini(&out);
    return out_code(error);
}

int command_info(const struct options *options)
{
    struct where where;
    unsigned output = 0;
    char *json;
    if (!where_find(options, ENDPOINT_STREAM, &where) || !arg_choice(options, OPTION_OUTPUT_OF_INFO, &output))
        return EXIT_CODE_USAGE;
    if (options->operand_count > 0) {
        complain("info takes no arguments (tocsin help info)");
        return EXIT_CODE_USAGE;
    }
    signals_catch();
    struct tocsin_stream_options stream = {
        .stream = where.endpoint, .connect_timeout_ms = where.timeout_ms, .curve = where_curve(&where)};
    int error = tocsin_info(&stream, &json);
    if (error)
        return where_complain(&where, error);
    int code = print(json, output == 1);
    free(json);
    return code;
}
