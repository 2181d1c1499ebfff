/* What the fuzz targets of proto/ share: a claim that aborts, and the shortest form of a value. */
#ifndef TESTS_FUZZ_SUPPORT_H
#define TESTS_FUZZ_SUPPORT_H

#include <stdlib.h>

#include "proto/json_read.h"
#include "proto/tocsin_base.h"
#include "proto/utf8.h"
#include "proto/wire.h"

#define FUZZ_SEED 20261121

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold for every input; where it does not, libFuzzer keeps the input. */
static inline void must(bool claim)
{
    if (!claim)
        abort();
}

/* Appends checked MessagePack in its shortest form, floats as float64. A value is its tokens in a row. */
static inline void write_canonical(struct text *out, struct span value)
{
    struct wire_reader reader = wire_reader_of(value);
    struct wire_token token;
    for (;;) {
        switch (wire_read(&reader, &token)) {
        case WIRE_NIL:
            wire_write_nil(out);
            break;
        case WIRE_BOOL:
            wire_write_bool(out, token.as.boolean);
            break;
        case WIRE_UINT:
            wire_write_uint(out, token.as.u);
            break;
        case WIRE_INT:
            wire_write_int(out, token.as.i);
            break;
        case WIRE_FLOAT:
            wire_write_double(out, token.as.f);
            break;
        case WIRE_STR:
            wire_write_str(out, token.as.bytes);
            break;
        case WIRE_ARRAY:
            wire_write_array(out, token.as.count);
            break;
        case WIRE_MAP:
            wire_write_map(out, token.as.count);
            break;
        default:
            must(reader.at == reader.end);
            return;
        }
    }
}

/* The text is UTF-8, and nothing in it could drive a terminal or split a reader. */
static inline void must_be_printable(struct span text)
{
    const uint8_t *at = text.data;
    while (at < span_end(text)) {
        uint32_t character = 0;
        unsigned len = utf8_decode(at, span_end(text), &character);
        must(len > 0 && !utf8_must_escape(character));
        at += len;
    }
}

/* The JSON text is the image of the checked value. */
static inline void must_read_back(struct span json, struct span value)
{
    struct text read, canonical;
    text_init(&read);
    text_init(&canonical);
    must(json_read_value(json, JSON_DEPTH_MAX, &read, NULL) == 0);
    write_canonical(&canonical, value);
    must(span_equals(text_span(&read), text_span(&canonical)));
    text_fini(&read);
    text_fini(&canonical);
}

#endif
