/* One partner's connection. It is judged in this order: may this certificate
 * come at all, may it come now, is this a request, may this party ask that, is
 * the body of a size and type that is taken. Only then does anybody look at
 * what is in it, and that is another process. */
#include "connection.h"

#include <string.h>
#include <unistd.h>

#include <openssl/x509.h>

#include "answer.h"
#include "buf.h"
#include "deadline.h"
#include "frame.h"
#include "http.h"
#include "job.h"
#include "log.h"
#include "routes.h"
#include "signing.h"
#include "stream.h"
#include "zygote.h"

enum {
	/* a place that needs no certificate: short, but for a slow line */
	HANDSHAKE_S = 3,
	GRACE_S = 2,   /* to get the last answer out when time is up */
	STRANGER_S = 2 /* to hear an alert */
};

/* to be taken along when the whole gateway ends */
#define OWN_END_NS (SECOND_NS / 2)

/* What is known of one connection; static, so that a signal handler can wipe
 * it. */
static struct connection {
	const struct session *s;
	struct stream stream;
	struct http_reader reader;
	struct http_request req;
	struct visit visit;
	enum party party;
	int64_t served;    /* requests answered */
	uint64_t end_ns;   /* of the connection */
	uint64_t whole_ns; /* when the request was read, or refused */
	bool over;         /* nothing more is read */
	struct buf *json;
	struct answer answer;
	uint8_t raw_body[FRAME_MAX];
} c;

void
connection_wipe(void)
{
	http_reader_wipe(&c.reader);
	explicit_bzero(&c.answer, sizeof(c.answer));
	explicit_bzero(c.raw_body, sizeof(c.raw_body));
	explicit_bzero(&c.visit, sizeof(c.visit));
}

void
connection_prepare(const struct session *s)
{
	c.s = s;
	c.json = buf_new(ANSWER_MAX);
	if (c.json == NULL || stream_open(&c.stream, s->tls) != RC_OK ||
	    buf_fill(c.json, ' ', ANSWER_MAX) != RC_OK)
		fatal("out of memory");
	buf_clear(c.json);
	/* the pages are there now */
	memset(&c.answer, ' ', sizeof(c.answer));
	memset(c.raw_body, ' ', sizeof(c.raw_body));
	memset(&c.reader, ' ', sizeof(c.reader));
}

/* What the last answer may take when the connection's time is up. */
static uint64_t
grace_ns(const struct session *s)
{
	return GRACE_S * SECOND_NS + (uint64_t)s->answer_grid_ms * MILLI_NS;
}

unsigned
connection_most_s(const struct session *s)
{
	return (unsigned)(s->connection_seconds +
			  (int64_t)(grace_ns(s) / SECOND_NS) + 1);
}

/* --- answers ---------------------------------------------------------- */

/* Whether another request may follow. */
static bool
goes_on(void)
{
	return !c.over && c.req.keep_alive && http_body_done(&c.reader) &&
	       c.served + 1 < c.s->reports_per_connection && !zygote_drained();
}

static struct answer_frame
frame_of(void)
{
	return (struct answer_frame){.keep_alive = goes_on(),
	    .bodiless =
		c.req.method != NULL && strcmp(c.req.method, "HEAD") == 0};
}

/* Sends what stands in c.answer, when it is time. */
static void
leave(const struct answer_frame *frame, bool on_grid)
{
	if (on_grid)
		deadline_sleep(answer_due(c.whole_ns, deadline_now(),
		    (uint64_t)c.s->answer_grid_ms));
	c.served++;
	if (!stream_push(&c.stream, c.answer.bytes, c.answer.len) ||
	    !frame->keep_alive)
		c.over = true;
}

/* whole_ns is set unless the whole request was read before. */
static void
refuse_with(enum problem p, const char *allow, uint64_t retry_s)
{
	struct answer_frame frame;

	if (c.whole_ns == 0)
		c.whole_ns = deadline_now();
	frame = frame_of();
	frame.allow = allow;
	frame.retry_s = retry_s;
	answer_problem(&c.answer, p, &frame);
	leave(&frame, true);
}

