/* The processor's time of the threads that a benchmark has started itself. */
#ifndef TESTS_BENCH_THREADS_H
#define TESTS_BENCH_THREADS_H

/* Seconds that all threads of this process have used but the main one and libzmq's (which it names). */
double bench_other_threads_cpu_s(void);

#endif
