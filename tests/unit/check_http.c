/* Strict HTTP/1.1: every request of the tables means the same however the
 * network cuts it, and no part of one is ever taken for the whole. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http.h"

enum { BODY_MAX = 64, ALL_AT_ONCE = 1 << 20, RANDOM = 0 };

/* A scripted peer. */
struct wire {
	const uint8_t *bytes;
	size_t len, at;
	size_t piece; /* most bytes a pull; RANDOM: 1 to 16 */
	unsigned random;
	ssize_t last; /* what comes after the last byte: 0 or -1 */
	size_t pulls;
	bool deaf;        /* push fails */
	char pushed[128]; /* what the reader sent, and when */
	size_t pushed_len, pushed_at;
};

static ssize_t
wire_pull(void *arg, uint8_t *raw, size_t size)
{
	struct wire *w = arg;
	size_t n = w->len - w->at;
	size_t piece = w->piece;

	ck_assert_uint_gt(size, 0);
	w->pulls++;
	if (n == 0)
		return w->last;
	if (piece == RANDOM) {
		w->random = w->random * 1103515245u + 12345u;
		piece = 1 + (w->random >> 16) % 16;
	}
	n = n < piece ? n : piece;
	n = n < size ? n : size;
	memcpy(raw, w->bytes + w->at, n);
	w->at += n;
	return (ssize_t)n;
}

static bool
wire_push(void *arg, const void *bytes, size_t len)
{
	struct wire *w = arg;

	if (w->deaf)
		return false;
	ck_assert_uint_lt(w->pushed_len + len, sizeof(w->pushed));
	memcpy(w->pushed + w->pushed_len, bytes, len);
	w->pushed_len += len;
	w->pushed_at = w->at;
	return true;
}

static struct wire
wire_of(const void *bytes, size_t len, size_t piece)
{
	return (struct wire){.bytes = bytes, .len = len, .piece = piece};
}

static struct http_reader reader;

static void
start(struct wire *w)
{
	http_reader_init(&reader, wire_pull, wire_push, w);
}

/* Reads the rest of a body in bites; *len bytes of it stand in body. */
static enum http_result
read_all(uint8_t *body, size_t *len, size_t bite, uint64_t max)
{
	size_t got = 0;
	enum http_result result;

	*len = 0;
	do {
		ck_assert_uint_le(*len + bite, (size_t)2 * BODY_MAX);
		result = http_read_body(&reader, body + *len, bite, max, &got);
		ck_assert(result == HTTP_OK || got == 0);
		ck_assert_uint_le(got, bite);
		*len += got;
	} while (result == HTTP_OK && got > 0);
	ck_assert(http_body_done(&reader) == (result == HTTP_OK));
	return result;
}

/* One whole request, head and body: the first thing that is not HTTP_OK. */
static enum http_result
read_request(struct wire *w, struct http_request *req, uint8_t *body,
    size_t *len, size_t bite)
{
	enum http_result result;

	start(w);
	*len = 0;
	result = http_read_head(&reader, req);
	if (result == HTTP_OK)
		return read_all(body, len, bite, BODY_MAX);
	/* a refused head tells nothing of itself */
	ck_assert_str_eq(req->method, "");
	ck_assert_str_eq(req->target, "");
	ck_assert_str_eq(req->content_type, "");
	ck_assert(!req->has_body && !req->keep_alive && !req->charset_ok);
	return result;
}

/* -------- requests that are read -------- */

#define HOST "Host: gate.example\r\n"
#define POST "POST /v1/reports HTTP/1.1\r\n" HOST
#define GET "GET / HTTP/1.1\r\n"
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"

struct good {
	const char *bytes;
	const char *method, *target, *type, *body;
	bool charset_odd, close, expect;
};

