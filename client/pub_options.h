/* What the options of `tocsin pub` come to. */
#ifndef CLIENT_PUB_OPTIONS_H
#define CLIENT_PUB_OPTIONS_H

#include <stdbool.h>

#include "client/options.h"
#include "client/tocsin.h"
#include "client/where.h"

/* In the order of the words of --format. */
enum pub_format { PUB_AUTO, PUB_JSON, PUB_MSGPACK };

/* In the order of the words of --ack. */
enum pub_ack { PUB_ACK_DURABLE, PUB_ACK_NONE };

struct pub_options {
    struct where where;
    struct tocsin_publisher_options publisher; /* for fire and forget */
    bool is_acknowledged;                      /* by the append door */
    const char *producer;                      /* its name there; NULL: made up */
    const char *spool_dir;                     /* NULL: none */
    /* the event, where no files are given */
    enum tocsin_level level;
    char *topic; /* holds the next two where they come from it */
    const char *category;
    const char *source_id;
    const char *type;
    const char *summary;
    const char *cause;        /* NULL: none */
    char *snapshot;           /* NULL: none */
    uint64_t time_us;         /* 0: none */
    uint64_t count;           /* how often to send it */
    double events_per_second; /* 0: as fast as can be */
    /* else */
    const char **files;
    size_t file_count;
    enum pub_format format;
    bool keeps_going;
    bool is_quiet;
    bool is_verbose;
};

/* Complains about what is wrong or missing and returns the exit code, EXIT_CODE_OK: all is well. pub_options_fini is
 * due in any case. Borrows from `options`. */
int pub_options_read(struct pub_options *settings, const struct options *options);
void pub_options_fini(struct pub_options *settings);

#endif
