/* Files, pipes and standard input, one behind the other, for `tocsin gateway json`. */
#ifndef CLIENT_GATEWAY_JSON_INPUT_H
#define CLIENT_GATEWAY_JSON_INPUT_H

#include "client/gateway/json_lines.h"

struct json_input {
    struct loop_watch watch; /* of the one that is read */
    struct loop_timer timer; /* for files that cannot be waited for */
    struct json_lines lines;
    const char *const *names;
    size_t name_count;
    size_t name_at; /* behind the one that is read */
    struct text bytes;
    bool is_open;
    bool is_watched;
    bool is_ended;  /* the file is, what was read is not all taken */
    bool is_full;   /* the sink takes no more now */
    bool is_failed; /* a file could not be read */
};

/* Begins with the first name, "-" is standard input. Behind the last one gateway->is_done is set. */
void json_input_begin(struct json_input *input, struct gateway *gateway, const char *const *names, size_t count);

/* There is room in the queue again. */
void json_input_resume(struct json_input *input);

void json_input_close(struct json_input *input);

#endif