static const struct good goods[] = {
    {GET HOST "\r\n", "GET", "/", "", "", 0, 0, 0},
    {"PUT /v1/items/0a HTTP/1.1\r\nhOsT:h\r\ncontent-length:2\r\n\r\nok", "PUT",
	"/v1/items/0a", "", "ok", 0, 0, 0},
    {POST "Content-Type: application/xml\r\nContent-Length: 4\r\n\r\n<a/>",
	"POST", "/v1/reports", "application/xml", "<a/>", 0, 0, 0},
    {POST "Content-Length: 0\r\n\r\n", "POST", "/v1/reports", "", "", 0, 0, 0},
    {"odd!#$%&'*+-.^_`|~09 /x HTTP/1.1\r\n" HOST "\r\n", "odd!#$%&'*+-.^_`|~09",
	"/x", "", "", 0, 0, 0},
    {"get /.well-known/a.b;c=d,e~f HTTP/1.1\r\n" HOST "\r\n", "get",
	"/.well-known/a.b;c=d,e~f", "", "", 0, 0, 0},
    {"GET /a-._~!$&'()*+,;=:@?q=1/?&r HTTP/1.1\r\n" HOST "\r\n", "GET",
	"/a-._~!$&'()*+,;=:@?q=1/?&r", "", "", 0, 0, 0},
    {"GET /.a/b./c.d HTTP/1.1\r\n" HOST "\r\n", "GET", "/.a/b./c.d", "", "", 0,
	0, 0},
    /* Host */
    {GET "Host: [2001:DB8::1]:8443\r\n\r\n", "GET", "/", "", "", 0, 0, 0},
    {GET "Host: [::1]\r\n\r\n", "GET", "/", "", "", 0, 0, 0},
    {GET "Host: 127.0.0.1:65535\r\n\r\n", "GET", "/", "", "", 0, 0, 0},
    {GET "Host: A_b-c.EXAMPLE\r\n\r\n", "GET", "/", "", "", 0, 0, 0},
    /* white space around values, empty and odd unknown fields */
    {GET "Host: \t gate \t\r\nX:\r\nY: \t \r\nx: a\tb  c\r\n\r\n", "GET", "/",
	"", "", 0, 0, 0},
    {GET HOST "!#$%&'*+-.^_`|~Az0: \"<>@,;:\\/[]?={}\r\n\r\n", "GET", "/", "",
	"", 0, 0, 0},
    {GET HOST "Cookie: a=b\r\nCookie: c\r\nTrailer: x\r\n\r\n", "GET", "/", "",
	"", 0, 0, 0},
    /* Connection */
    {GET HOST "Connection: close\r\n\r\n", "GET", "/", "", "", 0, 1, 0},
    {GET HOST "Connection: Keep-Alive\r\n\r\n", "GET", "/", "", "", 0, 0, 0},
    {GET HOST "Connection: x , CLOSE\t,y\r\n\r\n", "GET", "/", "", "", 0, 1, 0},
    {GET HOST "Connection: closed, no-close\r\n\r\n", "GET", "/", "", "", 0, 0,
	0},
    {GET HOST "Connection: close\r\nConnection: TE\r\n\r\n", "GET", "/", "", "",
	0, 1, 0},
    /* Content-Type */
    {GET HOST "Content-Type: Text/XML; Charset=UTF-8\r\n\r\n", "GET", "/",
	"text/xml", "", 0, 0, 0},
    {GET HOST "Content-Type: a/b ; charset=\"utf-8\" ;x=y\r\n\r\n", "GET", "/",
	"a/b", "", 0, 0, 0},
    {GET HOST "Content-Type: a/b;x=y;charset=latin1\r\n\r\n", "GET", "/", "a/b",
	"", 1, 0, 0},
    {GET HOST "Content-Type: a/b;charset=\" utf-8\"\r\n\r\n", "GET", "/", "a/b",
	"", 1, 0, 0},
    {GET HOST "Content-Type: a/b;charset=utf8\r\n\r\n", "GET", "/", "a/b", "",
	1, 0, 0},
    {GET HOST "Content-Type: a/b;x=\"; charset=z\"\r\n\r\n", "GET", "/", "a/b",
	"", 0, 0, 0},
    {GET HOST "Content-Type: application/vnd.a+b\r\n\r\n", "GET", "/",
	"application/vnd.a+b", "", 0, 0, 0},
    /* Expect */
    {POST "Expect: 100-Continue\r\nContent-Length: 1\r\n\r\nx", "POST",
	"/v1/reports", "", "x", 0, 0, 1},
    {GET HOST "Expect: 100-continue\r\n\r\n", "GET", "/", "", "", 0, 0, 1},
    /* chunks */
    {CHUNKED "0\r\n\r\n", "POST", "/v1/reports", "", "", 0, 0, 0},
    {CHUNKED "3\r\nabc\r\n0\r\n\r\n", "POST", "/v1/reports", "", "abc", 0, 0,
	0},
    {CHUNKED "1\r\na\r\n2\r\nbc\r\n0A\r\n\r\n34567\r\n0\r\n00000000\r\n"
	     "\r\n",
	"POST", "/v1/reports", "", "abc\r\n34567\r\n0", 0, 0, 0},
    {CHUNKED "0000000b\r\n0\r\n\r\nGET / \r\n0\r\n\r\n", "POST", "/v1/reports",
	"", "0\r\n\r\nGET / ", 0, 0, 0},
    {POST "TRANSFER-ENCODING:\tCHUNKED \r\n\r\n1\r\nx\r\n000\r\n\r\n", "POST",
	"/v1/reports", "", "x", 0, 0, 0},
};

enum { GOODS = sizeof(goods) / sizeof(goods[0]) };

static void
check_good(const struct good *g, struct wire w, size_t bite)
{
	struct http_request req;
	uint8_t body[2 * BODY_MAX];
	size_t len;

	ck_assert_msg(read_request(&w, &req, body, &len, bite) == HTTP_OK, "%s",
	    g->bytes);
	ck_assert_str_eq(req.method, g->method);
	ck_assert_str_eq(req.target, g->target);
	ck_assert_str_eq(req.content_type, g->type);
	ck_assert(req.charset_ok == !g->charset_odd);
	ck_assert(req.keep_alive == !g->close);
	ck_assert(req.expect_continue == g->expect);
	ck_assert(req.chunked == (strcasestr(g->bytes, "\tchunked") != NULL ||
				     strstr(g->bytes, " chunked") != NULL));
	ck_assert(req.has_body == (req.chunked || *g->body != '\0'));
	ck_assert_uint_eq(req.content_length,
	    req.chunked ? 0 : strlen(g->body));
	ck_assert_uint_eq(len, strlen(g->body));
	ck_assert_mem_eq(body, g->body, len);
	ck_assert_uint_eq(w.at, w.len);
	ck_assert_int_eq(http_read_head(&reader, &req), HTTP_CLOSED);
}

START_TEST(good_requests_are_read_however_they_come)
{
	const struct good *g = &goods[_i];
	struct wire w = wire_of(g->bytes, strlen(g->bytes), ALL_AT_ONCE);

	check_good(g, w, BODY_MAX);
	check_good(g, w, 1);
	w.piece = 1;
	check_good(g, w, BODY_MAX);
	check_good(g, w, 3);
	w.piece = RANDOM;
	for (w.random = 1; w.random <= 50; w.random++)
		check_good(g, w, 1 + w.random % BODY_MAX);
}
END_TEST

START_TEST(a_good_request_cut_anywhere_is_cut)
{
	const struct good *g = &goods[_i];
	struct http_request req;
	uint8_t body[2 * BODY_MAX];
	size_t len;

	for (size_t n = 0; n < strlen(g->bytes); n++) {
		struct wire end = wire_of(g->bytes, n, ALL_AT_ONCE);
		struct wire failed = wire_of(g->bytes, n, 1);

		failed.last = -1;
		ck_assert_int_eq(read_request(&end, &req, body, &len, 5),
		    n == 0 ? HTTP_CLOSED : HTTP_CUT);
		ck_assert_int_eq(read_request(&failed, &req, body, &len, 5),
		    HTTP_CUT);
	}
}
END_TEST

/* -------- requests that are refused -------- */

struct refused {
	const char *bytes;
	enum http_result result;
};

