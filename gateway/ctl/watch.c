/* Waiting for one descriptor and never missing the end of cutoutd. */
#include "watch.h"

#include <errno.h>
#include <poll.h>
#include <time.h>

#include "frame.h"
#include "log.h"

int64_t
watch_now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* cutoutd has no orders for this role: its end is the end. */
static void
look_at_control(struct watch *w)
{
	struct frame f;
	enum rc rc = frame_read(w->control, &f);

	if (rc == RC_EOF || rc == RC_IO)
		w->end = RC_EOF;
	else
		warnx("cutoutd sent what is not expected");
}

/* How long poll() may wait; -1 is without end. */
static int
left_ms(int64_t due_ms)
{
	int64_t left;

	if (due_ms == WATCH_NEVER)
		return -1;
	left = due_ms - watch_now_ms();
	if (left < 0)
		return 0;
	return left < 60000 ? (int)left : 60000;
}

enum rc
watch_for(struct watch *w, int fd, short events, int other, int64_t due_ms)
{
	struct pollfd p[] = {{.fd = w->control, .events = POLLIN},
	    {.fd = fd, .events = events}, {.fd = other, .events = POLLIN}};

	for (;;) {
		int n = poll(p, sizeof(p) / sizeof(p[0]), left_ms(due_ms));

		if (n == -1 && errno != EINTR)
			w->end = RC_IO;
		if (n > 0 && p[0].revents != 0)
			look_at_control(w);
		if (w->end != RC_OK)
			return RC_EOF;
		if (n > 0 && (p[1].revents != 0 || p[2].revents != 0))
			return RC_OK;
		if (due_ms != WATCH_NEVER && watch_now_ms() >= due_ms)
			return RC_TIMEOUT;
	}
}
