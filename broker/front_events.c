#include <stdlib.h>

#include "broker/broker_event.h"
#include "broker/clock.h"
#include "broker/front_internal.h"
#include "proto/error.h"
#include "proto/rfc3339.h"
#include "proto/wire.h"

/* Two clocks that part by more than this: one of them was set. Slewing by ntpd stays far below. */
#define STEP_MIN_US 500000

/* Refusals are summed up in the log at most so often: a hostile producer must not fill it. */
#define REFUSALS_INTERVAL_US 60000000

/* Kinds of denials that are told a second. */
#define DENIALS_A_SECOND 4

/* Hands the event in front->own to the journal; false when there is no room now. */
static bool admit_own(struct front *front)
{
    struct event event;
    front->is_behind = false;
    front->sender = 0;
    if (front->own.failed || !event_view(text_span(&front->own), &event) || !front_admit(front, &event, NULL))
        return false;
    ring_flush(front->options.admitted);
    return true;
}

static void put_time(struct text *out, const char *key, uint64_t us)
{
    char text[RFC3339_US_LEN + 1] = "";
    rfc3339_write_us(text, us);
    broker_event_put_str(out, key, text);
}

static void tell_step(struct front *front, uint64_t expected_us, uint64_t wall_us)
{
    log_warning("the clock was set by %lld ms", (long long)(wall_us - expected_us) / 1000);
    broker_event_begin(&front->own, front->options.name, TOCSIN_LEVEL_WARNING, "ClockStepped", "The clock was set", 0);
    wire_write_map(&front->own, 3);
    broker_event_put_int(&front->own, "stepUs", (int64_t)(wall_us - expected_us));
    put_time(&front->own, "from", expected_us);
    put_time(&front->own, "to", wall_us);
    admit_own(front); /* when the ring is full there are worse news */
}

void front_look_at_clock(struct front *front)
{
    uint64_t wall_us = clock_wall_us();
    uint64_t monotonic_us = clock_monotonic_us();
    uint64_t expected_us = front->wall_us + (monotonic_us - front->monotonic_us);
    bool is_first = front->wall_us == 0;
    front->wall_us = wall_us;
    front->monotonic_us = monotonic_us;
    if (wall_us > front->received_us)
        front->received_us = wall_us;
    if (!is_first && llabs((long long)(wall_us - expected_us)) >= STEP_MIN_US)
        tell_step(front, expected_us, wall_us);
}

static void tell_dropped(struct front *front)
{
    broker_event_begin(&front->own, front->options.name, TOCSIN_LEVEL_ERROR, "EventsDropped",
                       "Events of fire-and-forget producers were lost", 0);
    wire_write_map(&front->own, 2);
    broker_event_put_uint(&front->own, "count", front->dropped);
    broker_event_put_str(&front->own, "reason", "the disk is slower than the producers and the ring is full");
    if (admit_own(front))
        front->dropped = 0;
}

static void tell_refused(struct front *front, enum tocsin_refusal code, uint64_t count)
{
    broker_event_begin(&front->own, front->options.name, TOCSIN_LEVEL_WARNING, "EventRefused",
                       "Events were refused as invalid", 0);
    wire_write_map(&front->own, 2);
    broker_event_put_str(&front->own, "code", refusal_word(code));
    broker_event_put_uint(&front->own, "count", count - front->refused_told[code]);
    if (admit_own(front))
        front->refused_told[code] = count;
}

static void tell_denial(struct front *front, const struct denial *denial)
{
    const char *const members[][2] = {
        {"address", denial->address}, {"key", denial->key}, {"producer", denial->producer}};
    uint32_t count = 3;
    for (size_t i = 0; i < 3; i++)
        count += members[i][1][0] != '\0';
    broker_event_begin(&front->own, front->options.name, TOCSIN_LEVEL_WARNING, "ClientDenied",
                       "A client was refused access", 0);
    wire_write_map(&front->own, count);
    broker_event_put_str(&front->own, "endpoint", denial->door);
    broker_event_put_str(&front->own, "reason", denial->reason);
    broker_event_put_uint(&front->own, "count", denial->count);
    for (size_t i = 0; i < 3; i++) {
        if (members[i][1][0] != '\0')
            broker_event_put_str(&front->own, members[i][0], members[i][1]);
    }
    admit_own(front); /* when the ring is full there are worse news */
    log_warning("denied at %s: %s (key %s, address %s%s%s, %llu times)", denial->door, denial->reason, denial->key,
                denial->address, denial->producer[0] ? ", producer " : "", denial->producer,
                (unsigned long long)denial->count);
}

void front_tell_reload(struct front *front)
{
    struct access_note note;
    if (!front->options.gate || !access_gate_take_note(front->options.gate, &note))
        return;
    bool is_good = note.error[0] == '\0';
    broker_event_begin(&front->own, front->options.name, is_good ? TOCSIN_LEVEL_INFO : TOCSIN_LEVEL_ERROR,
                       "ConfigReloaded", "The configuration was read again", 0);
    wire_write_map(&front->own, is_good ? 2 : 3);
    broker_event_put_str(&front->own, "file", note.file);
    wire_write_str(&front->own, span_of_str("changed"));
    wire_write_array(&front->own, is_good ? 1 : 0);
    if (is_good)
        wire_write_str(&front->own, span_of_str("access"));
    else
        broker_event_put_str(&front->own, "error", note.error);
    admit_own(front);
}

void front_tell_denials(struct front *front)
{
    struct denial denial;
    for (int i = 0; i < DENIALS_A_SECOND && front->options.denials; i++) {
        if (!denials_next(front->options.denials, front->monotonic_us, &denial))
            return;
        tell_denial(front, &denial);
    }
}

void front_tell_losses(struct front *front, bool is_last)
{
    if (front->dropped > 0)
        tell_dropped(front);
    if (!is_last && front->monotonic_us - front->refused_told_us < REFUSALS_INTERVAL_US)
        return;
    front->refused_told_us = front->monotonic_us;
    for (int code = 1; code < TOCSIN_REFUSAL_COUNT; code++) {
        uint64_t count = stats_get(&front->options.stats->events_refused[code]);
        if (count > front->refused_told[code])
            tell_refused(front, (enum tocsin_refusal)code, count);
    }
}
