/* The loop over signer's peers. Each screen child has a channel of its own, so
 * what one of them sends can not mix with another's; it is collected until its
 * END, judged, and handed to queue together with the way back to the child. */
#include "peers.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "archive.h"
#include "frame.h"
#include "log.h"
#include "wire.h"

enum kind { KIND_CONTROL, KIND_ZYGOTE, KIND_CHILD };
/* frames taken from one peer in a row, so that one can not starve the rest */
enum { DAY_MS = 86400000 };
enum { FRAMES_A_TURN = 64, PEERS_MAX = 1 + PEERS_ZYGOTES + PEERS_CHILDREN };

struct peer {
	enum kind kind;
	uint8_t cover; /* of a zygote for cover, and of its children */
	int64_t left;  /* envelopes that a child may still hand in */
	struct submission submission;
	struct buf *envelope; /* NULL: no submission has begun */
};

struct peers {
	struct judge *judge;
	int demo;
	int64_t per_child;
	int queue_gone;
	/* since the last line: envelopes refused, children out of form */
	size_t refused, odd;
	uint64_t since_ms; /* the loop began */
	uint64_t day;      /* since then */
	size_t count, zygotes, children;
	struct pollfd wait[PEERS_MAX];
	struct peer peer[PEERS_MAX];
};

static void
add(struct peers *p, int fd, enum kind kind, uint8_t cover)
{
	p->wait[p->count] = (struct pollfd){.fd = fd, .events = POLLIN};
	p->peer[p->count] =
	    (struct peer){.kind = kind, .cover = cover, .left = p->per_child};
	p->count++;
}

