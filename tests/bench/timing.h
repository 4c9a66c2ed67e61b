/* Measuring: CPU time in blocks, and the median of them, because the machine
 * that runs a benchmark is never quiet. */
#ifndef CUTOUT_BENCH_TIMING_H
#define CUTOUT_BENCH_TIMING_H

#include <stddef.h>
#include <time.h>

#include "result.h"

/* Microseconds on a clock: CLOCK_THREAD_CPUTIME_ID, CLOCK_MONOTONIC. */
double clock_us(clockid_t clock);

/* The median of count values, which it sorts; count > 0. */
double median(double *values, size_t count);

/* CPU microseconds of one call of once(arg): the median over blocks that are
 * each long enough for the clock. */
double cpu_us(void (*once)(void *arg), void *arg);

/* A benchmark that can not do its work has no numbers: says what did not work
 * and exits with 1. */
_Noreturn void die(const char *what);
void need(enum rc rc, const char *what);
/* The same of what OpenSSL answers: anything but 1 is a failure. */
void need_ssl(long got, const char *what);

#endif
