#include <fcntl.h>
#include <unistd.h>

#include "broker/broker_event.h"
#include "broker/journal_internal.h"
#include "broker/log.h"
#include "proto/wire.h"

static void begin(struct journal *journal, enum tocsin_level level, const char *type, const char *summary,
                  uint32_t member_count)
{
    broker_event_begin(&journal->own, journal->options.name, level, type, summary, 0);
    wire_write_map(&journal->own, member_count);
}

/* Adds the event in journal->own to the batch. */
static void add(struct journal *journal, uint64_t now_us)
{
    struct event event;
    if (journal->own.failed || !event_view(text_span(&journal->own), &event) ||
        !batch_add(&journal->batch, &event, now_us, (struct span){NULL, 0}, 0))
        log_error("out of memory: an event of the broker's own is not in the log");
}

void journal_tell_opened(struct journal *journal, uint64_t now_us)
{
    if (!log_file_is_fresh(journal->options.log))
        return;
    broker_event_begin(&journal->own, journal->options.name, TOCSIN_LEVEL_INFO, "LogOpened",
                       "A new file of the log begins", 0);
    log_origin_write(&journal->own, log_file_origin(journal->options.log));
    add(journal, now_us);
}

/* 36 characters; "" where the system has none. */
static void read_boot_id(char out[40])
{
    out[0] = '\0';
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    ssize_t len = read(fd, out, 36);
    out[len > 0 ? len : 0] = '\0';
    close(fd);
}

void journal_tell_started(struct journal *journal, uint64_t now_us)
{
    char boot_id[40];
    read_boot_id(boot_id);
    begin(journal, TOCSIN_LEVEL_INFO, "BrokerStarted", "The broker has started", 3);
    broker_event_put_str(&journal->own, "version", journal->options.version);
    broker_event_put_str(&journal->own, "bootId", boot_id);
    broker_event_put_uint(&journal->own, "pid", (uint64_t)getpid());
    add(journal, now_us);
}

void journal_tell_gap(struct journal *journal, uint64_t now_us)
{
    const struct log_opening *opening = log_file_opening(journal->options.log);
    if (opening->gap == LOG_GAP_NONE || opening->gap == LOG_GAP_DAMAGE)
        return;
    begin(journal, TOCSIN_LEVEL_WARNING, "SeqJumped",
          opening->gap == LOG_GAP_POWER ? "The machine went down before the disk had everything: seqs are skipped"
                                        : "The log is shorter than it was: seqs are skipped",
          2);
    broker_event_put_uint(&journal->own, "from", opening->gap_from);
    broker_event_put_uint(&journal->own, "to", opening->gap_to);
    add(journal, now_us);
}

void journal_tell_salvaged(struct journal *journal, uint64_t now_us)
{
    const struct log_opening *opening = log_file_opening(journal->options.log);
    if (!opening->damaged_file[0])
        return;
    bool has_gap = opening->gap == LOG_GAP_DAMAGE;
    begin(journal, TOCSIN_LEVEL_ERROR, "LogSalvaged", "Damage of the log was set aside on demand", has_gap ? 5 : 3);
    broker_event_put_str(&journal->own, "file", opening->damaged_file);
    broker_event_put_uint(&journal->own, "bytes", opening->damaged_bytes);
    broker_event_put_uint(&journal->own, "line", opening->damaged_line);
    if (has_gap) {
        broker_event_put_uint(&journal->own, "from", opening->gap_from);
        broker_event_put_uint(&journal->own, "to", opening->gap_to);
    }
    add(journal, now_us);
}

void journal_tell_found(struct journal *journal, uint64_t now_us)
{
    const struct log_opening *opening = log_file_opening(journal->options.log);
    if (!opening->torn_file[0])
        return;
    begin(journal, TOCSIN_LEVEL_WARNING, "TornTail", "The log ended in a batch that a crash cut short; it is set aside",
          2);
    broker_event_put_str(&journal->own, "file", opening->torn_file);
    broker_event_put_uint(&journal->own, "bytes", opening->torn_bytes);
    add(journal, now_us);
}

void journal_tell_rolled(struct journal *journal, uint64_t now_us, const char *rolled_name)
{
    begin(journal, TOCSIN_LEVEL_INFO, "LogRolled", "A day of the log has ended", 2);
    broker_event_put_str(&journal->own, "from", "events.log");
    broker_event_put_str(&journal->own, "to", rolled_name);
    add(journal, now_us);
}

static void tell_full(struct journal *journal, uint64_t now_us)
{
    broker_event_begin(&journal->own, journal->options.name, TOCSIN_LEVEL_ERROR, "DiskFull", "The log's disk was full",
                       journal->full_since_wall_us);
    wire_write_map(&journal->own, 2);
    broker_event_put_str(&journal->own, "directory", journal->options.log_dir);
    broker_event_put_uint(&journal->own, "freeBytes", journal->full_free_bytes);
    add(journal, now_us);
}

void journal_tell_recovered(struct journal *journal, uint64_t now_us)
{
    if (!journal->was_full)
        return;
    journal->was_full = false;
    tell_full(journal, now_us);
    begin(journal, journal->recovered_dropped ? TOCSIN_LEVEL_WARNING : TOCSIN_LEVEL_INFO, "DiskRecovered",
          "The log's disk has room again", 3);
    broker_event_put_uint(&journal->own, "lostEvents", journal->recovered_dropped);
    broker_event_put_uint(&journal->own, "durationMs", journal->recovered_us / 1000);
    broker_event_put_uint(&journal->own, "freeBytes", log_file_space(journal->options.log).free_bytes);
    add(journal, now_us);
}

void journal_tell_stopped(struct journal *journal, uint64_t now_us)
{
    begin(journal, TOCSIN_LEVEL_INFO, "BrokerStopped", "The broker has stopped", 1);
    broker_event_put_str(&journal->own, "reason", atomic_load(&journal->stop_reason));
    add(journal, now_us);
}
