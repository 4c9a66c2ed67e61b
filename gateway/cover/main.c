/* Makes dummy reports, so that a watcher can not tell whether there was a
 * real one. It holds the job socket of a screen zygote of its own: the kind
 * COVER follows from that socket, never from anything in a report. */
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "dummy.h"
#include "frame.h"
#include "log.h"
#include "result.h"
#include "sandbox.h"
#include "setup.h"
#include "streams.h"
#include "wire.h"

enum {
	JOB_MS = 60000, /* a screen has answered by then */
	BUSY_MS = 1000, /* no screen takes jobs: tried again */
	POLL_MOST = 3600000
};

static int64_t
mono_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t
wall_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec;
}

/* Whatever becomes of it: queue turns dummies away when it has enough. */
static void
wait_for_end(int channel)
{
	struct pollfd p = {.fd = channel, .events = POLLIN};
	struct frame f;

	while (poll(&p, 1, JOB_MS) == 1 && frame_read(channel, &f) == RC_OK)
		continue;
}

static enum rc
hand_in(const struct buf *b)
{
	uint8_t kind = JOB_REPORT;
	int pair[2];
	enum rc rc;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
		return RC_IO;
	rc = frame_send(FD_COVER_JOBS, FRAME_JOB, &kind, sizeof(kind), pair[1]);
	close(pair[1]);
	if (rc == RC_OK)
		rc = frame_write_body(pair[0], buf_data(b), buf_len(b));
	if (rc == RC_OK)
		wait_for_end(pair[0]);
	close(pair[0]);
	return rc;
}

static enum rc
make_one(const struct stream *s, int64_t clock_offset_s)
{
	const struct dummy d = {.destination = s->destination,
	    .scheme = s->scheme,
	    .test = s->test,
	    .lane = s->lane,
	    .class = s->class,
	    .now_wall_s = wall_s() + clock_offset_s};
	struct buf *b = buf_new(BODY_MAX);
	enum rc rc = RC_NOMEM;

	if (b != NULL)
		rc = dummy_write(&d, b);
	if (rc == RC_OK)
		rc = hand_in(b);
	buf_free(b);
	return rc;
}

/* Sleeps until then; 1: cutoutd is gone. */
static int
sleep_until(int64_t at_ms)
{
	struct pollfd p = {.fd = FD_CONTROL, .events = POLLIN};
	int64_t left = at_ms - mono_ms();

	if (left < 0)
		left = 0;
	return poll(&p, 1, left > POLL_MOST ? POLL_MOST : (int)left) != 0;
}

int
main(void)
{
	struct setup *setup = NULL;
	struct streams streams;
	int64_t clock_offset_s;

	log_init("cover", FD_LOG);
	/* glibc would open the time zone at its first use */
	tzset();
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		fatal("can not ignore SIGPIPE");
	if (setup_read(FD_SETUP, &setup) != RC_OK ||
	    setup_number(setup, "clock_offset_s", INT64_MIN, INT64_MAX,
		&clock_offset_s) != RC_OK ||
	    streams_read(setup, mono_ms(), &streams) != RC_OK)
		fatal("setup can not be read");
	setup_free(setup);
	close(FD_SETUP);
	if (sandbox_enter(ROLE_COVER) != RC_OK)
		fatal("lock-down failed");
	if (frame_write(FD_CONTROL, FRAME_READY, NULL, 0) != RC_OK)
		fatal("cutoutd is gone");

	for (;;) {
		struct stream *s = streams_next(&streams);
		int64_t now = mono_ms();

		/* cutoutd has no orders for this role: its end is the end */
		if (sleep_until(s == NULL ? INT64_MAX : s->next_ms))
			return 0;
		if (s == NULL || mono_ms() < s->next_ms)
			continue;
		if (make_one(s, clock_offset_s) == RC_OK)
			stream_again(s, now);
		else
			s->next_ms = now + BUSY_MS;
	}
}
