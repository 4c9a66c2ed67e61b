/* One TLS connection. The socket does not block: OpenSSL says what it waits
 * for, and poll() waits for that until a deadline. */
#include "stream.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>

#include "deadline.h"

enum {
	/* every record has a multiple of this, whatever the answer says */
	RECORD_BLOCK = 1024,
	LINGER_BYTES = 4 * 1024 * 1024,
	LINGER_SILENCE_S = 2
};

enum rc
stream_open(struct stream *s, SSL_CTX *tls)
{
	*s = (struct stream){.fd = -1};
	s->ssl = SSL_new(tls);
	return s->ssl == NULL ? RC_NOMEM : RC_OK;
}

enum rc
stream_connect(struct stream *s, int fd)
{
	s->fd = fd;
	return SSL_set_fd(s->ssl, fd) == 1 ? RC_OK : RC_NOMEM;
}

void
stream_close(struct stream *s)
{
	SSL_free(s->ssl);
	s->ssl = NULL;
}

/* After a call of OpenSSL that gave got: waits for what it needs. RC_AGAIN:
 * it may be called again. RC_EOF: close_notify. */
static enum rc
settle(struct stream *s, int got, uint64_t by_ns)
{
	enum rc rc;

	switch (SSL_get_error(s->ssl, got)) {
	case SSL_ERROR_WANT_READ:
		rc = deadline_wait(s->fd, POLLIN, by_ns);
		break;
	case SSL_ERROR_WANT_WRITE:
		rc = deadline_wait(s->fd, POLLOUT, by_ns);
		break;
	case SSL_ERROR_ZERO_RETURN:
		return RC_EOF;
	default:
		s->broken = true;
		return RC_IO;
	}
	return rc == RC_OK ? RC_AGAIN : rc;
}

enum rc
stream_handshake(struct stream *s, uint64_t by_ns)
{
	enum rc rc;
	int got;

	do {
		ERR_clear_error();
		got = SSL_accept(s->ssl);
		rc = got == 1 ? RC_OK : settle(s, got, by_ns);
	} while (rc == RC_AGAIN);
	if (rc == RC_OK && SSL_get_verify_result(s->ssl) == X509_V_OK &&
	    SSL_set_block_padding(s->ssl, RECORD_BLOCK) == 1)
		return RC_OK;
	s->broken = true;
	return RC_DENIED;
}

ssize_t
stream_pull(void *arg, uint8_t *raw, size_t size)
{
	struct stream *s = arg;
	size_t n = 0;
	enum rc rc;
	int got;

	do {
		/* checked here too: a client that always has a byte more
		 * never makes poll() wait */
		if (deadline_now() >= s->read_by_ns) {
			s->late = true;
			return -1;
		}
		ERR_clear_error();
		got = SSL_read_ex(s->ssl, raw, size, &n);
		rc = got == 1 ? RC_OK : settle(s, got, s->read_by_ns);
	} while (rc == RC_AGAIN);
	s->late = rc == RC_TIMEOUT;
	if (rc == RC_OK)
		return (ssize_t)n;
	return rc == RC_EOF ? 0 : -1;
}

bool
stream_push(void *arg, const void *bytes, size_t len)
{
	struct stream *s = arg;
	size_t n;
	enum rc rc;
	int got;

	if (s->broken)
		return false;
	do {
		ERR_clear_error();
		got = SSL_write_ex(s->ssl, bytes, len, &n);
		rc = got == 1 ? RC_OK : settle(s, got, s->write_by_ns);
	} while (rc == RC_AGAIN);
	/* a record that is half out can not be followed by another */
	if (rc != RC_OK)
		s->broken = true;
	return rc == RC_OK;
}

static void
linger(int fd, uint64_t by_ns)
{
	uint8_t raw[4096];
	size_t left = LINGER_BYTES;

	while (left > 0) {
		uint64_t silent = deadline_now() + LINGER_SILENCE_S * SECOND_NS;
		ssize_t n;

		if (deadline_wait(fd, POLLIN, deadline_first(silent, by_ns)) !=
		    RC_OK)
			break;
		n = recv(fd, raw, sizeof(raw), 0);
		if (n <= 0)
			break;
		left -= (size_t)n < left ? (size_t)n : left;
	}
	explicit_bzero(raw, sizeof(raw));
}

void
stream_end(struct stream *s, uint64_t by_ns)
{
	enum rc rc;
	int got;

	/* who never greeted has nothing that a reset could overtake */
	if (SSL_get_state(s->ssl) == TLS_ST_BEFORE)
		return;
	while (!s->broken) {
		ERR_clear_error();
		/* 0: ours is out, theirs is not awaited */
		got = SSL_shutdown(s->ssl);
		rc = got >= 0 ? RC_OK : settle(s, got, s->write_by_ns);
		if (rc != RC_AGAIN)
			break;
	}
	if (shutdown(s->fd, SHUT_WR) == 0)
		linger(s->fd, by_ns);
}
