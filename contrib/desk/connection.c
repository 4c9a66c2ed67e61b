/* One TLS connection from the gateway, with deadlines: a non-blocking socket
 * and one place that waits. */
#include "connection.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>

#include "certificate.h"

enum { GOODBYE_S = 2, GOODBYE_BYTES = 2 * 1024 * 1024 };

struct connection {
	SSL *ssl;
	int fd;
	bool up;     /* the handshake is done, and nothing failed since */
	bool linger; /* an answer or an alert may still be on its way */
	bool idle;   /* no request is half done */
	int64_t deadline_ms;
};

static volatile sig_atomic_t must_stop;

static void
note_stop(int signal_number)
{
	(void)signal_number;
	must_stop = 1;
}

enum rc
connection_stops_on_sigterm(void)
{
	struct sigaction stop = {.sa_handler = note_stop};

	must_stop = 0;
	sigemptyset(&stop.sa_mask);
	return sigaction(SIGTERM, &stop, NULL) == 0 ? RC_OK : RC_IO;
}

bool
connection_must_stop(void)
{
	sigset_t waiting;

	/* blocked outside of wait_for(): it may not have been delivered */
	return must_stop ||
	       (sigpending(&waiting) == 0 && sigismember(&waiting, SIGTERM));
}

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void
connection_deadline(struct connection *c, int seconds, bool idle)
{
	c->deadline_ms = now_ms() + (int64_t)seconds * 1000;
	c->idle = idle;
}

/* Waits for the socket. RC_EOF: nothing is half done and SIGTERM came. */
static enum rc
wait_for(const struct connection *c, short events)
{
	struct pollfd p = {.fd = c->fd, .events = events};
	sigset_t open;

	if (sigprocmask(SIG_SETMASK, NULL, &open) == -1)
		return RC_IO;
	sigdelset(&open, SIGTERM);
	for (;;) {
		int64_t left = c->deadline_ms - now_ms();
		struct timespec time = {
		    .tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000};
		int n;

		if (c->idle && must_stop)
			return RC_EOF;
		if (left <= 0)
			return RC_TIMEOUT;
		n = ppoll(&p, 1, &time, &open);
		if (n == 1)
			return RC_OK;
		if (n == -1 && errno != EINTR)
			return RC_IO;
	}
}

/* What a TLS call that gave result wants next. RC_AGAIN: call it again, the
 * socket is ready. RC_EOF: the peer closed in an orderly way. */
static enum rc
next(struct connection *c, int result)
{
	enum rc rc;

	switch (SSL_get_error(c->ssl, result)) {
	case SSL_ERROR_WANT_READ:
		rc = wait_for(c, POLLIN);
		break;
	case SSL_ERROR_WANT_WRITE:
		rc = wait_for(c, POLLOUT);
		break;
	case SSL_ERROR_ZERO_RETURN:
		return RC_EOF;
	default:
		c->up = c->linger = false; /* no goodbye after a failure */
		return RC_IO;
	}
	return rc == RC_OK ? RC_AGAIN : rc;
}

enum rc
connection_new(SSL_CTX *tls, int fd, struct connection **out)
{
	struct connection *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		close(fd);
		return RC_NOMEM;
	}
	c->fd = fd;
	c->ssl = SSL_new(tls);
	if (c->ssl == NULL || SSL_set_fd(c->ssl, fd) != 1) {
		connection_free(c);
		return RC_NOMEM;
	}
	*out = c;
	return RC_OK;
}

/* A socket that is closed with unread bytes answers them with a reset, which
 * takes the last answer away from the peer. So they are read first. */
static void
let_it_read(struct connection *c)
{
	uint8_t raw[4096];
	size_t total = 0;
	ssize_t n;

	connection_deadline(c, GOODBYE_S, true);
	if (c->up)
		(void)SSL_shutdown(c->ssl);
	(void)shutdown(c->fd, SHUT_WR);
	while (total < GOODBYE_BYTES && wait_for(c, POLLIN) == RC_OK) {
		n = read(c->fd, raw, sizeof(raw));
		if (n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR))
			break;
		total += n > 0 ? (size_t)n : 0;
	}
}

void
connection_free(struct connection *c)
{
	if (c == NULL)
		return;
	ERR_clear_error();
	if (c->linger)
		let_it_read(c);
	SSL_free(c->ssl);
	close(c->fd);
	free(c);
}

/* Why the handshake failed, as far as it matters to who runs the desk. */
static enum rc
judge_failure(const struct connection *c)
{
	unsigned long code = ERR_peek_last_error();

	switch (SSL_get_verify_result(c->ssl)) {
	case X509_V_OK:
		break;
	case X509_V_ERR_CRL_HAS_EXPIRED:
	case X509_V_ERR_CRL_NOT_YET_VALID:
		return RC_CONFIG;
	default:
		return RC_DENIED;
	}
	return ERR_GET_REASON(code) == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE
		   ? RC_DENIED
		   : RC_EOF;
}

/* The gateway's authority also issues servers and signers. */
static enum rc
check_purpose(const struct connection *c)
{
	X509 *peer = SSL_get0_peer_certificate(c->ssl);
	enum purpose purpose;

	if (peer == NULL || certificate_purpose(peer, &purpose) != RC_OK ||
	    purpose != PURPOSE_CLIENT)
		return RC_DENIED;
	return RC_OK;
}

enum rc
connection_handshake(struct connection *c, int seconds)
{
	enum rc rc = RC_AGAIN;

	connection_deadline(c, seconds, true);
	while (rc == RC_AGAIN) {
		int result;

		ERR_clear_error();
		result = SSL_accept(c->ssl);
		rc = result == 1 ? RC_OK : next(c, result);
	}
	if (rc == RC_IO)
		rc = judge_failure(c);
	if (rc == RC_OK)
		rc = check_purpose(c);
	c->up = rc == RC_OK;
	c->linger = c->up || rc == RC_DENIED || rc == RC_CONFIG;
	ERR_clear_error();
	return rc;
}

ssize_t
connection_pull(void *arg, uint8_t *raw, size_t size)
{
	struct connection *c = arg;
	enum rc rc = RC_AGAIN;

	while (rc == RC_AGAIN) {
		size_t got = 0;
		int result;

		ERR_clear_error();
		result = SSL_read_ex(c->ssl, raw, size, &got);
		if (result == 1) {
			c->idle = false;
			return (ssize_t)got;
		}
		rc = next(c, result);
	}
	return rc == RC_EOF ? 0 : -1;
}

bool
connection_push(void *arg, const void *bytes, size_t len)
{
	struct connection *c = arg;
	enum rc rc = RC_AGAIN;

	while (rc == RC_AGAIN) {
		size_t put = 0;
		int result;

		ERR_clear_error();
		result = SSL_write_ex(c->ssl, bytes, len, &put);
		if (result == 1)
			return true; /* whole: partial writes are not on */
		rc = next(c, result);
	}
	return false;
}
