/* Points in time on the monotonic clock, in nanoseconds, and waiting for
 * them: every wait of a session has an end. */
#ifndef CUTOUT_DEADLINE_H
#define CUTOUT_DEADLINE_H

#include <stdint.h>

#include "result.h"

#define SECOND_NS UINT64_C(1000000000)
#define MILLI_NS UINT64_C(1000000)

uint64_t deadline_now(void);

/* The earlier of two. */
uint64_t deadline_first(uint64_t a, uint64_t b);

/* Waits until fd has one of the poll() events (or its end, or an error, which
 * the caller's next call on it tells). RC_TIMEOUT: not before by_ns. RC_IO. */
enum rc deadline_wait(int fd, short events, uint64_t by_ns) MUST_USE;

/* Sleeps until at_ns; signals do not shorten it. */
void deadline_sleep(uint64_t at_ns);

#endif
