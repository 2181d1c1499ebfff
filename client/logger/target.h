/* Where `tocsin log` writes to. A target takes a batch or is away for now; then it is asked again with the same batch,
 * for ever: the broker's log is the buffer. */
#ifndef CLIENT_LOGGER_TARGET_H
#define CLIENT_LOGGER_TARGET_H

#include "client/logger/batch.h"
#include "client/logger/log_form.h"

#define TARGET_REASON_MAX 512

enum target_answer {
    TARGET_TAKEN,   /* all of it, as safely as the target can say */
    TARGET_AWAY,    /* not now; batch->done entries need not be sent again */
    TARGET_REFUSED, /* entry batch->done will never be taken; what came before it was */
    TARGET_GONE     /* the reader of our output went away: nothing will ever be taken again */
};

struct target;

struct target_kind {
    /* Appends the event as the target wants it. */
    void (*encode)(struct target *target, struct text *out, const struct log_event *event);
    enum target_answer (*deliver)(struct target *target, struct batch *batch);
    void (*free)(struct target *target);
};

/* The head of each kind's own struct. */
struct target {
    const struct target_kind *kind;
    enum log_form form;
    char reason[TARGET_REASON_MAX]; /* why it is away, or refused */
    int pause_ms;                   /* after which it wants to be asked again; 0: it did not say */
};

struct target_options {
    const char *to; /* as on the command line */
    enum log_form form;
    bool has_form;         /* else the kind's own */
    bool is_daily;         /* files */
    uint64_t rotate_bytes; /* files; 0: not by size */
    bool compresses;
    unsigned facility; /* syslog */
    const char *hostname;
    const char *const *headers; /* OTLP */
    size_t header_count;
};

/* Makes the target that `to` names; nothing is opened yet but what can be wrong for ever. NULL: complained about. */
struct target *target_new(const struct target_options *options);
void target_free(struct target **target);

/* Sets the reason, as printf does. Returns TARGET_AWAY. */
enum target_answer target_away(struct target *target, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The kinds. `rest` is what follows "KIND:" in --to. NULL: complained about. */
struct target *target_file_new(const struct target_options *options, const char *path); /* NULL: standard output */
struct target *target_syslog_new(const struct target_options *options, const char *rest);
struct target *target_journald_new(const struct target_options *options, const char *rest);
struct target *target_otlp_new(const struct target_options *options, const char *rest);

#endif
