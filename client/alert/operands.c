#include <stdlib.h>

#include "client/alert/member_tree.h"
#include "client/alert/operand.h"

struct slot {
    const struct condition *condition; /* one of those that look at it */
    uint32_t member;                   /* in the tree */
    uint64_t event;                    /* that it was read of */
    bool is_there;
    struct operand operand;
};

struct operands {
    struct slot *slots;
    uint32_t count;
    uint32_t room;
    struct member_tree *members;
    const struct tocsin_message *message;
    uint64_t event;  /* how many there were */
    uint64_t walked; /* the event whose snapshot was walked through */
};

struct operands *operands_new(void)
{
    struct operands *operands = calloc(1, sizeof *operands);
    if (operands && !(operands->members = member_tree_new()))
        operands_free(&operands);
    return operands;
}

void operands_free(struct operands **operands)
{
    if (!*operands)
        return;
    member_tree_free(&(*operands)->members);
    free((*operands)->slots);
    free(*operands);
    *operands = NULL;
}

static bool make_room(struct operands *operands)
{
    uint32_t room = operands->room ? 2 * operands->room : 16;
    if (operands->count < operands->room)
        return true;
    struct slot *slots = realloc(operands->slots, room * sizeof *slots);
    if (!slots)
        return false;
    operands->slots = slots;
    operands->room = room;
    return true;
}

bool operands_add(struct operands *operands, const struct condition *condition, uint32_t *number)
{
    for (*number = 0; *number < operands->count; ++*number) {
        const struct condition *other = operands->slots[*number].condition;
        if (other->field == condition->field && span_equals(other->path, condition->path))
            return true;
    }
    struct slot slot = {.condition = condition};
    if (!make_room(operands) ||
        (condition->field == CONDITION_MEMBER && !member_tree_add(operands->members, condition->path, &slot.member)))
        return false;
    operands->slots[operands->count++] = slot;
    return true;
}

uint32_t operands_count(const struct operands *operands)
{
    return operands->count;
}

void operands_begin(struct operands *operands, const struct tocsin_message *message)
{
    operands->message = message;
    operands->event++;
}

static bool read_member(struct operands *operands, struct slot *slot)
{
    if (operands->walked != operands->event)
        member_tree_walk(operands->members, span_of(operands->message->snapshot.data, operands->message->snapshot.len));
    operands->walked = operands->event;
    struct span value = member_tree_get(operands->members, slot->member);
    return value.data && operand_read_value(&slot->operand, value);
}

const struct operand *operands_get(struct operands *operands, uint32_t number)
{
    struct slot *slot = &operands->slots[number];
    if (slot->event != operands->event) {
        slot->event = operands->event;
        slot->is_there = slot->condition->field == CONDITION_MEMBER
                             ? read_member(operands, slot)
                             : operand_read_field(&slot->operand, slot->condition->field, operands->message);
    }
    return slot->is_there ? &slot->operand : NULL;
}
