/* What is done to all sessions at once: the silent are asked, the gone forgotten, and those that lost their right to be
 * there are ended. */
#include "broker/append_inner.h"
#include "broker/append_message.h"

#define PING_AFTER_US   UINT64_C(30000000)
#define FORGET_AFTER_US UINT64_C(90000000)

void append_tick(struct append *append, uint64_t now_us)
{
    struct append_session *session = NULL;
    while ((session = append_table_next_session(append->table, session))) {
        uint64_t silent_us = now_us > session->heard_us ? now_us - session->heard_us : 0;
        bool is_gone = silent_us >= FORGET_AFTER_US;
        if (!is_gone && silent_us >= PING_AFTER_US) {
            append_write_verb(&append->out, "ping");
            is_gone = !append_send_out(append, append_session_route(session));
        }
        if (is_gone)
            append_table_forget(append->table, session);
    }
}

void append_recheck(struct append *append, bool (*may_stay)(void *arg, access_id owner, struct span producer))
{
    struct append_session *session = NULL;
    while ((session = append_table_next_session(append->table, session))) {
        const struct append_producer *producer =
            session->producer == APPEND_ABSENT ? NULL : append_table_producer_at(append->table, session->producer);
        if (producer && !may_stay(append->options.port.arg, session->owner, append_producer_name(producer)))
            append_end_session(append, session, "denied", "this key may not bear that name any more");
    }
}

bool append_is_holding(const struct append *append)
{
    return append->is_holding;
}

void append_release(struct append *append)
{
    struct append_session *session = NULL;
    if (!append->is_holding)
        return;
    append->is_holding = false;
    while ((session = append_table_next_session(append->table, session))) {
        if (session->producer != APPEND_ABSENT && session->is_welcome)
            append_send_ack(append, session, false);
    }
}

static bool is_of(const struct append *append, const struct append_session *session, access_id owner,
                  struct span producer)
{
    return session->owner == owner && session->producer != APPEND_ABSENT &&
           !span_equals(append_producer_name(append_table_producer_at(append->table, session->producer)), producer);
}

size_t append_count_of(struct append *append, access_id owner, struct span producer, size_t limit)
{
    size_t count = 0;
    struct append_session *session = NULL;
    while ((session = append_table_next_session(append->table, session)))
        count += is_of(append, session, owner, producer);
    if (count < limit)
        return count;
    count = 0;
    while ((session = append_table_next_session(append->table, session))) {
        if (!is_of(append, session, owner, producer))
            continue;
        append_write_verb(&append->out, "ping");
        if (append_send_out(append, append_session_route(session)))
            count++;
        else
            append_table_forget(append->table, session);
    }
    return count;
}

size_t append_session_count(const struct append *append)
{
    return append_table_session_count(append->table);
}
