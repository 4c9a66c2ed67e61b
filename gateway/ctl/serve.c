/* The operator's socket: one client at a time, one question each. A client
 * that stalls or leaves costs only itself: the rest of its answer is still
 * taken off the queue's channel, so that the next answer is the next one's.
 */
#include "serve.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "ask.h"
#include "buf.h"
#include "frame.h"
#include "log.h"
#include "wire.h"

#define NEVER INT64_MAX
/* No log of a gateway is so long; a queue that sends more is broken. */
#define ANSWER_BYTES_MAX (UINT64_C(64) << 30)

const struct serve_limits serve_limits_usual = {
    .question_ms = 5000,
    .stall_ms = 10000,
    .answer_ms = 600000,
    .spool_bytes = (size_t)16 << 20,
};

struct serve {
	int control, listener, queue;
	uid_t own;
	struct serve_limits limits;
	struct buf *spool; /* taken off queue, not sent yet */
	enum rc end;       /* why this role ends; RC_OK: it does not */
};

/* One client's answer on its way. */
struct reply {
	int client;
	int lost; /* the client is given up, the rest is thrown away */
	int64_t due_ms;
	uint64_t total; /* bytes from queue, and the newline behind them */
	uint8_t last;   /* the latest of them */
};

struct serve *
serve_new(int control, int listener, int queue, uid_t own,
    const struct serve_limits *limits)
{
	struct serve *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->control = control;
	s->listener = listener;
	s->queue = queue;
	s->own = own;
	s->limits = *limits;
	s->spool = buf_new(limits->spool_bytes);
	if (s->spool == NULL) {
		free(s);
		return NULL;
	}
	return s;
}

void
serve_free(struct serve *s)
{
	if (s == NULL)
		return;
	buf_free(s->spool);
	free(s);
}

int
serve_may_ask(uid_t peer, uid_t own)
{
	return peer == own || peer == 0;
}

/* --- waiting ---------------------------------------------------------- */

static int64_t
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* cutoutd has no orders for this role: its end is the end. */
static void
look_at_control(struct serve *s)
{
	struct frame f;
	enum rc rc = frame_read(s->control, &f);

	if (rc == RC_EOF || rc == RC_IO)
		s->end = RC_EOF;
	else
		warnx("cutoutd sent what is not expected");
}

/* How long poll() may wait; -1 is without end. */
static int
left_ms(int64_t due_ms)
{
	int64_t left;

	if (due_ms == NEVER)
		return -1;
	left = due_ms - now_ms();
	if (left < 0)
		return 0;
	return left < 60000 ? (int)left : 60000;
}

/* Waits until a is ready for events, or b (-1: none) can be read. RC_TIMEOUT:
 * due_ms has come. RC_EOF: s->end is set, because cutoutd is gone. RC_IO. */
static enum rc
wait_for(struct serve *s, int a, short events, int b, int64_t due_ms)
{
	struct pollfd p[] = {{.fd = s->control, .events = POLLIN},
	    {.fd = a, .events = events}, {.fd = b, .events = POLLIN}};

	for (;;) {
		int n = poll(p, sizeof(p) / sizeof(p[0]), left_ms(due_ms));

		if (n == -1 && errno != EINTR) {
			s->end = RC_IO;
			return RC_IO;
		}
		if (n > 0 && p[0].revents != 0)
			look_at_control(s);
		if (s->end != RC_OK)
			return RC_EOF;
		if (n > 0 && (p[1].revents != 0 || p[2].revents != 0))
			return RC_OK;
		if (due_ms != NEVER && now_ms() >= due_ms)
			return RC_TIMEOUT;
	}
}

/* --- the client ------------------------------------------------------- */

/* RC_LIMIT: too long. RC_BAD: more than a line. RC_TIMEOUT, RC_EOF: nobody to
 * tell it. */
static enum rc
read_line(struct serve *s, int client, char raw[ASK_LINE_MAX], size_t *len)
{
	int64_t due_ms = now_ms() + s->limits.question_ms;
	size_t n = 0;

	while (n < ASK_LINE_MAX) {
		const char *newline;
		ssize_t got;
		enum rc rc;

		rc = wait_for(s, client, POLLIN, -1, due_ms);
		if (rc != RC_OK)
			return rc;
		got = recv(client, raw + n, ASK_LINE_MAX - n, 0);
		if (got == -1 && (errno == EAGAIN || errno == EINTR))
			continue;
		/* a line without its end was cut: never act on it */
		if (got <= 0)
			return RC_EOF;
		newline = memchr(raw + n, '\n', (size_t)got);
		n += (size_t)got;
		if (newline == NULL)
			continue;
		*len = (size_t)(newline - raw);
		return *len + 1 == n ? RC_OK : RC_BAD;
	}
	return RC_LIMIT;
}

