/* What catalog_doc prints, each from the table behind catalog.h. All append to `out`; failure sticks in out->failed. */
#ifndef PROTO_CATALOG_DOC_H
#define PROTO_CATALOG_DOC_H

#include "proto/catalog.h"
#include "proto/text.h"

/* docs/CATALOG.md: for people. */
void catalog_markdown_write(struct text *out);

/* proto/catalog.json: for programs and bindings; in the table's order. */
void catalog_json_write(struct text *out);

/* client/tocsin_catalog.h: a typed function for every event, for those who compose events in C. */
void catalog_helpers_write(struct text *out);

/* Room for a name in C, with its NUL; what would be longer is cut. */
#define CATALOG_NAME_MAX 320

/* The C function of an event: tocsin_, its category without Event, its type without E_ and without the category's word
 * again, its cause: tocsin_stream_created, tocsin_core_log. `out` holds CATALOG_NAME_MAX bytes. */
void catalog_function_name(char *out, const struct catalog_event *event);

/* The C parameter for a member: its name, and its unit unless it ends with that already: time_us, duration_ms. */
void catalog_param_name(char *out, const struct catalog_param *param);

/* Words that all three use: "str", "int", … and "none", "optional", "always". */
const char *catalog_type_word(enum catalog_param_type type);
const char *catalog_snapshot_word(enum catalog_snapshot snapshot);

#endif
