/* What the conditions of all rules look at in an event: each field and each member of the snapshot is taken out of it
 * once, however many rules ask for it. Pure. */
#ifndef CLIENT_ALERT_OPERAND_H
#define CLIENT_ALERT_OPERAND_H

#include "client/condition.h"

/* A field's value: a text, a number, or both where a string holds a number. */
struct operand {
    struct span text; /* data NULL: it is no text */
    bool is_number;
    double number;
};

/* Reads a field that is no MEMBER. False: the event, a message of kind EVENT, has none. */
bool operand_read_field(struct operand *operand, enum condition_field field, const struct tocsin_message *message);

/* Reads a member of the snapshot, which begins with its value in MessagePack. False: it is a map or an array. */
bool operand_read_value(struct operand *operand, struct span value);

/* Whether the value of a condition holds. Numbers are compared as numbers, also where a string holds one: OpenSIPS sends
 * some so. */
bool operand_takes(const struct operand *operand, const struct condition_value *value);

struct operands;

struct operands *operands_new(void); /* NULL: out of memory */
void operands_free(struct operands **operands);

/* The number of what the condition looks at, counted from 0, the same for the same. The condition is borrowed. False:
 * out of memory. */
bool operands_add(struct operands *operands, const struct condition *condition, uint32_t *number);
uint32_t operands_count(const struct operands *operands);

/* From here on it is about this event, which is borrowed until the next one. */
void operands_begin(struct operands *operands, const struct tocsin_message *message);

/* What the event has there; NULL: nothing that can be compared. */
const struct operand *operands_get(struct operands *operands, uint32_t number);

#endif
