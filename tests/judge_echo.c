/* What the judge says of each value that stands as hex on a line of standard input, for a judge in another language to
 * compare: bytes taken, code, and in hex the field, the topic and the text of the log. */
#include <stdio.h>
#include <stdlib.h>

#include "proto/error.h"
#include "proto/event.h"
#include "proto/json.h"

static size_t read_hex(const char *line, uint8_t *out)
{
    size_t len = 0;
    unsigned byte;
    while (sscanf(line + 2 * len, "%2x", &byte) == 1)
        out[len++] = (uint8_t)byte;
    return len;
}

static void print_hex(struct span bytes)
{
    putchar(' ');
    for (size_t i = 0; i < bytes.len; i++)
        printf("%02x", bytes.data[i]);
}

static void answer(struct event_judge *judge, struct span bytes, struct text *text)
{
    struct event event;
    struct refusal refusal;
    size_t consumed = event_judge(judge, bytes, &event, &refusal);
    char topic[TOCSIN_TOPIC_MAX];
    size_t topic_len = 0;
    text_clear(text);
    if (!refusal.code) {
        topic_len = event_topic(&event, topic);
        json_write_event(text, &event);
    }
    printf("%zu %s", consumed, refusal_word(refusal.code));
    print_hex(refusal.field);
    print_hex(span_of(topic, topic_len));
    print_hex(text_span(text));
    putchar('\n');
}

int main(void)
{
    struct event_judge *judge = event_judge_new(TOCSIN_EVENT_BYTES_MAX, 1);
    struct text text;
    text_init(&text);
    char *line = NULL;
    size_t capacity = 0;
    ssize_t line_len;
    while (judge && (line_len = getline(&line, &capacity, stdin)) >= 0) {
        uint8_t *bytes = malloc((size_t)line_len);
        if (!bytes)
            return 1;
        size_t len = read_hex(line, bytes);
        uint8_t *exact = realloc(bytes, len > 0 ? len : 1);
        if (!exact)
            return 1;
        answer(judge, span_of(exact, len), &text);
        free(exact);
    }
    free(line);
    text_fini(&text);
    event_judge_free(&judge);
    return 0;
}