static const struct refused refusals[] = {
    /* line ends */
    {"\r", HTTP_BAD},
    {"\n", HTTP_BAD},
    {"\r\n" GET HOST "\r\n", HTTP_BAD},
    {"\n" GET HOST "\r\n", HTTP_BAD},
    {"GET / HTTP/1.1\n" HOST "\r\n", HTTP_BAD},
    {"GET / HTTP/1.1\r" HOST "\r\n", HTTP_BAD},
    {GET "Host: h\n\r\n", HTTP_BAD},
    {GET "Host: h\r\r\n\r\n", HTTP_BAD},
    {GET HOST "\n", HTTP_BAD},
    {GET HOST "\rx", HTTP_BAD},
    {GET HOST "X: a\rContent-Length: 5\r\n\r\n", HTTP_BAD},
    {GET HOST "X: a\nContent-Length: 5\r\n\r\n", HTTP_BAD},
    {GET HOST "X: a\n\r\n\r\n", HTTP_BAD},
    /* request line */
    {" GET / HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD},
    {"GET  / HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD},
    {"GET /  HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD},
    {"GET\t/ HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD},
    {"GET /\tHTTP/1.1\r\n" HOST "\r\n", HTTP_BAD},
    {"GET / HTTP/1.1 \r\n" HOST "\r\n", HTTP_BAD},
    {"GET / x HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD},
    {"GET /\r\n" HOST "\r\n", HTTP_BAD},
    {"GET\r\n" HOST "\r\n", HTTP_BAD},
    {"GET HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD},
    {"G(T / HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD},
    {"G:T / HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD},
    /* version */
    {"GET / HTTP/1.0\r\n" HOST "\r\n", HTTP_VERSION},
    {"GET / HTTP/1.2\r\n" HOST "\r\n", HTTP_VERSION},
    {"GET / HTTP/0.9\r\n\r\n", HTTP_VERSION},
    {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", HTTP_VERSION},
    {"GET / HTTP/11\r\n" HOST "\r\n", HTTP_BAD},
    {"GET / HTTP/1.10\r\n" HOST "\r\n", HTTP_BAD},
    {"GET / HTTP/1,1\r\n" HOST "\r\n", HTTP_BAD},
    {"GET / http/1.1\r\n" HOST "\r\n", HTTP_BAD},
    {"GET / HTTPS/1.1\r\n" HOST "\r\n", HTTP_BAD},
    {"GET / HTTP/x.1\r\n" HOST "\r\n", HTTP_BAD},
    {"GET / HTTP/1.y\r\n" HOST "\r\n", HTTP_BAD},
    /* target */
    {"GET x HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD},
    {"GET ?x HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD},
    {"GET https://h/ HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD},
    {"OPTIONS * HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD},
    {"CONNECT gate:443 HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD},
    {"GET /a%2e HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD},
    {"GET /% HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD},
    {"GET /?a=%00 HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD},
    {"GET /#a HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD},
    {"GET // HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD},
    {"GET /a//b HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD},
    {"GET /. HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD},
    {"GET /./a HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD},
    {"GET /a/.?b HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD},
    {"GET /.. HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD},
    {"GET /a/../b HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD},
    {"GET /a..b HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD},
    {"GET /a\\b HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD},
    /* field lines */
    {GET HOST "X : a\r\n\r\n", HTTP_BAD},
    {GET HOST "X\t: a\r\n\r\n", HTTP_BAD},
    {GET HOST " X: a\r\n\r\n", HTTP_BAD},
    {GET HOST "X: a\r\n b\r\n\r\n", HTTP_BAD},
    {GET HOST "X: a\r\n\tb: c\r\n\r\n", HTTP_BAD},
    {GET " " HOST "\r\n", HTTP_BAD},
    {GET HOST "X\r\n\r\n", HTTP_BAD},
    {GET HOST ": a\r\n\r\n", HTTP_BAD},
    {GET HOST "X(: a\r\n\r\n", HTTP_BAD},
    {GET HOST "X Y: a\r\n\r\n", HTTP_BAD},
    /* Host */
    {GET "\r\n", HTTP_BAD},
    {GET "Hosts: h\r\n\r\n", HTTP_BAD},
    {GET "Host:\r\n\r\n", HTTP_BAD},
    {GET HOST HOST "\r\n", HTTP_BAD},
    {GET HOST "HOST: other\r\n\r\n", HTTP_BAD},
    {GET "Host: a, b\r\n\r\n", HTTP_BAD},
    {GET "Host: a b\r\n\r\n", HTTP_BAD},
    {GET "Host: u@h\r\n\r\n", HTTP_BAD},
    {GET "Host: h/x\r\n\r\n", HTTP_BAD},
    {GET "Host: h:\r\n\r\n", HTTP_BAD},
    {GET "Host: h:x\r\n\r\n", HTTP_BAD},
    {GET "Host: h:123456\r\n\r\n", HTTP_BAD},
    {GET "Host: h:1:2\r\n\r\n", HTTP_BAD},
    {GET "Host: :1\r\n\r\n", HTTP_BAD},
    {GET "Host: [::1\r\n\r\n", HTTP_BAD},
    {GET "Host: []\r\n\r\n", HTTP_BAD},
    {GET "Host: [g::]\r\n\r\n", HTTP_BAD},
    {GET "Host: [::1]x\r\n\r\n", HTTP_BAD},
    /* Content-Length */
    {POST "Content-Length:\r\n\r\n", HTTP_BAD},
    {POST "Content-Length: +1\r\n\r\nx", HTTP_BAD},
    {POST "Content-Length: -1\r\n\r\nx", HTTP_BAD},
    {POST "Content-Length: 0x1\r\n\r\nx", HTTP_BAD},
    {POST "Content-Length: 01\r\n\r\nx", HTTP_BAD},
    {POST "Content-Length: 00\r\n\r\n", HTTP_BAD},
    {POST "Content-Length: 1 1\r\n\r\nx", HTTP_BAD},
    {POST "Content-Length: 1,1\r\n\r\nx", HTTP_BAD},
    {POST "Content-Length: 1, 1\r\n\r\nx", HTTP_BAD},
    {POST "Content-Length: 1.0\r\n\r\nx", HTTP_BAD},
    {POST "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx", HTTP_BAD},
    {POST "Content-Length: 0\r\nContent-Length: 1\r\n\r\nx", HTTP_BAD},
    {POST "Content-Length: 18446744073709551616\r\n\r\n", HTTP_BAD},
    {POST "Content-Length: 18446744073709551620\r\n\r\n", HTTP_BAD},
    {POST "Content-Length: 99999999999999999999\r\n\r\n", HTTP_BAD},
    {POST "Content-Length: 18446744073709551615\r\n\r\n", HTTP_TOO_LARGE},
    {POST "Content-Length: 65\r\n\r\n", HTTP_TOO_LARGE},
    /* Transfer-Encoding */
    {POST "Transfer-Encoding:\r\n\r\n", HTTP_BAD},
    {POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"
	  "0\r\n\r\n",
	HTTP_BAD},
    {POST "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n"
	  "0\r\n\r\n",
	HTTP_BAD},
    {POST "Content-Length: 5\r\nTransfer-Encoding: gzip\r\n\r\n", HTTP_BAD},
    {POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"
	  "\r\n0\r\n\r\n",
	HTTP_BAD},
    {POST "Transfer-Encoding: chunked, chunked\r\n\r\n", HTTP_BAD},
    {POST "Transfer-Encoding: chunked, gzip\r\n\r\n", HTTP_BAD},
    {POST "Transfer-Encoding: chunked,\r\n\r\n", HTTP_BAD},
    {POST "Transfer-Encoding: ,chunked\r\n\r\n", HTTP_BAD},
    {POST "Transfer-Encoding: chunked;a=b\r\n\r\n", HTTP_BAD},
    {POST "Transfer-Encoding: chunked x\r\n\r\n", HTTP_BAD},
    {POST "Transfer-Encoding: \"chunked\"\r\n\r\n", HTTP_BAD},
    {POST "Transfer-Encoding: gzip\r\n\r\n", HTTP_NOT_IMPLEMENTED},
    {POST "Transfer-Encoding: identity\r\n\r\n", HTTP_NOT_IMPLEMENTED},
    {POST "Transfer-Encoding: xchunked\r\n\r\n", HTTP_NOT_IMPLEMENTED},
    {POST "Transfer-Encoding: gzip, chunked\r\n\r\n", HTTP_NOT_IMPLEMENTED},
    /* Content-Type */
    {GET HOST "Content-Type:\r\n\r\n", HTTP_BAD},
    {GET HOST "Content-Type: xml\r\n\r\n", HTTP_BAD},
    {GET HOST "Content-Type: /xml\r\n\r\n", HTTP_BAD},
    {GET HOST "Content-Type: a/\r\n\r\n", HTTP_BAD},
    {GET HOST "Content-Type: a/b/c\r\n\r\n", HTTP_BAD},
    {GET HOST "Content-Type: a/b, c/d\r\n\r\n", HTTP_BAD},
    {GET HOST "Content-Type: a/b c\r\n\r\n", HTTP_BAD},
    {GET HOST "Content-Type: a/b;\r\n\r\n", HTTP_BAD},
    {GET HOST "Content-Type: a/b;;x=y\r\n\r\n", HTTP_BAD},
    {GET HOST "Content-Type: a/b;charset\r\n\r\n", HTTP_BAD},
    {GET HOST "Content-Type: a/b;charset=\r\n\r\n", HTTP_BAD},
    {GET HOST "Content-Type: a/b;charset =utf-8\r\n\r\n", HTTP_BAD},
    {GET HOST "Content-Type: a/b;charset= utf-8\r\n\r\n", HTTP_BAD},
    {GET HOST "Content-Type: a/b;charset=\"utf-8\r\n\r\n", HTTP_BAD},
    {GET HOST "Content-Type: a/b;charset=\"\"\r\n\r\n", HTTP_BAD},
    {GET HOST "Content-Type: a/b;charset=\"utf\\-8\"\r\n\r\n", HTTP_BAD},
    {GET HOST "Content-Type: a/b;charset=\"utf-8\"x\r\n\r\n", HTTP_BAD},
    {GET HOST "Content-Type: a/b;charset=utf-8;charset=utf-8\r\n\r\n",
	HTTP_BAD},
    {GET HOST "Content-Type: a/b\r\nContent-Type: a/b\r\n\r\n", HTTP_BAD},
    /* Expect, Connection */
    {GET HOST "Expect: 200-ok\r\n\r\n", HTTP_EXPECTATION},
    {GET HOST "Expect:\r\n\r\n", HTTP_EXPECTATION},
    {GET HOST "Expect: 100-continue, x\r\n\r\n", HTTP_EXPECTATION},
    {GET HOST "Expect: 100-continue\r\nExpect: 100-continue\r\n\r\n", HTTP_BAD},
    {GET HOST "Connection:\r\n\r\n", HTTP_BAD},
    {GET HOST "Connection: close,\r\n\r\n", HTTP_BAD},
    {GET HOST "Connection: a b\r\n\r\n", HTTP_BAD},
    /* chunks */
    {CHUNKED "\r\n", HTTP_BAD},
    {CHUNKED "g\r\n", HTTP_BAD},
    {CHUNKED "0x1\r\n", HTTP_BAD},
    {CHUNKED "+1\r\n", HTTP_BAD},
    {CHUNKED "-1\r\n", HTTP_BAD},
    {CHUNKED " 1\r\nx\r\n0\r\n\r\n", HTTP_BAD},
    {CHUNKED "1 \r\nx\r\n0\r\n\r\n", HTTP_BAD},
    {CHUNKED "1\nx\r\n0\r\n\r\n", HTTP_BAD},
    {CHUNKED "1\rx\r\n0\r\n\r\n", HTTP_BAD},
    {CHUNKED "1;a=b\r\nx\r\n0\r\n\r\n", HTTP_BAD},
    {CHUNKED "1;\r\nx\r\n0\r\n\r\n", HTTP_BAD},
    {CHUNKED "000000001\r\nx\r\n0\r\n\r\n", HTTP_BAD},
    {CHUNKED "100000000\r\n", HTTP_BAD},
    {CHUNKED "1\r\nxy\r\n0\r\n\r\n", HTTP_BAD},
    {CHUNKED "1\r\nx0\r\n\r\n", HTTP_BAD},
    {CHUNKED "1\r\nx\n0\r\n\r\n", HTTP_BAD},
    {CHUNKED "1\r\nx\r0\r\n\r\n", HTTP_BAD},
    {CHUNKED "0\r\nX: trailer\r\n\r\n", HTTP_BAD},
    {CHUNKED "0;a\r\n\r\n", HTTP_BAD},
    {CHUNKED "0\r\n\n", HTTP_BAD},
    {CHUNKED "0\n\r\n", HTTP_BAD},
    {CHUNKED "0\r\n\rx", HTTP_BAD},
    {CHUNKED "FFFFFFFF\r\n", HTTP_TOO_LARGE},
    {CHUNKED "41\r\n", HTTP_TOO_LARGE},
    {CHUNKED "1\r\nx\r\n40\r\n", HTTP_TOO_LARGE},
};

enum { REFUSALS = sizeof(refusals) / sizeof(refusals[0]) };

static void
check_refused(const struct refused *c, struct wire w)
{
	struct http_request req;
	uint8_t body[2 * BODY_MAX];
	size_t len;
	enum http_result result = read_request(&w, &req, body, &len, 7);

	ck_assert_msg(result == c->result, "%d and not %d: %s", (int)result,
	    (int)c->result, c->bytes);
	/* and that is its last word */
	ck_assert_int_eq(http_read_head(&reader, &req), result);
	ck_assert_str_eq(req.method, "");
	ck_assert_str_eq(req.target, "");
	ck_assert_str_eq(req.content_type, "");
	ck_assert_int_eq(http_read_body(&reader, body, 1, BODY_MAX, &len),
	    result);
	ck_assert_uint_eq(len, 0);
	ck_assert(!http_body_done(&reader));
}

START_TEST(odd_requests_are_refused_however_they_come)
{
	const struct refused *c = &refusals[_i];
	struct wire w = wire_of(c->bytes, strlen(c->bytes), ALL_AT_ONCE);

	check_refused(c, w);
	w.piece = 1;
	check_refused(c, w);
	w.piece = RANDOM;
	for (w.random = 1; w.random <= 50; w.random++)
		check_refused(c, w);
}
END_TEST

START_TEST(no_part_of_an_odd_request_is_a_good_one)
{
	const struct refused *c = &refusals[_i];
	struct http_request req;
	uint8_t body[2 * BODY_MAX];
	size_t len;

	for (size_t n = 1; n < strlen(c->bytes); n++) {
		struct wire w = wire_of(c->bytes, n, ALL_AT_ONCE);
		enum http_result result = read_request(&w, &req, body, &len, 7);

		ck_assert_msg(result == HTTP_CUT || result == c->result,
		    "%d after %zu bytes of: %s", (int)result, n, c->bytes);
	}
}
END_TEST

/* -------- every byte in every place -------- */

static enum http_result
judge(const uint8_t *bytes, size_t len)
{
	struct wire w = wire_of(bytes, len, ALL_AT_ONCE);
	struct http_request req;
	uint8_t body[2 * BODY_MAX];
	size_t got;

	return read_request(&w, &req, body, &got, BODY_MAX);
}

/* Puts each of the 256 bytes where '@' stands and compares with the bytes that
 * are good there. */
static void
check_bytes(const char *form, const char *good)
{
	uint8_t bytes[256];
	size_t len = strlen(form);
	size_t at = strcspn(form, "@");

	for (int b = 0; b < 256; b++) {
		bool fine = b != 0 && strchr(good, b) != NULL;

		// NOLINTNEXTLINE(bugprone-not-null-terminated-result) bytes
		memcpy(bytes, form, len);
		bytes[at] = (uint8_t)b;
		ck_assert_msg((judge(bytes, len) == HTTP_OK) == fine,
		    "byte %d in %s", b, form);
	}
}

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

START_TEST(every_byte_is_judged_in_every_place)
{
	static const char token[] = LETTERS DIGITS "!#$%&'*+-.^_`|~";
	char visible[128] = "\t";

	for (int b = ' '; b <= '~'; b++)
		visible[1 + b - ' '] = (char)b;
	check_bytes("G@T / HTTP/1.1\r\n" HOST "\r\n", token);
	check_bytes("@ / HTTP/1.1\r\n" HOST "\r\n", token);
	check_bytes("GET /a@b HTTP/1.1\r\n" HOST "\r\n",
	    LETTERS DIGITS "-._~!$&'()*+,;=:@/?");
	check_bytes("GET /a HTTP/1.@\r\n" HOST "\r\n", "1");
	check_bytes(GET HOST "X: a@b\r\n\r\n", visible);
	check_bytes(GET HOST "X@Y: a\r\n\r\n",
	    LETTERS DIGITS "!#$%&'*+-.^_`|~:");
	check_bytes(GET HOST "X@ a\r\n\r\n", ":");
	check_bytes(GET "Host: a@b\r\n\r\n", LETTERS DIGITS "-._");
	check_bytes(POST "Content-Length: 0@\r\n\r\n", " \t");
	check_bytes(CHUNKED "@\r\n\r\n", "0");
	check_bytes(CHUNKED "1\r\nx\r\n0@\n\r\n", "\r");
	check_bytes(CHUNKED "1\r\nx\r@0\r\n\r\n", "\n");
}
END_TEST

/* -------- limits -------- */

/* GET with a target of n bytes. */
static enum http_result
judge_target(size_t n)
{
	uint8_t bytes[2 * HTTP_HEAD_MAX];
	static const char rest[] = " HTTP/1.1\r\n" HOST "\r\n";

	// NOLINTNEXTLINE(bugprone-not-null-terminated-result) bytes
	memcpy(bytes, "GET /", 5);
	memset(bytes + 5, 'a', n - 1);
	memcpy(bytes + 4 + n, rest, sizeof(rest) - 1);
	return judge(bytes, 4 + n + sizeof(rest) - 1);
}

/* A head of n bytes in all. */
static enum http_result
judge_head(size_t n)
{
	uint8_t bytes[2 * HTTP_HEAD_MAX];
	static const char first[] = GET HOST "X: ";

	memset(bytes, 'a', n);
	memcpy(bytes, first, sizeof(first) - 1);
	// NOLINTNEXTLINE(bugprone-not-null-terminated-result) bytes
	memcpy(bytes + n - 4, "\r\n\r\n", 4);
	return judge(bytes, n);
}

/* Host and n other fields. */
static enum http_result
judge_fields(unsigned n)
{
	char bytes[HTTP_HEAD_MAX] = GET HOST;
	size_t len = strlen(bytes);

	for (; n > 0; n--, len += 6)
		// NOLINTNEXTLINE(bugprone-not-null-terminated-result) bytes
		memcpy(bytes + len, "X: a\r\n", 6);
	// NOLINTNEXTLINE(bugprone-not-null-terminated-result) bytes
	memcpy(bytes + len, "\r\n", 2);
	return judge((uint8_t *)bytes, len + 2);
}

START_TEST(heads_have_limits)
{
	ck_assert_int_eq(judge_target(HTTP_TARGET_MAX), HTTP_OK);
	ck_assert_int_eq(judge_target(HTTP_TARGET_MAX + 1),
	    HTTP_TARGET_TOO_LONG);
	ck_assert_int_eq(judge_target(HTTP_HEAD_MAX), HTTP_TARGET_TOO_LONG);
	ck_assert_int_eq(judge_head(HTTP_HEAD_MAX), HTTP_OK);
	ck_assert_int_eq(judge_head(HTTP_HEAD_MAX + 1), HTTP_HEAD_TOO_LARGE);
	ck_assert_int_eq(judge_head((size_t)2 * HTTP_HEAD_MAX),
	    HTTP_HEAD_TOO_LARGE);
	ck_assert_int_eq(judge_fields(HTTP_HEADERS_MAX - 1), HTTP_OK);
	ck_assert_int_eq(judge_fields(HTTP_HEADERS_MAX), HTTP_HEAD_TOO_LARGE);
}
END_TEST

START_TEST(bodies_have_limits)
{
	static const char fixed[] = POST "Content-Length: 5\r\n\r\n12345";
	static const char chunks[] = CHUNKED "2\r\n12\r\n3\r\n345\r\n0\r\n\r\n";
	static const char *const forms[] = {fixed, chunks};
	struct http_request req;
	uint8_t body[2 * BODY_MAX];
	size_t len;

	for (int i = 0; i < 2; i++) {
		for (uint64_t max = 0; max < 8; max++) {
			struct wire w = wire_of(forms[i], strlen(forms[i]), 3);

			start(&w);
			ck_assert_int_eq(http_read_head(&reader, &req),
			    HTTP_OK);
			ck_assert_int_eq(read_all(body, &len, 2, max),
			    max < 5 ? HTTP_TOO_LARGE : HTTP_OK);
			/* nothing of a declared body, and of chunks only
			 * those that fit whole */
			if (max < 5)
				ck_assert_uint_eq(len,
				    i == 1 && max >= 2 ? 2 : 0);
		}
	}
}
END_TEST

START_TEST(a_body_too_large_is_not_asked_for)
{
	static const char head[] =
	    POST "Expect: 100-continue\r\nContent-Length: 6\r\n\r\n";
	struct wire w = wire_of(head, strlen(head), ALL_AT_ONCE);
	struct http_request req;
	uint8_t body[8];
	size_t got;

	start(&w);
	ck_assert_int_eq(http_read_head(&reader, &req), HTTP_OK);
	ck_assert_int_eq(http_read_body(&reader, body, 8, 5, &got),
	    HTTP_TOO_LARGE);
	ck_assert_uint_eq(w.pulls, 1);
	ck_assert_uint_eq(w.pushed_len, 0);
}
END_TEST

START_TEST(a_read_of_nothing_is_bad)
{
	static const char bytes[] = POST "Content-Length: 1\r\n\r\nx";
	struct wire w = wire_of(bytes, strlen(bytes), ALL_AT_ONCE);
	struct http_request req;
	uint8_t body[1];
	size_t got = 9;

	start(&w);
	ck_assert_int_eq(http_read_head(&reader, &req), HTTP_OK);
	ck_assert_int_eq(http_read_body(&reader, body, 0, 5, &got), HTTP_BAD);
	ck_assert_uint_eq(got, 0);
}
END_TEST

/* -------- 100 Continue -------- */

#define CONTINUE "HTTP/1.1 100 Continue\r\n\r\n"

START_TEST(continue_is_sent_once_before_the_body)
{
	static const char *const forms[] = {
	    POST "Expect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
	    POST "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n"
		 "\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n",
	};

	for (int i = 0; i < 2; i++) {
		struct wire w = wire_of(forms[i], strlen(forms[i]), 1);
		struct http_request req;
		uint8_t body[2 * BODY_MAX];
		size_t len;

		start(&w);
		ck_assert_int_eq(http_read_head(&reader, &req), HTTP_OK);
		ck_assert_uint_eq(w.pushed_len, 0);
		ck_assert_int_eq(read_all(body, &len, 1, 3), HTTP_OK);
		ck_assert_uint_eq(len, 3);
		ck_assert_str_eq(w.pushed, CONTINUE);
		ck_assert_uint_eq(w.pushed_at,
		    strstr(forms[i], "\r\n\r\n") + 4 - forms[i]);
	}
}
END_TEST

START_TEST(continue_is_sent_only_when_asked_for_a_body)
{
	static const char *const forms[] = {
	    GET HOST "Expect: 100-continue\r\n\r\n",
	    POST "Expect: 100-continue\r\nContent-Length: 0\r\n\r\n",
	    POST "Content-Length: 1\r\n\r\nx",
	};

	for (int i = 0; i < 3; i++) {
		struct wire w = wire_of(forms[i], strlen(forms[i]), 1);
		struct http_request req;
		uint8_t body[2 * BODY_MAX];
		size_t len;

		ck_assert_int_eq(read_request(&w, &req, body, &len, 1),
		    HTTP_OK);
		ck_assert_uint_eq(w.pushed_len, 0);
	}
}
END_TEST

START_TEST(continue_may_fail_or_be_left_out)
{
	static const char bytes[] =
	    POST "Expect: 100-continue\r\nContent-Length: 1\r\n\r\nx";
	struct wire w = wire_of(bytes, strlen(bytes), ALL_AT_ONCE);
	struct http_request req;
	uint8_t body[2 * BODY_MAX];
	size_t len;

	w.deaf = true;
	ck_assert_int_eq(read_request(&w, &req, body, &len, 1), HTTP_CUT);
	w = wire_of(bytes, strlen(bytes), ALL_AT_ONCE);
	http_reader_init(&reader, wire_pull, NULL, &w);
	ck_assert_int_eq(http_read_head(&reader, &req), HTTP_OK);
	ck_assert_int_eq(read_all(body, &len, 1, 1), HTTP_OK);
	ck_assert_uint_eq(len, 1);
}
END_TEST

/* -------- more than one request on a connection -------- */

START_TEST(requests_may_follow_one_another)
{
	static const char line[] =
	    POST "Content-Length: 4\r\n\r\nGET " CHUNKED
		 "5\r\n\r\n\r\n/\r\n0\r\n\r\n" GET HOST "\r\n"
		 "PUT /last HTTP/1.1\r\n" HOST "Content-Length: 1\r\n\r\nz";
	static const char *const bodies[] = {"GET ", "\r\n\r\n/", "", "z"};

	for (unsigned random = 0; random < 200; random++) {
		struct wire w = wire_of(line, strlen(line),
		    random == 0 ? ALL_AT_ONCE : RANDOM);
		struct http_request req;
		uint8_t body[2 * BODY_MAX];
		size_t len;

		w.random = random;
		start(&w);
		for (int i = 0; i < 4; i++) {
			ck_assert_int_eq(http_read_head(&reader, &req),
			    HTTP_OK);
			ck_assert_int_eq(read_all(body, &len, 1 + random % 9,
					     5),
			    HTTP_OK);
			ck_assert_uint_eq(len, strlen(bodies[i]));
			ck_assert_mem_eq(body, bodies[i], len);
		}
		ck_assert_str_eq(req.target, "/last");
		ck_assert_int_eq(http_read_head(&reader, &req), HTTP_CLOSED);
	}
}
END_TEST

/* A body is never read as a request, not even when it looks like one. */
START_TEST(an_unread_body_ends_the_connection)
{
	static const char *const forms[] = {
	    POST "Content-Length: 100\r\n\r\n" GET HOST "\r\n",
	    CHUNKED GET HOST "\r\n",
	};

	for (int i = 0; i < 2; i++) {
		struct wire w = wire_of(forms[i], strlen(forms[i]), 1);
		struct http_request req;

		start(&w);
		ck_assert(http_body_done(&reader));
		ck_assert_int_eq(http_read_head(&reader, &req), HTTP_OK);
		ck_assert(!http_body_done(&reader));
		ck_assert_int_eq(http_read_head(&reader, &req), HTTP_BAD);
		ck_assert_str_eq(req.target, "");
		ck_assert_int_eq(http_read_head(&reader, &req), HTTP_BAD);
	}
}
END_TEST

START_TEST(a_partly_read_body_ends_the_connection)
{
	static const char bytes[] =
	    POST "Content-Length: 9\r\n\r\nab" GET HOST "\r\n";
	struct wire w = wire_of(bytes, strlen(bytes), ALL_AT_ONCE);
	struct http_request req;
	uint8_t body[2];
	size_t got;

	start(&w);
	ck_assert_int_eq(http_read_head(&reader, &req), HTTP_OK);
	ck_assert_int_eq(http_read_body(&reader, body, 2, 9, &got), HTTP_OK);
	ck_assert_uint_eq(got, 2);
	ck_assert(!http_body_done(&reader));
	ck_assert_int_eq(http_read_head(&reader, &req), HTTP_BAD);
}
END_TEST

/* -------- the source, the end -------- */

static ssize_t
lying_pull(void *arg, uint8_t *raw, size_t size)
{
	static const char bytes[] = POST "Content-Length: 9\r\n\r\n";
	int *calls = arg;

	if ((*calls)-- == 0)
		return (ssize_t)size + 1;
	memcpy(raw, bytes, sizeof(bytes) - 1);
	return sizeof(bytes) - 1;
}

START_TEST(a_source_that_claims_too_much_has_failed)
{
	int calls = 0;
	struct http_request req;
	uint8_t body[4];
	size_t got;

	http_reader_init(&reader, lying_pull, NULL, &calls);
	ck_assert_int_eq(http_read_head(&reader, &req), HTTP_CUT);
	calls = 1;
	http_reader_init(&reader, lying_pull, NULL, &calls);
	ck_assert_int_eq(http_read_head(&reader, &req), HTTP_OK);
	ck_assert_int_eq(http_read_body(&reader, body, 4, 9, &got), HTTP_CUT);
	ck_assert_uint_eq(got, 0);
}
END_TEST

START_TEST(the_end_is_not_read_past)
{
	struct wire w = wire_of("", 0, 1);
	struct http_request req;

	start(&w);
	ck_assert_int_eq(http_read_head(&reader, &req), HTTP_CLOSED);
	ck_assert_int_eq(http_read_head(&reader, &req), HTTP_CLOSED);
	ck_assert_uint_eq(w.pulls, 1);
	ck_assert(!http_body_done(&reader));
}
END_TEST

START_TEST(wiping_leaves_nothing)
{
	static const char bytes[] = POST "Content-Length: 6\r\n\r\nsecret";
	struct wire w = wire_of(bytes, strlen(bytes), ALL_AT_ONCE);
	static const struct http_reader nothing;
	struct http_request req;
	uint8_t body[2 * BODY_MAX];
	size_t len;

	ck_assert_int_eq(read_request(&w, &req, body, &len, 6), HTTP_OK);
	ck_assert_ptr_nonnull(memmem(&reader, sizeof(reader), "secret", 6));
	http_reader_wipe(&reader);
	ck_assert_mem_eq(&reader, &nothing, sizeof(reader));
}
END_TEST

/* -------- answers -------- */

START_TEST(results_have_a_status_and_a_reason)
{
	static const struct {
		enum http_result result;
		int status;
		const char *reason;
	} rows[] = {
	    {HTTP_OK, 200, "OK"},
	    {HTTP_CLOSED, 0, ""},
	    {HTTP_CUT, 0, ""},
	    {HTTP_BAD, 400, "Bad Request"},
	    {HTTP_TOO_LARGE, 413, "Content Too Large"},
	    {HTTP_HEAD_TOO_LARGE, 431, "Request Header Fields Too Large"},
	    {HTTP_VERSION, 505, "HTTP Version Not Supported"},
	    {HTTP_NOT_IMPLEMENTED, 501, "Not Implemented"},
	    {HTTP_EXPECTATION, 417, "Expectation Failed"},
	    {HTTP_TARGET_TOO_LONG, 414, "URI Too Long"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_int_eq(http_status(rows[i].result), rows[i].status);
		ck_assert_str_eq(http_reason(rows[i].status), rows[i].reason);
	}
	ck_assert_str_eq(http_reason(422), "Unprocessable Content");
	ck_assert_str_eq(http_reason(299), "");
}
END_TEST

START_TEST(heads_of_answers_are_written)
{
	static const char plain[] = "HTTP/1.1 201 Created\r\n"
				    "Content-Type: application/json\r\n"
				    "Content-Length: 8192\r\n"
				    "Cache-Control: no-store\r\n"
				    "Connection: close\r\n\r\n";
	static const char more[] = "HTTP/1.1 429 Too Many Requests\r\n"
				   "Content-Length: 18446744073709551615\r\n"
				   "Cache-Control: no-store\r\n"
				   "Connection: keep-alive\r\n"
				   "Retry-After: 5\r\nX:\ta\r\n\r\n";
	char out[512];

	ck_assert_uint_eq(http_head(out, sizeof(out), 201, "application/json",
			      8192, false, NULL),
	    sizeof(plain) - 1);
	ck_assert_str_eq(out, plain);
	ck_assert_uint_eq(http_head(out, sizeof(out), 429, "", UINT64_MAX, true,
			      "Retry-After: 5\r\nX:\ta\r\n"),
	    sizeof(more) - 1);
	ck_assert_str_eq(out, more);
	/* exactly enough, and one byte less */
	ck_assert_uint_eq(http_head(out, sizeof(plain), 201, "application/json",
			      8192, false, ""),
	    sizeof(plain) - 1);
	ck_assert_uint_eq(http_head(out, sizeof(plain) - 1, 201,
			      "application/json", 8192, false, ""),
	    0);
	ck_assert_uint_eq(http_head(out, 0, 201, "", 0, false, ""), 0);
}
END_TEST

START_TEST(answers_can_not_be_split)
{
	static const char *const extras[] = {"X: a", "X: a\n", "X: a\r", "\r\n",
	    "X: a\r\n\r\n", "X: a\r\n\r\nY: b\r\n", "X: a\rb\r\n",
	    "X: a\nb\r\n", "X a\r\n", ": a\r\n", "X : a\r\n", " X: a\r\n",
	    "X: \x80\r\n", "X: \x7f\r\n"};
	char out[512];

	for (size_t i = 0; i < sizeof(extras) / sizeof(extras[0]); i++)
		ck_assert_msg(http_head(out, sizeof(out), 200, "a/b", 1, true,
				  extras[i]) == 0,
		    "%s", extras[i]);
	ck_assert_uint_eq(http_head(out, sizeof(out), 200, "a/b\r\nX: y", 1,
			      true, ""),
	    0);
	ck_assert_uint_eq(http_head(out, sizeof(out), 200, "a/b\n", 1, true,
			      ""),
	    0);
	ck_assert_uint_eq(http_head(out, sizeof(out), 199, "", 1, true, ""), 0);
	ck_assert_uint_eq(http_head(out, sizeof(out), 600, "", 1, true, ""), 0);
	ck_assert_uint_eq(http_head(out, sizeof(out), -1, "", 1, true, ""), 0);
	ck_assert_uint_gt(http_head(out, sizeof(out), 200, "a/b", 1, true, ""),
	    0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("http");
	TCase *t = tcase_create("requests");
	SRunner *r;
	int failed;

	tcase_add_loop_test(t, good_requests_are_read_however_they_come, 0,
	    GOODS);
	tcase_add_loop_test(t, a_good_request_cut_anywhere_is_cut, 0, GOODS);
	tcase_add_loop_test(t, odd_requests_are_refused_however_they_come, 0,
	    REFUSALS);
	tcase_add_loop_test(t, no_part_of_an_odd_request_is_a_good_one, 0,
	    REFUSALS);
	tcase_add_test(t, every_byte_is_judged_in_every_place);
	tcase_add_test(t, heads_have_limits);
	tcase_add_test(t, bodies_have_limits);
	tcase_add_test(t, a_body_too_large_is_not_asked_for);
	tcase_add_test(t, a_read_of_nothing_is_bad);
	tcase_add_test(t, continue_is_sent_once_before_the_body);
	tcase_add_test(t, continue_is_sent_only_when_asked_for_a_body);
	tcase_add_test(t, continue_may_fail_or_be_left_out);
	tcase_add_test(t, requests_may_follow_one_another);
	tcase_add_test(t, an_unread_body_ends_the_connection);
	tcase_add_test(t, a_partly_read_body_ends_the_connection);
	tcase_add_test(t, a_source_that_claims_too_much_has_failed);
	tcase_add_test(t, the_end_is_not_read_past);
	tcase_add_test(t, wiping_leaves_nothing);
	tcase_add_test(t, results_have_a_status_and_a_reason);
	tcase_add_test(t, heads_of_answers_are_written);
	tcase_add_test(t, answers_can_not_be_split);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
