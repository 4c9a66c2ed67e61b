/* One client's answer on its way out. It is spooled first, so that queue does
 * not wait for a slow client. */
#include "reply.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

/* Sends it all, or gives the client up. */
static void
send_all(struct reply *r, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len > 0 && !r->lost) {
		int64_t due_ms = watch_now_ms() + r->stall_ms;
		ssize_t n;

		if (due_ms > r->due_ms)
			due_ms = r->due_ms;
		if (watch_for(r->watch, r->client, POLLOUT, -1, due_ms) !=
		    RC_OK) {
			r->lost = 1;
			return;
		}
		n = send(r->client, p, len, MSG_NOSIGNAL);
		if (n == -1 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n <= 0) {
			r->lost = 1;
			return;
		}
		p += n;
		len -= (size_t)n;
	}
}

static void
flush(struct reply *r)
{
	/* what queue took to answer is not the client's time */
	if (r->due_ms == 0)
		r->due_ms = watch_now_ms() + r->answer_ms;
	send_all(r, buf_data(r->spool), buf_len(r->spool));
	buf_clear(r->spool);
}

static void
spool(struct reply *r, const void *data, size_t len)
{
	if (buf_room(r->spool) < len)
		flush(r);
	if (!r->lost && buf_add(r->spool, data, len) != RC_OK)
		r->lost = 1; /* out of memory */
}

void
reply_begin(struct reply *r, int ok)
{
	static const char yes[] = "{\"ok\":true}\n", no[] = "{\"ok\":false}\n";

	if (ok)
		spool(r, yes, sizeof(yes) - 1);
	else
		spool(r, no, sizeof(no) - 1);
}

void
reply_add(struct reply *r, const void *data, size_t len)
{
	if (len == 0)
		return;
	r->total += len;
	r->last = ((const uint8_t *)data)[len - 1];
	spool(r, data, len);
}

void
reply_error(struct reply *r, const char *why)
{
	char line[160];
	int n = snprintf(line, sizeof(line), "{\"error\":\"%s\"}\n", why);

	if (n > 0 && (size_t)n < sizeof(line))
		reply_add(r, line, (size_t)n);
}

void
reply_finish(struct reply *r)
{
	char line[48];
	int n;

	/* the last line begins a line, whatever stands before it */
	if (r->total > 0 && r->last != '\n')
		reply_add(r, "\n", 1);
	n = snprintf(line, sizeof(line), "{\"end\":%" PRIu64 "}\n", r->total);
	if (n > 0)
		spool(r, line, (size_t)n);
	flush(r);
}
