/* make_log MEGABYTES: makes a log as bench_stream_log.h says, for a benchmark that is no C program, and prints its
 * directory, which is the caller's to remove. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/bench_stream_log.h"

int main(int argc, char **argv)
{
    static struct bench_log log;
    uint64_t mb = argc == 2 ? strtoull(argv[1], NULL, 10) : 0;
    bench_must(mb > 0, "make_log MEGABYTES");
    bench_must(sodium_init() >= 0, "no libsodium");
    bench_log_make(&log, mb * 1000000);
    puts(log.dir);
    bench_log_close(&log);
    return 0;
}
