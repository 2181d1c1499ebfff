/* Each state is a beginning of some text. While texts are added the table holds the tree of them (0: no child); build
 * fills in where to go on when a byte does not fit, so that finding takes one step a byte and never goes back. Bytes
 * that no text holds share the first column. */
#include "client/alert/literals.h"

#include <stdlib.h>

#define STATES_MAX 65000u
#define BYTES      256u

struct state {
    uint32_t number;  /* of the text that ends here, LITERALS_NONE: none does */
    uint16_t shorter; /* the next state that is an end of this one, and in which a text ends; 0: none */
    uint16_t fail;    /* the longest state that is an end of this one */
    uint16_t tree[2]; /* while texts are added: the first child, the next sibling */
    uint8_t byte;     /* that leads here */
};

struct literals {
    struct state *states;
    size_t state_count;
    size_t state_room;
    uint16_t *next; /* state * column_count + column; NULL until it is built */
    bool *tells;    /* by state: a text ends there, or in a shorter one */
    size_t column_count;
    uint16_t columns[BYTES];
    size_t count;
    uint32_t *found;
    uint64_t *found_in; /* by number: the pass that found it last */
    uint64_t pass;
};

static uint16_t add_state(struct literals *literals, uint8_t byte)
{
    if (literals->state_count == STATES_MAX)
        return 0;
    if (literals->state_count == literals->state_room) {
        size_t room = literals->state_room ? 2 * literals->state_room : 64;
        struct state *states = realloc(literals->states, room * sizeof *states);
        if (!states)
            return 0;
        literals->states = states;
        literals->state_room = room;
    }
    literals->states[literals->state_count] = (struct state){.number = LITERALS_NONE, .byte = byte};
    return (uint16_t)literals->state_count++;
}

struct literals *literals_new(void)
{
    struct literals *literals = calloc(1, sizeof *literals);
    if (!literals)
        return NULL;
    add_state(literals, 0); /* the root */
    if (literals->state_count == 0)
        literals_free(&literals);
    return literals;
}

void literals_free(struct literals **self)
{
    struct literals *literals = *self;
    if (!literals)
        return;
    free(literals->states);
    free(literals->next);
    free(literals->tells);
    free(literals->found);
    free(literals->found_in);
    free(literals);
    *self = NULL;
}

static uint16_t child_of(const struct literals *literals, uint16_t state, uint8_t byte)
{
    uint16_t child = literals->states[state].tree[0];
    while (child && literals->states[child].byte != byte)
        child = literals->states[child].tree[1];
    return child;
}

uint32_t literals_add(struct literals *literals, struct span text)
{
    uint16_t state = 0;
    for (size_t i = 0; i < text.len; i++) {
        uint16_t child = child_of(literals, state, text.data[i]);
        if (!child) {
            child = add_state(literals, text.data[i]);
            if (!child)
                return LITERALS_NONE;
            literals->states[child].tree[1] = literals->states[state].tree[0];
            literals->states[state].tree[0] = child;
        }
        state = child;
    }
    if (literals->states[state].number == LITERALS_NONE)
        literals->states[state].number = (uint32_t)literals->count++;
    return literals->states[state].number;
}

static void give_columns(struct literals *literals)
{
    literals->column_count = 1;
    for (size_t i = 1; i < literals->state_count; i++) {
        uint16_t *column = &literals->columns[literals->states[i].byte];
        if (*column == 0)
            *column = (uint16_t)literals->column_count++;
    }
}

/* The state's children get their way back, and what they do not go on to themselves they have from there. */
static void fill_children(struct literals *literals, uint16_t at)
{
    size_t width = literals->column_count;
    uint16_t fail = literals->states[at].fail;
    if (at != 0)
        memcpy(literals->next + at * width, literals->next + fail * width, width * sizeof *literals->next);
    for (uint16_t child = literals->states[at].tree[0]; child; child = literals->states[child].tree[1]) {
        struct state *state = &literals->states[child];
        size_t column = literals->columns[state->byte];
        state->fail = at == 0 ? 0 : literals->next[fail * width + column];
        const struct state *shorter = &literals->states[state->fail];
        state->shorter = shorter->number != LITERALS_NONE ? state->fail : shorter->shorter;
        literals->tells[child] = state->number != LITERALS_NONE || state->shorter;
        literals->next[at * width + column] = child;
    }
}

/* The states in the order of their length. */
static bool fill(struct literals *literals)
{
    uint16_t *queue = malloc(literals->state_count * sizeof *queue);
    size_t count = 0;
    if (!queue)
        return false;
    queue[count++] = 0;
    for (size_t i = 0; i < count; i++) {
        fill_children(literals, queue[i]);
        for (uint16_t child = literals->states[queue[i]].tree[0]; child; child = literals->states[child].tree[1])
            queue[count++] = child;
    }
    free(queue);
    return true;
}

bool literals_build(struct literals *literals)
{
    give_columns(literals);
    literals->next = calloc(literals->state_count * literals->column_count, sizeof *literals->next);
    literals->tells = calloc(literals->state_count, sizeof *literals->tells);
    literals->found = calloc(literals->count + 1, sizeof *literals->found);
    literals->found_in = calloc(literals->count + 1, sizeof *literals->found_in);
    literals->pass = 1;
    return literals->next && literals->tells && literals->found && literals->found_in && fill(literals);
}

/* Those that end here. Where one was found before, the shorter ones were, too. */
static size_t note(struct literals *literals, uint16_t at, size_t count)
{
    for (; at; at = literals->states[at].shorter) {
        uint32_t number = literals->states[at].number;
        if (number == LITERALS_NONE)
            continue;
        if (literals->found_in[number] == literals->pass)
            break;
        literals->found_in[number] = literals->pass;
        literals->found[count++] = number;
    }
    return count;
}

const uint32_t *literals_find(struct literals *literals, struct span text, size_t *count)
{
    const uint16_t *next = literals->next;
    size_t width = literals->column_count, found = 0;
    uint16_t at = 0;
    literals->pass++;
    for (size_t i = 0; i < text.len; i++) {
        at = next[at * width + literals->columns[text.data[i]]];
        if (literals->tells[at])
            found = note(literals, at, found);
    }
    *count = found;
    return literals->found;
}

bool literals_has(const struct literals *literals, uint32_t number)
{
    return literals->found_in[number] == literals->pass;
}

size_t literals_count(const struct literals *literals)
{
    return literals->count;
}
