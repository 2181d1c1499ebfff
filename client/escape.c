#include "client/escape.h"

#include "proto/utf8.h"

void escape_text(struct text *out, struct span text)
{
    const uint8_t *at = text.data, *end = text.data + text.len;
    while (at < end) {
        const uint8_t *plain = at;
        while (at < end && *at >= 0x20 && *at < 0x7f)
            at++;
        text_put(out, plain, (size_t)(at - plain));
        if (at == end)
            return;
        uint32_t character;
        unsigned len = utf8_decode(at, end, &character);
        if (len == 0)
            text_printf(out, "\\x%02x", *at++);
        else if (utf8_must_escape(character) || utf8_is_hidden(character))
            text_printf(out, "\\u%04x", (unsigned)character);
        else
            text_put(out, at, len);
        at += len;
    }
}