static void
refuse(enum problem p)
{
	refuse_with(p, NULL, 0);
}

/* What the reader of requests found wrong. */
static void
refuse_request(enum http_result result)
{
	int status = http_status(result);

	c.over = true;
	if (status != 0)
		refuse(problem_of_status(status));
	else if (result == HTTP_CUT && c.stream.late)
		refuse(PROBLEM_SLOW);
}

/* --- a report --------------------------------------------------------- */

/* A report was accepted, or one made a process fail. */
static void
spend(void)
{
	if (rates_spend(c.s->rates, &c.visit, deadline_now()) != RC_OK)
		c.over = true;
}

/* The report's process is gone and nothing was kept. When it went because the
 * gateway ends, this process follows it in a moment: then the client sees a cut
 * connection and asks again, instead of hearing that its report is bad. Only
 * who outlives that moment may say so. */
static void
blame_report(void)
{
	deadline_sleep(deadline_now() + OWN_END_NS);
	spend();
	refuse(PROBLEM_FAILED);
}

static void
answer_job(const struct errand *j, enum job_end end)
{
	struct answer_frame frame;

	if (end == JOB_FAILED) {
		blame_report();
		return;
	}
	if (end == JOB_ANSWERED && (j->status == 201 || j->status == 500))
		spend();
	if (end == JOB_UNKNOWN) {
		refuse(PROBLEM_UNKNOWN);
		return;
	}
	frame = frame_of();
	if (answer_json(&c.answer, j->status, buf_data(c.json), buf_len(c.json),
		&frame) != RC_OK)
		bug("an answer does not fit");
	leave(&frame, true);
}

/* Passes the body on while it is read. RC_OK: all of it. RC_EOF, RC_TIMEOUT:
 * as job_body(). RC_BAD: it was refused, and that is answered. */
static enum rc
pass_body(struct errand *j)
{
	enum http_result result;
	size_t got;
	enum rc rc = RC_OK;

	do {
		result = http_read_body(&c.reader, c.raw_body,
		    sizeof(c.raw_body), (uint64_t)c.s->body_max, &got);
		if (result != HTTP_OK) {
			job_drop(j);
			refuse_request(result);
			return RC_BAD;
		}
		if (got > 0)
			rc = job_body(j, c.raw_body, got, c.stream.read_by_ns);
	} while (rc == RC_OK && got > 0);
	explicit_bzero(c.raw_body, sizeof(c.raw_body));
	return rc;
}

static void
hand_over(enum job kind)
{
	struct errand j;
	enum job_end end;
	enum rc rc;

	rc = job_offer(&j, c.s->jobs, kind,
	    (uint64_t)c.s->screen_seconds * SECOND_NS);
	if (rc != RC_OK) {
		c.over = true;
		refuse_with(PROBLEM_BUSY, NULL, 1);
		return;
	}
	rc = pass_body(&j);
	if (rc == RC_BAD)
		return;
	if (rc != RC_OK) {
		/* before the end of the body nothing can be kept */
		job_drop(&j);
		c.over = true;
		if (rc == RC_TIMEOUT) {
			refuse_with(PROBLEM_BUSY, NULL, 1);
		} else if (job_was_slow(&j, deadline_now())) {
			refuse(PROBLEM_SLOW);
		} else {
			blame_report();
		}
		return;
	}
	c.whole_ns = deadline_now();
	buf_clear(c.json);
	end = job_finish(&j, c.stream.read_by_ns, c.json);
	answer_job(&j, end);
	buf_clear(c.json);
}

/* A report's type and the certificate's rate, then the body. */
static void
take_report(enum job kind)
{
	uint64_t retry_s;

	if (strcmp(c.req.content_type, "application/xml") != 0 ||
	    !c.req.charset_ok) {
		refuse(PROBLEM_TYPE);
		return;
	}
	if (c.req.content_length > (uint64_t)c.s->body_max) {
		refuse(PROBLEM_SIZE);
		return;
	}
	if (kind == JOB_REPORT && rates_may_report(c.s->rates, &c.visit,
				      deadline_now(), &retry_s) != RC_OK) {
		refuse_with(PROBLEM_REPORTS, NULL, retry_s);
		return;
	}
	hand_over(kind);
}

