#include "broker/session.h"

#define PAUSE_MIN_US 1000u
#define PAUSE_MAX_US 32000u

void session_open(struct session *session, const struct session_terms *terms, uint64_t now_us)
{
    *session = (struct session){
        .terms = *terms,
        .cursor = {.next_seq = terms->from},
        .has_latest = !terms->begins_with_latest,
        .heard_us = now_us,
        .told_us = now_us,
    };
}

void session_close(struct session *session)
{
    prefix_set_free(&session->terms.topics);
    prefix_set_free(&session->terms.types);
}

void session_add_credit(struct session *session, uint64_t bytes)
{
    if (bytes > INT64_MAX || __builtin_add_overflow(session->credit, (int64_t)bytes, &session->credit))
        session->credit = INT64_MAX;
}

enum session_step session_next(const struct session *session, uint64_t limit_seq, uint64_t now_us)
{
    if (now_us < session->retry_us)
        return SESSION_WAITS;
    if (!session->is_told_open)
        return SESSION_OPENED;
    if (session->credit <= 0)
        return SESSION_WAITS;
    if (!session->has_latest)
        return SESSION_LATEST;
    if (session->cursor.next_seq <= limit_seq)
        return SESSION_RECORDS;
    if (!session->terms.follows)
        return SESSION_ENDS;
    return now_us - session->told_us >= SESSION_BEAT_US ? SESSION_BEAT : SESSION_WAITS;
}

bool session_may_send(const struct session *session, size_t len)
{
    return session->credit >= (int64_t)(len + SESSION_BATCH_HEAD_MAX);
}

bool session_wants_topic(const struct session *session, struct span topic)
{
    return prefix_set_has(session->terms.topics, topic);
}

bool session_wants_kind(const struct session *session, enum tocsin_level level, struct span type)
{
    return level >= session->terms.level && prefix_set_has(session->terms.types, type);
}

bool session_wants_every_kind(const struct session *session)
{
    return session->terms.level == TOCSIN_LEVEL_TRACE && !session->terms.types;
}

void session_sent_batch(struct session *session, size_t len, uint64_t now_us)
{
    session->credit -= (int64_t)len;
    session->told_us = now_us;
    session->pause_us = 0;
}

void session_pause(struct session *session, uint64_t now_us)
{
    session->pause_us = session->pause_us == 0 ? PAUSE_MIN_US : session->pause_us * 2;
    if (session->pause_us > PAUSE_MAX_US)
        session->pause_us = PAUSE_MAX_US;
    session->retry_us = now_us + session->pause_us;
}

bool session_is_silent(const struct session *session, uint64_t now_us)
{
    return now_us > session->heard_us && now_us - session->heard_us >= SESSION_SILENT_US;
}
