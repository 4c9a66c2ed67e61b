/* For tests of session: what stands around it. */
#include "session_site.h"

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "archive.h"
#include "buf.h"
#include "connection.h"
#include "deadline.h"
#include "frame.h"
#include "tls.h"
#include "wire.h"

enum { TABLE_BYTES = 1024 * 1024, SERVED_MAX = 65536 };

/* --- screen ----------------------------------------------------------- */

static void
answer(int channel, uint16_t status)
{
	static const char json[] = "{\"said\":\"by screen\"}";
	uint8_t number[2];

	put_u16(number, status);
	if (frame_write(channel, FRAME_ANSWER, number, 2) != RC_OK ||
	    frame_write_body(channel, json, sizeof(json) - 1) != RC_OK)
		return;
}

static int
says(const struct buf *b, const char *word)
{
	return buf_len(b) == strlen(word) &&
	       memcmp(buf_data(b), word, buf_len(b)) == 0;
}

static void
screen_one(struct site_seen *seen, int channel)
{
	struct buf *b = buf_new(BODY_MAX);

	if (b == NULL || frame_read_body(channel, b) != RC_OK) {
		seen->cut++;
		buf_free(b);
		return;
	}
	seen->whole++;
	seen->bytes = buf_len(b);
	if (says(b, "returned")) {
		answer(channel, 422);
	} else if (says(b, "silent")) {
		/* until session gives up */
		struct frame f;

		(void)!frame_read(channel, &f);
	} else if (!says(b, "die")) {
		if (frame_write(channel, FRAME_HANDED, NULL, 0) == RC_OK &&
		    !says(b, "lost"))
			answer(channel, says(b, "broken") ? 500 : 201);
	}
	buf_free(b);
}

static _Noreturn void
screen_run(struct site_seen *seen, int jobs)
{
	struct frame f;

	while (frame_recv(jobs, &f, 1) == RC_OK) {
		if (f.fd == -1)
			continue;
		screen_one(seen, f.fd);
		close(f.fd);
	}
	_exit(0);
}

/* --- the site --------------------------------------------------------- */

static void
make_served(struct site *site)
{
	struct buf *b = buf_new(SERVED_MAX);
	const struct route *r;
	int fd;

	for (size_t i = 0; (r = routes_row(i)) != NULL; i++) {
		if (r->file != NULL)
			ck_assert_int_eq(archive_add(b, r->file, r->target,
					     strlen(r->target)),
			    RC_OK);
	}
	ck_assert_int_eq(sealed_memfd("served", buf_data(b), buf_len(b), &fd),
	    RC_OK);
	ck_assert_int_eq(archive_read(fd, &site->s.served), RC_OK);
	close(fd);
	buf_free(b);
}

static void
make_tls(struct site *site)
{
	struct pem a = sample_pem(site->partners.crl_pem);
	struct pem b = sample_pem(site->police.crl_pem);
	struct buf *crls = buf_new(a.len + b.len);
	const char *why = "";

	ck_assert_int_eq(buf_add(crls, a.text, a.len), RC_OK);
	ck_assert_int_eq(buf_add(crls, b.text, b.len), RC_OK);
	ck_assert_int_eq(trust_new(sample_pem(site->partners.authority_pem),
			     sample_pem(site->police.authority_pem),
			     (struct pem){buf_data(crls), buf_len(crls)}, 1,
			     &site->s.trust, &why),
	    RC_OK);
	ck_assert_int_eq(tls_new(sample_pem(site->gateway.authority_pem),
			     site->gateway.authority_key, site->s.trust,
			     &site->s.tls),
	    RC_OK);
	buf_free(crls);
}

void
site_rates(struct site *site, const struct rates_limits *limits)
{
	rates_close(site->s.rates);
	ck_assert_int_eq(ftruncate(site->table, 0), 0);
	ck_assert_int_eq(ftruncate(site->table, TABLE_BYTES), 0);
	ck_assert_int_eq(rates_open(site->table, limits, &site->s.rates),
	    RC_OK);
}

