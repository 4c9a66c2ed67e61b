/* The loop over a keyd's peers. A socket lent for a TLS signature gives
 * exactly one, then closes: a session that was taken over gets no second
 * (DESIGN section 1). No peer can make this process wait: it only reads what
 * poll() showed, and every channel it was handed is non-blocking. */
#include "serve.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "frame.h"
#include "log.h"
#include "wire.h"

enum peer { PEER_CONTROL, PEER_QUEUE, PEER_ZYGOTE, PEER_ONCE };
enum { PEERS_MAX = 2 + SERVE_ZYGOTES + SERVE_ONCE };

struct serve {
	const struct key *key;
	size_t count;
	size_t zygotes;
	size_t once;
	struct pollfd wait[PEERS_MAX];
	uint8_t kind[PEERS_MAX];
};

static void
add(struct serve *s, int fd, enum peer kind)
{
	s->wait[s->count] = (struct pollfd){.fd = fd, .events = POLLIN};
	s->kind[s->count] = (uint8_t)kind;
	s->count++;
}

struct serve *
serve_new(const struct key *key, int control, int queue)
{
	struct serve *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->key = key;
	add(s, control, PEER_CONTROL);
	if (queue != -1)
		add(s, queue, PEER_QUEUE);
	return s;
}

void
serve_free(struct serve *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->count; i++) {
		if (s->kind[i] == PEER_ZYGOTE || s->kind[i] == PEER_ONCE)
			close(s->wait[i].fd);
	}
	free(s);
}

/* Closes peer i; the last one takes its place. */
static void
drop(struct serve *s, size_t i)
{
	close(s->wait[i].fd);
	if (s->kind[i] == PEER_ZYGOTE)
		s->zygotes--;
	else
		s->once--;
	s->count--;
	s->wait[i] = s->wait[s->count];
	s->kind[i] = s->kind[s->count];
}

/* Takes a channel that came with f, or closes it. */
static enum rc
take_channel(struct serve *s, struct frame *f, enum channel_kind want,
    enum peer kind, size_t *count, size_t most)
{
	int flags;

	if (f->fd == -1)
		return RC_BAD;
	if (f->type != FRAME_CHANNEL || f->len != 1 || f->raw_data[0] != want)
		goto refuse;
	flags = fcntl(f->fd, F_GETFL);
	if (*count == most || flags == -1 ||
	    fcntl(f->fd, F_SETFL, flags | O_NONBLOCK) == -1)
		goto refuse;
	add(s, f->fd, kind);
	(*count)++;
	return RC_OK;
refuse:
	close(f->fd);
	return RC_BAD;
}

static enum rc
sign(const struct serve *s, int fd, const struct frame *f)
{
	uint8_t signature[KEY_SIGNATURE];
	size_t len;
	enum rc rc;

	if (f->type != FRAME_SIGN || f->len != KEY_DIGEST)
		return RC_BAD;
	rc = key_sign_digest(s->key, f->raw_data, signature, &len);
	if (rc == RC_OK)
		rc = frame_send(fd, FRAME_SIGNED, signature, len, -1);
	return rc;
}

static enum rc
tell_public(const struct serve *s, int fd, const struct frame *f)
{
	uint8_t public[KEY_PUBLIC];
	enum rc rc;

	if (f->type != FRAME_WHO || f->len != 0)
		return RC_BAD;
	rc = key_public(s->key, public);
	if (rc == RC_OK)
		rc = frame_send(fd, FRAME_KEY, public, sizeof(public), -1);
	return rc;
}

/* Serves peer i. RC_EOF: this keyd is no longer needed. */
static enum rc
serve_peer(struct serve *s, size_t i)
{
	enum peer kind = s->kind[i];
	int fd = s->wait[i].fd;
	struct frame f;
	enum rc rc;

	rc = frame_recv(fd, &f, kind == PEER_CONTROL || kind == PEER_ZYGOTE);
	if (rc == RC_AGAIN)
		return RC_OK;
	switch (kind) {
	case PEER_CONTROL:
		if (rc == RC_OK)
			rc = take_channel(s, &f, CHANNEL_ZYGOTE, PEER_ZYGOTE,
			    &s->zygotes, SERVE_ZYGOTES);
		if (rc == RC_BAD)
			warnx("cutoutd sent what is not expected");
		return rc == RC_EOF ? RC_EOF : RC_OK;
	case PEER_QUEUE:
		if (rc == RC_OK)
			rc = tell_public(s, fd, &f);
		/* the one peer that can not be replaced */
		return rc == RC_OK ? RC_OK : RC_EOF;
	case PEER_ZYGOTE:
		if (rc == RC_OK)
			rc = take_channel(s, &f, CHANNEL_ONCE, PEER_ONCE,
			    &s->once, SERVE_ONCE);
		/* one refused channel is its child's loss alone */
		if (rc == RC_EOF || rc == RC_IO)
			drop(s, i);
		return RC_OK;
	case PEER_ONCE:
		if (rc == RC_OK && sign(s, fd, &f) != RC_OK)
			warnx("a signature was asked for out of form");
		drop(s, i);
		return RC_OK;
	}
	return RC_OK;
}

enum rc
serve_once(struct serve *s)
{
	if (poll(s->wait, s->count, -1) == -1)
		return errno == EINTR ? RC_OK : RC_IO;
	/* from the last to the first: drop() moves the last one, which had its
	 * turn, and what is added now waits for the next round */
	for (size_t i = s->count; i-- > 0;) {
		if (s->wait[i].revents == 0)
			continue;
		s->wait[i].revents = 0;
		if (serve_peer(s, i) == RC_EOF)
			return RC_EOF;
	}
	return RC_OK;
}
