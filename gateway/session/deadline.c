/* Points in time on the monotonic clock, and waiting for them. */
#include "deadline.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <time.h>

uint64_t
deadline_now(void)
{
	struct timespec t;

	/* can not fail for this clock */
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * SECOND_NS + (uint64_t)t.tv_nsec;
}

uint64_t
deadline_first(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

enum rc
deadline_wait(int fd, short events, uint64_t by_ns)
{
	struct pollfd wait = {.fd = fd, .events = events};

	for (;;) {
		uint64_t now = deadline_now(), ms;
		int n;

		if (now >= by_ns)
			return RC_TIMEOUT;
		/* rounded up: never a spin before the deadline */
		ms = (by_ns - now + MILLI_NS - 1) / MILLI_NS;
		n = poll(&wait, 1, ms > INT_MAX ? INT_MAX : (int)ms);
		if (n > 0)
			return RC_OK;
		if (n == -1 && errno != EINTR)
			return RC_IO;
	}
}

void
deadline_sleep(uint64_t at_ns)
{
	struct timespec t = {.tv_sec = (time_t)(at_ns / SECOND_NS),
	    .tv_nsec = (long)(at_ns % SECOND_NS)};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) ==
	       EINTR)
		;
}
