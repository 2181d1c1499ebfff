/* One piece of a format, written for one event. Within format.* only. */
#ifndef CLIENT_FORMAT_PIECE_H
#define CLIENT_FORMAT_PIECE_H

#include <stdbool.h>

#include "client/event_time.h"
#include "client/tocsin.h"
#include "proto/text.h"

enum format_piece_kind { PIECE_LITERAL, PIECE_LETTER, PIECE_MEMBER, PIECE_TIME };

struct format_piece {
    enum format_piece_kind kind;
    char letter;  /* of LETTER and TIME */
    size_t start; /* of the text of LITERAL and MEMBER */
    size_t len;
    int width;     /* characters at least; 0: as many as there are */
    int precision; /* characters at most; -1: all */
    bool is_left;
    bool has_zeros; /* fills with zeros on the left */
};

/* What an event's pieces are made from. */
struct format_source {
    const struct tocsin_message *message;
    struct span json;
    struct event_time time;
    bool is_utc;
};

/* Whether the letter is in format_letter.def. */
bool format_is_letter(char letter);

/* Appends the piece; `text` is that of a literal or the path of a member. */
void format_put_piece(struct text *out, const struct format_piece *piece, struct span text,
                      const struct format_source *source);

#endif