static uint64_t
now_ms(void)
{
	struct timespec t;

	/* can not fail for this clock */
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

struct peers *
peers_new(struct judge *j, int demo, int64_t per_child)
{
	struct peers *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->judge = j;
	p->demo = demo;
	p->per_child = per_child;
	p->since_ms = now_ms();
	add(p, FD_CONTROL, KIND_CONTROL, 0);
	return p;
}

static void
forget_submission(struct peer *peer)
{
	explicit_bzero(&peer->submission, sizeof(peer->submission));
	buf_free(peer->envelope);
	peer->envelope = NULL;
}

/* Closes peer i; the last one takes its place. */
static void
drop(struct peers *p, size_t i)
{
	forget_submission(&p->peer[i]);
	close(p->wait[i].fd);
	if (p->peer[i].kind == KIND_ZYGOTE)
		p->zygotes--;
	else
		p->children--;
	p->count--;
	p->wait[i] = p->wait[p->count];
	p->peer[i] = p->peer[p->count];
}

void
peers_free(struct peers *p)
{
	if (p == NULL)
		return;
	while (p->count > 1)
		drop(p, p->count - 1);
	free(p);
}

/* --- cutoutd ------------------------------------------------------------- */

static enum rc
take_channel(struct peers *p, int fd, enum kind kind, uint8_t cover,
    size_t *count, size_t most)
{
	int flags = fcntl(fd, F_GETFL);

	if (*count == most || flags == -1 ||
	    fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1) {
		close(fd);
		return RC_LIMIT;
	}
	add(p, fd, kind, cover);
	(*count)++;
	return RC_OK;
}

/* A bad set leaves the one that serves in place. */
static void
take_destinations(struct peers *p, int fd)
{
	struct destinations *new = NULL;
	struct archive *a = NULL;
	const char *why = "not an archive";
	enum rc rc;

	rc = archive_read(fd, &a);
	close(fd);
	if (rc == RC_OK)
		rc = destinations_load(a, p->demo, &new, &why);
	archive_free(a);
	if (rc != RC_OK) {
		warnx("ALARM: new destinations are refused: %s", why);
		return;
	}
	destinations_free(p->judge->old);
	p->judge->old = p->judge->current;
	p->judge->current = new;
}

static enum rc
serve_control(struct peers *p)
{
	struct frame f;
	enum rc rc;

	rc = frame_recv(FD_CONTROL, &f, 1);
	if (rc == RC_EOF || rc == RC_IO)
		return RC_EOF;
	if (rc != RC_OK)
		return RC_OK;
	if (f.type == FRAME_CHANNEL && f.fd != -1 && f.len == 1) {
		uint8_t cover = f.raw_data[0] == CHANNEL_COVER;

		/* one too many can make no children; those before it serve on
		 */
		if (take_channel(p, f.fd, KIND_ZYGOTE, cover, &p->zygotes,
			PEERS_ZYGOTES) != RC_OK)
			warnx("too many screen zygotes");
		return RC_OK;
	}
	if (f.type == FRAME_DESTINATIONS && f.fd != -1) {
		take_destinations(p, f.fd);
		return RC_OK;
	}
	if (f.fd != -1)
		close(f.fd);
	if (f.type == FRAME_DROP_OLD && f.fd == -1) {
		destinations_free(p->judge->old);
		p->judge->old = NULL;
		return RC_OK;
	}
	warnx("cutoutd sent what is not expected");
	return RC_OK;
}

/* --- screen -------------------------------------------------------------- */

static enum rc
serve_zygote(struct peers *p, const struct peer *zygote, int fd)
{
	struct frame f;
	enum rc rc;

	rc = frame_recv(fd, &f, 1);
	if (rc != RC_OK)
		return rc;
	if (f.fd == -1)
		return RC_BAD;
	if (f.type != FRAME_CHANNEL || f.len != 1 ||
	    f.raw_data[0] != CHANNEL_CHILD) {
		close(f.fd);
		return RC_BAD;
	}
	/* one too many is that child's loss alone */
	if (take_channel(p, f.fd, KIND_CHILD, zygote->cover, &p->children,
		PEERS_CHILDREN) != RC_OK)
		warnx("too many screen children");
	return RC_OK;
}

/* The envelope is whole: signs it and hands it on, or says why not. */
static enum rc
pass_on(struct peers *p, struct peer *peer, int fd)
{
	struct buf *object = buf_new(CLASS_BYTES(CLASS_COUNT - 1) + SEAL_ROOM);
	uint8_t head[STORE_LEN], verdict = VERDICT_REFUSED;
	enum rc rc = RC_NOMEM;

	if (object != NULL)
		rc = judge(p->judge, &peer->submission, peer->envelope, object,
		    head);
	if (rc == RC_OK) {
		rc = frame_send(FD_SIGNER_QUEUE, FRAME_STORE, head,
		    sizeof(head), fd);
		if (rc == RC_OK)
			rc = frame_write_body(FD_SIGNER_QUEUE, buf_data(object),
			    buf_len(object));
		p->queue_gone = rc != RC_OK;
	} else {
		p->refused++;
		rc = frame_send(fd, FRAME_VERDICT, &verdict, sizeof(verdict),
		    -1);
		rc = rc == RC_OK ? RC_OK : RC_BAD;
	}
	buf_free(object);
	forget_submission(peer);
	return rc;
}

static enum rc
begin(struct peer *peer, const struct frame *f)
{
	enum rc rc;

	if (f->type != FRAME_SUBMIT)
		return RC_BAD;
	rc = submission_read(f->raw_data, f->len, &peer->submission);
	if (rc != RC_OK)
		return rc;
	peer->submission.cover = peer->cover;
	peer->envelope =
	    buf_new(CLASS_BYTES(peer->submission.class) + SEAL_ROOM);
	return peer->envelope == NULL ? RC_NOMEM : RC_OK;
}

/* Takes what one child has sent. RC_EOF: it has had all that it may; what queue
 * says of the last one goes over queue's own end of the channel. */
static enum rc
serve_child(struct peers *p, struct peer *peer, int fd)
{
	struct frame f;
	enum rc rc = RC_OK;

	for (int i = 0; i < FRAMES_A_TURN && rc == RC_OK; i++) {
		rc = frame_recv(fd, &f, 0);
		if (rc != RC_OK)
			break;
		if (peer->envelope == NULL) {
			rc = begin(peer, &f);
			continue;
		}
		rc = frame_body_step(&f, peer->envelope);
		if (rc == RC_AGAIN) {
			rc = RC_OK;
			continue;
		}
		if (rc == RC_OK)
			rc = pass_on(p, peer, fd);
		if (rc == RC_OK && --peer->left <= 0)
			rc = RC_EOF;
	}
	return rc == RC_AGAIN ? RC_OK : rc;
}

/* RC_EOF: end of this process. */
static enum rc
serve_peer(struct peers *p, size_t i)
{
	struct peer *peer = &p->peer[i];
	int fd = p->wait[i].fd;
	enum rc rc;

	switch (peer->kind) {
	case KIND_CONTROL:
		return serve_control(p);
	case KIND_ZYGOTE:
		rc = serve_zygote(p, peer, fd);
		if (rc != RC_OK && rc != RC_AGAIN)
			drop(p, i);
		return RC_OK;
	case KIND_CHILD:
		rc = serve_child(p, peer, fd);
		if (rc == RC_OK)
			return RC_OK;
		if (rc == RC_BAD || rc == RC_LIMIT)
			p->odd++;
		drop(p, i);
		return RC_OK;
	}
	return RC_OK;
}

/* A line at the time of a refusal would be about one report: what has added up
 * is told once a day, counted from the start. Gives the wait until then. */
static int
tell(struct peers *p)
{
	uint64_t run_ms = now_ms() - p->since_ms;

	if (run_ms / DAY_MS != p->day) {
		p->day = run_ms / DAY_MS;
		if (p->refused > 0 || p->odd > 0)
			warnx("day refused=%zu unexpected=%zu", p->refused,
			    p->odd);
		p->refused = p->odd = 0;
	}
	if (p->refused == 0 && p->odd == 0)
		return -1;
	return (int)(DAY_MS - run_ms % DAY_MS);
}

enum rc
peers_serve(struct peers *p)
{
	if (poll(p->wait, p->count, tell(p)) == -1)
		return errno == EINTR ? RC_OK : RC_IO;
	/* from the last to the first: drop() moves the last one, which had its
	 * turn, and what is added now waits for the next round */
	for (size_t i = p->count; i-- > 0;) {
		if (p->wait[i].revents == 0)
			continue;
		p->wait[i].revents = 0;
		if (serve_peer(p, i) == RC_EOF || p->queue_gone)
			return RC_EOF;
	}
	return RC_OK;
}
