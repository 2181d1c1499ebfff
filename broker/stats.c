#include "broker/stats.h"

#include "proto/error.h"

#define PREFIX "tocsin_"

static const uint64_t bucket_bounds_us[] = {
#define STATS_BUCKET(us) us,
#include "broker/stats.def"
};

void stats_sync_took(struct stats *stats, uint64_t us)
{
    stats_add(&stats->syncs, 1);
    stats_add(&stats->sync_us, us);
    if (us > stats_get(&stats->sync_us_max))
        stats_set(&stats->sync_us_max, us);
}

void stats_commit_took(struct stats *stats, uint64_t us)
{
    size_t bucket = 0;
    while (bucket < STATS_BUCKET_BEYOND && us > bucket_bounds_us[bucket])
        bucket++;
    stats_add(&stats->commits.counts[bucket], 1);
    stats_add(&stats->commits.sum_us, us);
}

/* --- the text format --- */

/* Help ends with its line; a backslash would begin an escape. */
static void put_family(struct text *out, const char *name, const char *type, const char *help)
{
    text_printf(out, "# HELP %s ", name);
    for (; *help; help++) {
        if (*help == '\\' || *help == '\n')
            text_put_str(out, *help == '\n' ? "\\n" : "\\\\");
        else
            text_put_char(out, *help);
    }
    text_printf(out, "\n# TYPE %s %s\n", name, type);
}

static void put_label(struct text *out, const char *name, const char *value)
{
    text_printf(out, "{%s=\"", name);
    for (; *value; value++) {
        if (*value == '\n')
            text_put_str(out, "\\n");
        else if (*value == '\\' || *value == '"')
            text_printf(out, "\\%c", *value);
        else
            text_put_char(out, *value);
    }
    text_put_str(out, "\"}");
}

static void put_value(struct text *out, uint64_t value)
{
    text_printf(out, " %llu\n", (unsigned long long)value);
}

/* Microseconds as seconds, exactly, without closing zeros: 250 is 0.00025. */
static void put_seconds(struct text *out, uint64_t us)
{
    char fraction[8];
    unsigned rest = (unsigned)(us % 1000000);
    int digits = 6;
    text_printf(out, "%llu", (unsigned long long)(us / 1000000));
    for (; rest > 0 && rest % 10 == 0; rest /= 10)
        digits--;
    if (rest > 0) {
        const int len = digits;
        for (; digits > 0; rest /= 10)
            fraction[--digits] = (char)('0' + rest % 10);
        text_put_char(out, '.');
        text_put(out, fraction, (size_t)len);
    }
}

enum kind { counter, gauge, counter_us, gauge_us };

static void put_single(struct text *out, enum kind kind, const char *name, const char *help, uint64_t value)
{
    put_family(out, name, kind == counter || kind == counter_us ? "counter" : "gauge", help);
    text_put_str(out, name);
    if (kind == counter || kind == gauge) {
        put_value(out, value);
        return;
    }
    text_put_char(out, ' ');
    put_seconds(out, value);
    text_put_char(out, '\n');
}

static void put_refusals(struct text *out, const struct stats *stats)
{
    static const char name[] = PREFIX "events_refused_total";
    put_family(out, name, "counter", "Events refused, by the code of the refusal.");
    for (int code = TOCSIN_ACCEPTED + 1; code < TOCSIN_REFUSAL_COUNT; code++) {
        text_put_str(out, name);
        put_label(out, "code", refusal_word((enum tocsin_refusal)code));
        put_value(out, stats_get(&stats->events_refused[code]));
    }
}

/* The total is the sum of what is printed, so the two agree while the journal goes on counting. */
static void put_commits(struct text *out, const struct stats_histogram *histogram)
{
    static const char name[] = PREFIX "log_commit_duration_seconds";
    uint64_t total = 0;
    put_family(out, name, "histogram", "Time from the first write of a batch to the end of its sync.");
    for (size_t i = 0; i < STATS_BUCKET_COUNT; i++) {
        total += stats_get(&histogram->counts[i]);
        text_printf(out, "%s_bucket{le=\"", name);
        if (i == STATS_BUCKET_BEYOND)
            text_put_str(out, "+Inf");
        else
            put_seconds(out, bucket_bounds_us[i]);
        text_put_str(out, "\"}");
        put_value(out, total);
    }
    text_printf(out, "%s_sum ", name);
    put_seconds(out, stats_get(&histogram->sum_us));
    text_printf(out, "\n%s_count", name);
    put_value(out, total);
}

static void put_health(struct text *out, const struct health *health)
{
    static const char name[] = PREFIX "state";
    const enum health_state state = health_get(health);
    put_single(out, gauge, PREFIX "ready", "1 while the broker takes, logs and publishes events.",
               state == HEALTH_READY);
    put_single(out, gauge, PREFIX "disk_full", "1 while the disk has no room for the log.", state == HEALTH_DISK_FULL);
    put_family(out, name, "gauge", "1 for the state that the broker is in.");
    for (int i = 0; i < HEALTH_STATE_COUNT; i++) {
        text_put_str(out, name);
        put_label(out, "state", health_words((enum health_state)i));
        put_value(out, (int)state == i);
    }
}

static void put_process(struct text *out, const struct stats_process *process, const char *version)
{
    put_family(out, PREFIX "build_info", "gauge", "1; the label tells the version.");
    text_put_str(out, PREFIX "build_info");
    put_label(out, "version", version);
    put_value(out, 1);
    put_single(out, gauge_us, PREFIX "uptime_seconds", "Time since the start.", process->uptime_us);
    put_single(out, counter_us, "process_cpu_seconds_total", "Time of the processor that was used.", process->cpu_us);
    put_single(out, gauge, "process_resident_memory_bytes", "Memory in use.", process->resident_bytes);
    put_single(out, gauge, "process_open_fds", "Open file descriptors.", process->open_fds);
    put_single(out, gauge, "process_max_fds", "Most file descriptors that may be open.", process->max_fds);
}

void stats_write(struct text *out, const struct stats *stats, const struct health *health,
                 const struct stats_process *process, const char *version)
{
#define STATS(kind, field, name, help) put_single(out, kind, name, help, stats_get(&stats->field));
#include "broker/stats.def"
    put_refusals(out, stats);
    put_commits(out, &stats->commits);
    put_health(out, health);
    put_process(out, process, version);
}
