/* Text as the rules of an event want it. Pure. */
#ifndef CLIENT_GATEWAY_OME_TEXT_H
#define CLIENT_GATEWAY_OME_TEXT_H

#include "proto/span.h"
#include "proto/text.h"

/* Appends UTF-8 with each control character (C0, DEL, C1) as U+FFFD, whole characters only and `max` bytes at most. */
void ome_text_put_line(struct text *out, struct span utf8, size_t max);

/* Appends a copy of MessagePack values in which U+0000, which no event may hold, is U+FFFD in all texts and keys. */
void ome_text_put_clean(struct text *out, struct span values);

#endif
