/* The C header with a typed function for every event.
 *
 * An event whose snapshot is made of plain values gets them as parameters. Where it is a tree (an array, an object, or
 * whatever there is) or optional, the function sets all but the snapshot, and the caller adds it. */
#include <stdio.h>
#include <string.h>

#include "proto/catalog_doc.h"
#include "proto/error.h"

#define LINE_MAX_LEN 117 /* leaves room to end a comment, a call */

static const char opening[] =
    "/* A function for every known event: sets its level, category, type and cause, and the snapshot where that is "
    "made\n"
    " * of plain values. Printed from the catalog (cmake --build BUILD --target catalog); do not edit.\n"
    " *\n"
    " *     tocsin_core_tcp_disconnect(event, \"sip-1\", \"Connection from 192.0.2.7 ended\", \"192.0.2.7\", 40312,\n"
    " *                                \"192.0.2.1\", 5060, \"tcp\");\n"
    " *     error = tocsin_publish(publisher, event);\n"
    " *\n"
    " * Optional parameters are pointers: NULL leaves them out. `severity` is asked for where the level depends; the\n"
    " * usual one is named first. Time, and a snapshot that is not set here, are added by the calls of tocsin.h. All\n"
    " * return what those calls return: 0, or the event's first error. */\n"
    "#ifndef TOCSIN_CATALOG_H\n"
    "#define TOCSIN_CATALOG_H\n"
    "\n"
    "#include \"tocsin.h\"\n"
    "\n"
    "/* clang-format off */\n"
    "\n"
    "#ifdef __cplusplus\n"
    "extern \"C\" {\n"
    "#endif\n"
    "\n"
    "static inline int tocsin_catalog_str(struct tocsin_event *event, const char *key, const char *value)\n"
    "{\n"
    "    tocsin_event_key(event, key);\n"
    "    return tocsin_event_str(event, value);\n"
    "}\n"
    "\n"
    "static inline int tocsin_catalog_int(struct tocsin_event *event, const char *key, int64_t value)\n"
    "{\n"
    "    tocsin_event_key(event, key);\n"
    "    return tocsin_event_int(event, value);\n"
    "}\n"
    "\n"
    "static inline int tocsin_catalog_bool(struct tocsin_event *event, const char *key, bool value)\n"
    "{\n"
    "    tocsin_event_key(event, key);\n"
    "    return tocsin_event_bool(event, value);\n"
    "}\n"
    "\n"
    "static inline int tocsin_catalog_double(struct tocsin_event *event, const char *key, double value)\n"
    "{\n"
    "    tocsin_event_key(event, key);\n"
    "    return tocsin_event_double(event, value);\n"
    "}\n";

static const char closing[] = "\n"
                              "#ifdef __cplusplus\n"
                              "}\n"
                              "#endif\n"
                              "\n"
                              "#endif\n";

static bool is_plain(enum catalog_param_type type)
{
    return type == CATALOG_STR || type == CATALOG_INT || type == CATALOG_BOOL || type == CATALOG_FLOAT;
}

static bool takes_params(const struct catalog_event *event)
{
    if (event->snapshot != CATALOG_SNAPSHOT)
        return false;
    for (size_t i = 0; i < event->param_count; i++)
        if (!is_plain(event->params[i].type))
            return false;
    return event->param_count > 0;
}

/* Appends `word` to the line that is being written, or to a new one that begins with `indent`. */
static void put_wrapped(struct text *out, size_t *column, const char *indent, const char *word)
{
    size_t len = strlen(word);
    if (*column + 1 + len > LINE_MAX_LEN) {
        text_printf(out, "\n%s", indent);
        *column = strlen(indent);
    } else {
        text_put_char(out, ' ');
        (*column)++;
    }
    text_put_str(out, word);
    *column += len;
}

static void put_words(struct text *out, size_t *column, const char *indent, const char *words)
{
    while (*words != '\0') {
        char word[CATALOG_NAME_MAX];
        size_t len = strcspn(words, " ");
        size_t kept = len < sizeof word ? len : sizeof word - 1;
        memcpy(word, words, kept);
        word[kept] = '\0';
        put_wrapped(out, column, indent, word);
        words += len;
        words += strspn(words, " ");
    }
}

/* The comment above a function. */
static void put_comment(struct text *out, const struct catalog_event *event, bool with_params)
{
    struct text sentence;
    text_init(&sentence);
    text_printf(&sentence, "%s%s%s at level %s", event->type, *event->cause != '\0' ? " with cause " : "", event->cause,
                level_word(event->level));
    if (*event->level_rule != '\0')
        text_printf(&sentence, " (%s)", event->level_rule);
    text_printf(&sentence, ": %s.", event->meaning);
    if (!with_params && event->snapshot != CATALOG_NO_SNAPSHOT)
        text_put_str(&sentence, event->snapshot == CATALOG_SNAPSHOT
                                    ? " The caller adds the snapshot."
                                    : " The caller adds the snapshot, where there is one.");
    text_put_char(&sentence, '\0');

    size_t column = 2;
    text_put_str(out, "\n/*");
    put_words(out, &column, " * ", sentence.failed ? "" : sentence.data);
    for (size_t i = 0; with_params && i < event->param_count; i++) {
        char name[CATALOG_NAME_MAX];
        catalog_param_name(name, &event->params[i]);
        text_printf(out, "\n *   %s:", name);
        column = strlen(" *   :") + strlen(name);
        put_words(out, &column, " *       ", event->params[i].meaning);
        put_words(out, &column, " *       ", event->params[i].is_required ? "" : "(optional)");
    }
    text_put_str(out, " */\n");
    text_fini(&sentence);
}

