#include "client/alert/alert_state.h"

#include <errno.h>

#include "client/clock.h"
#include "client/complain.h"

#define MARK         "tocsin-alert-2"
#define BYTES_MAX    (1024u << 20)
#define PAUSE_MIN_US INT64_C(200000)
#define PAUSE_FACTOR 10 /* writing takes a tenth of the time at most */

static bool refuse(const struct alert_state *state, const char *reason)
{
    complain("--state: %s: %s", state->file.path ? state->file.path : "", reason);
    return false;
}

static bool read_head(struct alert_state *state)
{
    struct span mark, log_id;
    state->rest = wire_reader_of(text_span(&state->content));
    if (!wire_read_str(&state->rest, &mark) || !span_is(mark, MARK) || !wire_read_str(&state->rest, &log_id) ||
        log_id.len != STREAM_LOG_ID_LEN || !wire_read_uint(&state->rest, &state->seq))
        return false;
    memcpy(state->log_id, log_id.data, STREAM_LOG_ID_LEN);
    return true;
}

bool alert_state_open(struct alert_state *state, const char *path)
{
    *state = (struct alert_state){.pause_us = PAUSE_MIN_US};
    text_init(&state->content);
    int error = kept_file_open(&state->file, path);
    if (!error)
        error = kept_file_read(&state->file, BYTES_MAX, &state->content);
    if (error == TOCSIN_E_END)
        return true;
    if (error == TOCSIN_E_IO) {
        complain("--state: %s: %s", path, strerror(errno));
        return false;
    }
    if (error) {
        complain("--state: %s: %s", path, tocsin_error_text(error));
        return false;
    }
    state->is_there = read_head(state);
    return state->is_there || refuse(state, "is no state of tocsin alert");
}

void alert_state_close(struct alert_state *state)
{
    kept_file_close(&state->file);
    text_fini(&state->content);
}

bool alert_state_restore(struct alert_state *state, struct bridge *bridge)
{
    bool is_good = bridge_restore(bridge, &state->rest);
    text_fini(&state->content);
    text_init(&state->content);
    return is_good || refuse(state, "is damaged, or memory ran out");
}

bool alert_state_write(struct alert_state *state, const struct bridge *bridge, uint64_t seq, const char *log_id)
{
    int64_t begun_us = clock_now_us();
    struct text *content = &state->content;
    text_clear(content);
    wire_write_str(content, span_of_str(MARK));
    wire_write_str(content, span_of_str(log_id));
    wire_write_uint(content, seq);
    bridge_save(bridge, content);
    if (content->failed)
        return refuse(state, tocsin_error_text(TOCSIN_E_NOMEM));
    if (kept_file_write(&state->file, text_span(content)) != TOCSIN_OK)
        return refuse(state, strerror(errno));
    state->written_us = clock_now_us();
    state->pause_us = (state->written_us - begun_us) * PAUSE_FACTOR;
    if (state->pause_us < PAUSE_MIN_US)
        state->pause_us = PAUSE_MIN_US;
    return true;
}