/* --- published files -------------------------------------------------- */

static void
serve_file(const struct route *route)
{
	struct answer_frame frame = frame_of();
	const uint8_t *data;
	size_t len;

	if (archive_get(c.s->served, route->file, &data, &len) != RC_OK ||
	    answer_file(&c.answer, route->type, len, &frame) != RC_OK)
		bug("a published file is gone");
	leave(&frame, false);
	if (!stream_push(&c.stream, data, len))
		c.over = true;
}

/* --- requests --------------------------------------------------------- */

static void
route_request(void)
{
	const struct route *route;

	switch (routes_find(c.req.method, c.req.target, c.party, &route)) {
	case RC_OK:
		break;
	case RC_BAD:
		refuse_with(PROBLEM_METHOD, route->method, 0);
		return;
	case RC_DENIED:
		refuse(PROBLEM_PARTY);
		return;
	default:
		refuse(PROBLEM_TARGET);
		return;
	}
	switch (route->action) {
	case ACTION_REPORT:
		take_report(JOB_REPORT);
		return;
	case ACTION_CHECK:
		take_report(JOB_CHECK);
		return;
	case ACTION_SERVE:
		serve_file(route);
		return;
	}
}

static void
one_request(void)
{
	enum http_result result;

	c.whole_ns = 0;
	c.stream.read_by_ns = deadline_first(c.end_ns,
	    deadline_now() + (uint64_t)c.s->request_seconds * SECOND_NS);
	result = http_read_head(&c.reader, &c.req);
	if (result == HTTP_OK)
		route_request();
	else
		refuse_request(result);
}

/* --- the connection --------------------------------------------------- */

/* Who this is, in the table of rates. */
static enum rc
name_client(uint64_t *who)
{
	const X509 *certificate = SSL_get0_peer_certificate(c.stream.ssl);
	unsigned char *der = NULL;
	enum rc rc = RC_CRYPTO;
	int len;

	if (certificate == NULL)
		return RC_DENIED;
	len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
	if (len > 0)
		rc = rates_who(c.s->rates, der, (size_t)len, who);
	OPENSSL_free(der);
	return rc;
}

/* Handshake, party, place and pledge: all of it before the first byte that a
 * client chose is read. */
static enum rc
let_in(void)
{
	uint64_t by = deadline_now() + HANDSHAKE_S * SECOND_NS, who, retry_s;
	enum rc rc;

	by = deadline_first(by, c.end_ns);
	signing_until(by);
	rc = stream_handshake(&c.stream, by);
	if (rc == RC_OK)
		rc = trust_party(c.s->trust,
		    SSL_get0_verified_chain(c.stream.ssl), &c.party);
	if (rc == RC_OK)
		rc = name_client(&who);
	if (rc != RC_OK)
		return RC_DENIED;
	rc = rates_enter(c.s->rates, who, getpid(), deadline_now(), &c.visit,
	    &retry_s);
	if (rc == RC_OK)
		return RC_OK;
	c.over = true;
	refuse_with(rc == RC_LIMIT ? PROBLEM_CONNECTIONS : PROBLEM_BUSY, NULL,
	    retry_s);
	return RC_DENIED;
}

static void
serve_requests(void)
{
	http_reader_init(&c.reader, stream_pull, stream_push, &c.stream);
	do
		one_request();
	while (!c.over);
}

void
connection_serve(int fd)
{
	bool entered;

	c.end_ns =
	    deadline_now() + (uint64_t)c.s->connection_seconds * SECOND_NS;
	c.stream.write_by_ns = c.end_ns + grace_ns(c.s);
	if (stream_connect(&c.stream, fd) != RC_OK)
		return;
	entered = let_in() == RC_OK;
	if (entered)
		serve_requests();
	stream_end(&c.stream, entered
				  ? c.stream.write_by_ns
				  : deadline_now() + STRANGER_S * SECOND_NS);
	if (entered)
		rates_leave(c.s->rates, &c.visit, deadline_now());
	stream_close(&c.stream);
	connection_wipe();
}