/* Sends it all, or gives the client up. */
static void
reply_send(struct serve *s, struct reply *r, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len > 0 && !r->lost) {
		int64_t due_ms = now_ms() + s->limits.stall_ms;
		ssize_t n;

		if (due_ms > r->due_ms)
			due_ms = r->due_ms;
		if (wait_for(s, r->client, POLLOUT, -1, due_ms) != RC_OK) {
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
reply_flush(struct serve *s, struct reply *r)
{
	reply_send(s, r, buf_data(s->spool), buf_len(s->spool));
	buf_clear(s->spool);
}

static void
reply_begin(struct serve *s, struct reply *r, int ok)
{
	static const char yes[] = "{\"ok\":true}\n", no[] = "{\"ok\":false}\n";

	r->due_ms = now_ms() + s->limits.answer_ms;
	if (ok)
		reply_send(s, r, yes, sizeof(yes) - 1);
	else
		reply_send(s, r, no, sizeof(no) - 1);
}

static void
reply_add(struct serve *s, struct reply *r, const void *data, size_t len)
{
	if (len == 0)
		return;
	r->total += len;
	r->last = ((const uint8_t *)data)[len - 1];
	if (buf_room(s->spool) < len)
		reply_flush(s, r);
	if (!r->lost && buf_add(s->spool, data, len) != RC_OK)
		r->lost = 1; /* out of memory */
}

static void
reply_finish(struct serve *s, struct reply *r)
{
	char line[48];
	int n;

	if (r->total > 0 && r->last != '\n')
		reply_add(s, r, "\n", 1);
	reply_flush(s, r);
	n = snprintf(line, sizeof(line), "{\"end\":%" PRIu64 "}\n", r->total);
	if (n > 0)
		reply_send(s, r, line, (size_t)n);
}

/* why is a few words of ours, without quotes. */
static void
reply_error(struct serve *s, struct reply *r, const char *why)
{
	char line[160];
	int n = snprintf(line, sizeof(line), "{\"error\":\"%s\"}\n", why);

	if (n > 0 && (size_t)n < sizeof(line))
		reply_add(s, r, line, (size_t)n);
}

/* --- queue ------------------------------------------------------------ */

static enum rc
queue_frame(struct serve *s, struct frame *f)
{
	/* without a deadline: what was asked is answered some time, and
	 * until then a next question would get this one's answer */
	enum rc rc = wait_for(s, s->queue, POLLIN, -1, NEVER);

	if (rc == RC_OK)
		rc = frame_read(s->queue, f);
	if (rc != RC_OK && s->end == RC_OK)
		s->end = rc;
	return rc;
}

/* Takes the body off queue. RC_OK: to its END. */
static enum rc
relay_body(struct serve *s, struct reply *r)
{
	struct frame f;
	uint64_t total = 0;
	enum rc rc;

	for (;;) {
		rc = queue_frame(s, &f);
		if (rc != RC_OK)
			return rc;
		if (f.type != FRAME_DATA)
			break;
		total += f.len;
		if (f.len == 0 || total > ANSWER_BYTES_MAX)
			return RC_BAD;
		reply_add(s, r, f.raw_data, f.len);
	}
	if (f.type != FRAME_END || f.len != 8 || get_u64(f.raw_data) != total)
		return RC_BAD;
	return RC_OK;
}

static void
relay(struct serve *s, struct reply *r, const struct ask *ask)
{
	enum rc rc, told = RC_OK;
	struct frame f;

	rc = frame_write(s->queue, FRAME_ASK, ask->payload, ask->len);
	if (rc != RC_OK) {
		s->end = rc;
		return;
	}
	rc = queue_frame(s, &f);
	if (rc == RC_OK && (f.type != FRAME_TELL || f.len != 1))
		rc = RC_BAD;
	if (rc == RC_OK) {
		told = (enum rc)f.raw_data[0];
		reply_begin(s, r, told == RC_OK);
		rc = relay_body(s, r);
	}
	if (rc == RC_OK && told != RC_OK && r->total == 0)
		reply_error(s, r, rc_text(told));
	if (rc == RC_OK)
		reply_finish(s, r);
	else if (s->end == RC_OK)
		s->end = rc;
	buf_clear(s->spool);
	if (s->end == RC_BAD)
		warnx("queue sent what is not expected");
}

/* --- one client ------------------------------------------------------- */

/* The socket's mode keeps others out already; this holds when somebody
 * changes that. */
static int
is_ours(const struct serve *s, int client)
{
	struct ucred who;
	socklen_t len = sizeof(who);

	if (getsockopt(client, SOL_SOCKET, SO_PEERCRED, &who, &len) == -1 ||
	    len != sizeof(who))
		return 0;
	return serve_may_ask(who.uid, s->own);
}

static void
serve_client(struct serve *s, int client)
{
	struct reply r = {.client = client};
	char raw[ASK_LINE_MAX];
	const char *why = "not one line";
	struct ask ask;
	size_t len = 0;
	enum rc rc;

	if (!is_ours(s, client)) {
		warnx("a stranger at the control socket");
		return;
	}
	rc = read_line(s, client, raw, &len);
	if (rc == RC_OK)
		rc = ask_read(raw, len, &ask, &why);
	if (rc == RC_LIMIT)
		why = "the line is too long";
	if (rc == RC_OK) {
		relay(s, &r, &ask);
	} else if (rc == RC_BAD || rc == RC_LIMIT) {
		reply_begin(s, &r, 0);
		reply_error(s, &r, why);
		reply_finish(s, &r);
	}
}

enum rc
serve_once(struct serve *s)
{
	struct pollfd queue = {.fd = s->queue, .events = POLLIN};
	struct frame f;
	int client;
	enum rc rc;

	rc = wait_for(s, s->listener, POLLIN, s->queue, NEVER);
	if (rc != RC_OK)
		return s->end;
	/* nothing was asked: what comes now is its end, or no protocol */
	if (poll(&queue, 1, 0) == 1) {
		rc = frame_read(s->queue, &f);
		return rc == RC_OK ? RC_BAD : rc;
	}
	client = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (client == -1) {
		if (errno == EINTR || errno == EAGAIN || errno == ECONNABORTED)
			return RC_OK;
		return RC_IO;
	}
	serve_client(s, client);
	close(client);
	return s->end;
}