void
site_make(struct site *site)
{
	const struct rates_limits limits = {.reports_per_day = 1000,
	    .day_ns = 86400 * SECOND_NS,
	    .per_certificate = 8,
	    .most = 64};
	int jobs[2];

	(void)signal(SIGPIPE, SIG_IGN);
	*site = (struct site){0};
	ck_assert_int_eq(sample_make(&site->partners, "partners"), RC_OK);
	ck_assert_int_eq(sample_make(&site->police, "police"), RC_OK);
	ck_assert_int_eq(sample_make(&site->gateway, "gateway"), RC_OK);
	make_tls(site);
	make_served(site);
	site->table = memfd_create("rates", MFD_CLOEXEC);
	ck_assert_int_ne(site->table, -1);
	site_rates(site, &limits);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, jobs), 0);
	ck_assert_int_eq(fcntl(jobs[0], F_SETFL, O_NONBLOCK), 0);
	site->s.jobs = jobs[0];
	site->jobs = jobs[1];
	site->s.reports_per_connection = 1;
	site->s.request_seconds = 20;
	site->s.connection_seconds = 30;
	site->s.screen_seconds = 20;
	site->s.body_max = (int64_t)BODY_MAX;
	site->seen = mmap(NULL, sizeof(*site->seen), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert(site->seen != MAP_FAILED);
	site->screen = fork();
	ck_assert_int_ne(site->screen, -1);
	if (site->screen == 0) {
		close(jobs[0]);
		screen_run(site->seen, jobs[1]);
	}
	close(site->jobs);
}

void
site_free(struct site *site)
{
	close(site->s.jobs);
	ck_assert_int_eq(waitpid(site->screen, NULL, 0), site->screen);
	munmap(site->seen, sizeof(*site->seen));
	rates_close(site->s.rates);
	close(site->table);
	archive_free(site->s.served);
	SSL_CTX_free(site->s.tls);
	trust_free(site->s.trust);
	sample_free(&site->partners);
	sample_free(&site->police);
	sample_free(&site->gateway);
}

/* --- clients ---------------------------------------------------------- */

void
visitor_come(struct visitor *v, const struct site *site,
    const struct sample *who)
{
	int pair[2];

	*v = (struct visitor){.ctx = SSL_CTX_new(TLS_client_method())};
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	v->server = fork();
	ck_assert_int_ne(v->server, -1);
	if (v->server == 0) {
		close(pair[0]);
		if (fcntl(pair[1], F_SETFL, O_NONBLOCK) == -1)
			_exit(1);
		connection_prepare(&site->s);
		connection_serve(pair[1]);
		_exit(0);
	}
	close(pair[1]);
	v->fd = pair[0];
	if (who != NULL) {
		ck_assert_int_eq(SSL_CTX_use_certificate(v->ctx, who->client),
		    1);
		ck_assert_int_eq(SSL_CTX_use_PrivateKey(v->ctx,
				     who->client_key),
		    1);
	}
	v->ssl = SSL_new(v->ctx);
	ck_assert_int_eq(SSL_set_fd(v->ssl, v->fd), 1);
	ck_assert_int_eq(SSL_connect(v->ssl), 1);
	v->before = BIO_number_read(SSL_get_rbio(v->ssl));
}

void
visitor_send(struct visitor *v, const void *bytes, size_t len)
{
	size_t n;

	if (len > 0)
		ck_assert_int_eq(SSL_write_ex(v->ssl, bytes, len, &n), 1);
}

ssize_t
visitor_read(struct visitor *v, char *out, size_t size)
{
	size_t len = 0, n;
	int got;

	while ((got = SSL_read_ex(v->ssl, out + len, size - 1 - len, &n)) ==
	       1) {
		len += n;
		ck_assert_uint_lt(len + 1, size);
	}
	out[len] = '\0';
	return SSL_get_error(v->ssl, got) == SSL_ERROR_ZERO_RETURN
		   ? (ssize_t)len
		   : -1;
}

uint64_t
visitor_wire(const struct visitor *v)
{
	return BIO_number_read(SSL_get_rbio(v->ssl)) - v->before;
}

int
visitor_leave(struct visitor *v)
{
	int status = 0;

	(void)SSL_shutdown(v->ssl);
	SSL_free(v->ssl);
	SSL_CTX_free(v->ctx);
	close(v->fd);
	ck_assert_int_eq(waitpid(v->server, &status, 0), v->server);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}
