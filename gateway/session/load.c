/* What a session zygote loads before it is locked down. */
#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "cert.h"
#include "deadline.h"
#include "log.h"
#include "routes.h"
#include "setup.h"
#include "signing.h"
#include "tls.h"
#include "warm.h"
#include "wire.h"

enum { PEM_MAX = 1024 * 1024, WARM_SECONDS = 20 };

static int64_t
number(const struct setup *setup, const char *key, int64_t low, int64_t high)
{
	int64_t value;

	if (setup_number(setup, key, low, high, &value) != RC_OK)
		fatal("setup: %s is missing or out of range", key);
	return value;
}

/* The numbers; gives whether this is a demonstration. */
static int
load_setup(struct session *s, struct rates_limits *l)
{
	struct setup *setup = NULL;
	int demo;

	if (setup_read(FD_SETUP, &setup) != RC_OK)
		fatal("setup can not be read");
	demo = number(setup, "demo", 0, 1) == 1;
	s->spare = number(setup, "spare", 1, 4096);
	s->max_connections = number(setup, "max_connections", 1, 4096);
	s->reports_per_connection =
	    number(setup, "reports_per_connection", 1, INT32_MAX);
	s->request_seconds = number(setup, "request_seconds", 1, 3600);
	s->connection_seconds = number(setup, "connection_seconds", 1, 3600);
	s->screen_seconds = number(setup, "screen_seconds", 1, 3600);
	s->answer_grid_ms = number(setup, "answer_grid_ms", 0, 60000);
	s->body_max = number(setup, "body_max", 1, (int64_t)BODY_MAX);
	l->most = (size_t)s->max_connections;
	l->per_certificate = (size_t)number(setup, "per_certificate", 1, 4096);
	l->reports_per_day =
	    (uint64_t)number(setup, "reports_per_day", 1, INT32_MAX);
	l->day_ns =
	    (uint64_t)number(setup, "day_seconds", 1, 86400) * SECOND_NS;
	setup_free(setup);
	close(FD_SETUP);
	return demo;
}

/* The whole of fd, which is closed. Fatal when it can not be read. */
static struct buf *
read_pem(int fd, const char *what)
{
	struct buf *b = buf_new(PEM_MAX);
	uint8_t piece[4096];
	enum rc rc = b == NULL ? RC_NOMEM : RC_OK;
	off_t at = 0;

	while (rc == RC_OK) {
		ssize_t n = pread(fd, piece, sizeof(piece), at);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0) {
			rc = n == 0 ? RC_OK : RC_IO;
			break;
		}
		rc = buf_add(b, piece, (size_t)n);
		at += n;
	}
	if (rc != RC_OK)
		fatal("%s: %s", what, rc_text(rc));
	close(fd);
	return b;
}

static struct pem
pem_of(const struct buf *b)
{
	return (struct pem){buf_data(b), buf_len(b)};
}

static void
load_trust(struct session *s, int demo)
{
	struct buf *partners =
	    read_pem(FD_SESSION_PARTNERS, "the partner authority");
	struct buf *police =
	    read_pem(FD_SESSION_POLICE, "the police authority");
	struct buf *crls = read_pem(FD_SESSION_CRLS, "the revocation lists");
	const char *why = "";

	if (trust_new(pem_of(partners), pem_of(police), pem_of(crls), demo,
		&s->trust, &why) != RC_OK)
		fatal("%s", why);
	buf_free(partners);
	buf_free(police);
	buf_free(crls);
}

static void
load_tls(struct session *s, int demo)
{
	struct buf *pem =
	    read_pem(FD_SESSION_CERTIFICATE, "the TLS certificate");
	X509 *certificate = NULL;
	enum rc rc;

	if (cert_parse(buf_data(pem), buf_len(pem), &certificate) != RC_OK)
		fatal("the TLS certificate can not be read");
	if (!demo && cert_is_demo(certificate))
		fatal("the TLS certificate is a demonstration's");
	rc = signing_key(certificate, FD_SESSION_KEYD, &s->key);
	if (rc != RC_OK)
		fatal("the TLS certificate must be of an ECDSA P-256 key");
	rc = tls_new(pem_of(pem), s->key, s->trust, &s->tls);
	if (rc != RC_OK)
		fatal("TLS: %s", rc_text(rc));
	/* a failed handshake would only tell the client */
	signing_until(deadline_now() + WARM_SECONDS * SECOND_NS);
	rc = warm_handshake(pem_of(pem), s->key);
	if (rc != RC_OK)
		fatal("a handshake does not work; is the TLS key that of the "
		      "certificate? %s",
		    rc_text(rc));
	X509_free(certificate);
	buf_free(pem);
}

static void
load_rates(struct session *s, const struct rates_limits *l)
{
	enum rc rc;

	rc = rates_open(FD_SESSION_RATES, l, &s->rates);
	if (rc != RC_OK)
		fatal("the table of rates: %s", rc_text(rc));
	close(FD_SESSION_RATES);
	rates_gone_all(s->rates);
}

/* Everything that a route promises is there. */
static void
load_served(struct session *s)
{
	const struct route *r;
	const uint8_t *data;
	size_t len;

	if (archive_read(FD_SESSION_SERVED, &s->served) != RC_OK)
		fatal("the published files can not be read");
	close(FD_SESSION_SERVED);
	for (size_t i = 0; (r = routes_row(i)) != NULL; i++) {
		if (r->file != NULL &&
		    archive_get(s->served, r->file, &data, &len) != RC_OK)
			fatal("the published file %s is missing", r->file);
	}
}

/* A full socket is an answer or a wait with a deadline, never a hang. */
static void
never_blocks(int fd, const char *what)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags == -1 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1)
		fatal("%s: %s", what, strerror(errno));
}

void
load_session(struct session *s)
{
	struct rates_limits limits;
	int demo;

	memset(s, 0, sizeof(*s));
	/* glibc would open the time zone at its first use */
	tzset();
	/* no openssl.cnf: what holds stands in tls.c */
	if (OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1)
		fatal("OpenSSL can not be started");
	demo = load_setup(s, &limits);
	load_rates(s, &limits);
	load_served(s);
	load_trust(s, demo);
	never_blocks(FD_SESSION_KEYD, "the way to keyd");
	load_tls(s, demo);
	s->jobs = FD_SESSION_JOBS;
	never_blocks(s->jobs, "the job socket");
}
