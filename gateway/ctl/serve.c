/* The operator's socket: one client at a time, one question each. A client
 * that stalls or leaves costs only itself: the rest of its answer is still
 * taken off the queue's channel, so that the next answer is the next one's.
 */
#include "serve.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ask.h"
#include "buf.h"
#include "frame.h"
#include "log.h"
#include "reply.h"
#include "watch.h"
#include "wire.h"

/* No log of a gateway is so long; a queue that sends more is broken. */
#define ANSWER_BYTES_MAX (UINT64_C(64) << 30)

const struct serve_limits serve_limits_usual = {
    .question_ms = 5000,
    .stall_ms = 10000,
    .answer_ms = 600000,
    .spool_bytes = (size_t)16 << 20,
};

struct serve {
	struct watch watch;
	int listener, queue;
	uid_t own;
	struct serve_limits limits;
	struct buf *spool; /* taken off queue, not sent yet */
};

struct serve *
serve_new(int control, int listener, int queue, uid_t own,
    const struct serve_limits *limits)
{
	struct serve *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->watch.control = control;
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

/* --- the client ------------------------------------------------------- */

/* RC_LIMIT: too long. RC_BAD: more than a line. RC_TIMEOUT, RC_EOF: nobody to
 * tell it. */
static enum rc
read_line(struct serve *s, int client, char raw[ASK_LINE_MAX], size_t *len)
{
	int64_t due_ms = watch_now_ms() + s->limits.question_ms;
	size_t n = 0;

	while (n < ASK_LINE_MAX) {
		const char *newline;
		ssize_t got;
		enum rc rc;

		rc = watch_for(&s->watch, client, POLLIN, -1, due_ms);
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

/* --- queue ------------------------------------------------------------ */

static enum rc
queue_frame(struct serve *s, struct frame *f)
{
	/* without a deadline: what was asked is answered some time, and
	 * until then a next question would get this one's answer */
	enum rc rc = watch_for(&s->watch, s->queue, POLLIN, -1, WATCH_NEVER);

	if (rc == RC_OK)
		rc = frame_read(s->queue, f);
	if (rc != RC_OK && s->watch.end == RC_OK)
		s->watch.end = rc;
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
		reply_add(r, f.raw_data, f.len);
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
		s->watch.end = rc;
		return;
	}
	rc = queue_frame(s, &f);
	if (rc == RC_OK && (f.type != FRAME_TELL || f.len != 1))
		rc = RC_BAD;
	if (rc == RC_OK) {
		told = (enum rc)f.raw_data[0];
		reply_begin(r, told == RC_OK);
		rc = relay_body(s, r);
	}
	if (rc == RC_OK && told != RC_OK && r->total == 0)
		reply_error(r, rc_text(told));
	if (rc == RC_OK)
		reply_finish(r);
	else if (s->watch.end == RC_OK)
		s->watch.end = rc;
	buf_clear(s->spool);
	if (s->watch.end == RC_BAD)
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
	struct reply r = {.watch = &s->watch,
	    .spool = s->spool,
	    .client = client,
	    .stall_ms = s->limits.stall_ms,
	    .answer_ms = s->limits.answer_ms};
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
		reply_begin(&r, 0);
		reply_error(&r, why);
		reply_finish(&r);
	}
}

enum rc
serve_once(struct serve *s)
{
	struct pollfd queue = {.fd = s->queue, .events = POLLIN};
	struct frame f;
	int client;
	enum rc rc;

	rc = watch_for(&s->watch, s->listener, POLLIN, s->queue, WATCH_NEVER);
	if (rc != RC_OK)
		return s->watch.end;
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
	return s->watch.end;
}
