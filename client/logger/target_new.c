#include <string.h>

#include "client/complain.h"
#include "client/logger/target.h"

struct target *target_new(const struct target_options *options)
{
    const char *to = options->to;
    if (!to || strcmp(to, "stdout") == 0)
        return target_file_new(options, NULL);
    if (strncmp(to, "file:", 5) == 0)
        return target_file_new(options, to + 5);
    if (strncmp(to, "syslog:", 7) == 0)
        return target_syslog_new(options, to + 7);
    if (strcmp(to, "journald") == 0 || strncmp(to, "journald:", 9) == 0)
        return target_journald_new(options, to[8] ? to + 9 : "");
    if (strncmp(to, "otlp:", 5) == 0)
        return target_otlp_new(options, to + 5);
    complain("--to: \"%s\" is no target: stdout, file:PATH, syslog:unix:PATH, syslog:udp:HOST[:PORT], "
             "syslog:tcp:HOST[:PORT], journald or otlp:URL",
             to);
    return NULL;
}