static void put_signature(struct text *out, const struct catalog_event *event, bool with_params)
{
    static const char *const types[][2] = {/* required, optional */
                                           [CATALOG_STR] = {"const char *", "const char *"},
                                           [CATALOG_INT] = {"int64_t ", "const int64_t *"},
                                           [CATALOG_BOOL] = {"bool ", "const bool *"},
                                           [CATALOG_FLOAT] = {"double ", "const double *"}};
    static const char indent[] = "        ";
    char name[CATALOG_NAME_MAX];
    catalog_function_name(name, event);
    text_printf(out, "static inline int %s(struct tocsin_event *event,", name);
    size_t column = strlen("static inline int (struct tocsin_event *event,") + strlen(name);
    if (*event->level_rule != '\0')
        put_wrapped(out, &column, indent, "enum tocsin_level severity,");
    put_wrapped(out, &column, indent, "const char *source_id,");
    put_wrapped(out, &column, indent, with_params ? "const char *summary," : "const char *summary)");
    for (size_t i = 0; with_params && i < event->param_count; i++) {
        const struct catalog_param *param = &event->params[i];
        char declaration[2 * CATALOG_NAME_MAX];
        catalog_param_name(name, param);
        strcpy(declaration, types[param->type][param->is_required ? 0 : 1]);
        strcat(declaration, name);
        strcat(declaration, i + 1 < event->param_count ? "," : ")");
        put_wrapped(out, &column, indent, declaration);
    }
}

/* One statement of the body: `result` takes what the last one that is always reached returns, and those behind it. */
static void put_param(struct text *out, const struct catalog_param *param, const char *result)
{
    static const char *const words[] = {
        [CATALOG_STR] = "str", [CATALOG_INT] = "int", [CATALOG_BOOL] = "bool", [CATALOG_FLOAT] = "double"};
    char name[CATALOG_NAME_MAX];
    catalog_param_name(name, param);
    if (!param->is_required)
        text_printf(out, "    if (%s != NULL)\n    ", name);
    text_printf(out, "    %stocsin_catalog_%s(event, \"%s\", %s%s);\n", result, words[param->type], param->name,
                param->is_required || param->type == CATALOG_STR ? "" : "*", name);
}

static void put_snapshot(struct text *out, const struct catalog_event *event)
{
    size_t required = 0, last_required = 0; /* the latter counts from 1 */
    for (size_t i = 0; i < event->param_count; i++)
        if (event->params[i].is_required) {
            required++;
            last_required = i + 1;
        }
    text_printf(out, "    %stocsin_event_map_begin(event, %zuu", last_required == 0 ? "int result = " : "", required);
    size_t column = strlen("    tocsin_event_map_begin(event, 9u");
    for (size_t i = 0; i < event->param_count; i++) {
        char name[CATALOG_NAME_MAX], summand[CATALOG_NAME_MAX + 32];
        catalog_param_name(name, &event->params[i]);
        snprintf(summand, sizeof summand, "+ (%s != NULL ? 1u : 0u)", name);
        if (!event->params[i].is_required)
            put_wrapped(out, &column, "        ", summand);
    }
    text_put_str(out, ");\n");

    bool ends_required = last_required == event->param_count;
    for (size_t i = 0; i < event->param_count; i++) {
        const char *last = ends_required ? "return " : "int result = ";
        put_param(out, &event->params[i], i + 1 < last_required ? "" : i + 1 == last_required ? last : "result = ");
    }
    if (!ends_required)
        text_put_str(out, "    return result;\n");
}

static void put_function(struct text *out, const struct catalog_event *event)
{
    static const char *const levels[] = {
#define TOCSIN_LEVEL(name, word) "TOCSIN_LEVEL_" #name,
#include "proto/tocsin_level.def"
#undef TOCSIN_LEVEL
    };
    bool with_params = takes_params(event);
    put_comment(out, event, with_params);
    put_signature(out, event, with_params);

    bool has_cause = *event->cause != '\0';
    const char *result = with_params || has_cause ? "" : "return ";
    text_printf(out, "\n{\n    %stocsin_event_set(event,", result);
    size_t column = strlen("    tocsin_event_set(event,") + strlen(result);
    put_wrapped(out, &column, "        ", *event->level_rule != '\0' ? "severity" : levels[event->level]);
    text_printf(out, ", \"%s\", \"%s\",", event->category, event->type);
    column += strlen(", \"\", \"\",") + strlen(event->category) + strlen(event->type);
    put_words(out, &column, "        ", "source_id, summary);");
    text_put_str(out, "\n");
    if (has_cause)
        text_printf(out, "    %stocsin_event_set_cause(event, \"%s\");\n", with_params ? "" : "return ", event->cause);
    if (with_params)
        put_snapshot(out, event);
    text_put_str(out, "}\n");
}

void catalog_helpers_write(struct text *out)
{
    text_put_str(out, opening);
    const char *category = "";
    for (size_t i = 0; i < catalog_event_count; i++) {
        if (strcmp(category, catalog_events[i].category) != 0)
            text_printf(out, "\n/* ---- %s: %s ---- */\n", catalog_events[i].world, catalog_events[i].category);
        category = catalog_events[i].category;
        put_function(out, &catalog_events[i]);
    }
    text_put_str(out, closing);
}
