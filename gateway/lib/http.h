/* Strict HTTP/1.1 requests (RFC 9110, RFC 9112), whatever carries the bytes.
 *
 * What the RFCs leave to taste is refused here: two readers that understand one
 * request differently are the root of request smuggling. The reader allocates
 * nothing, logs nothing and looks at no cookie. */
#ifndef CUTOUT_HTTP_H
#define CUTOUT_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "result.h"

enum {
	HTTP_HEAD_MAX = 8192,  /* request line, fields and the empty line */
	HTTP_HEADERS_MAX = 64, /* fields in a head */
	HTTP_TARGET_MAX = 256, /* bytes of the request target */
	HTTP_INPUT_MAX = 4096  /* bytes read ahead of the parser */
};

/* A source of bytes: at most size of them to raw. Returns their count, above 0;
 * 0 at a clean end (TLS close_notify, FIN); -1 on failure or when the deadline
 * passed. It holds the deadlines: the reader has no clock. */
typedef ssize_t (*http_pull)(void *arg, uint8_t *raw, size_t size);
/* Sends all len bytes, for "100 Continue". False on failure. */
typedef bool (*http_push)(void *arg, const void *bytes, size_t len);

enum http_result {
	HTTP_OK = 0,
	HTTP_CLOSED,          /* clean end before a request's first byte */
	HTTP_CUT,             /* the source failed, or ended inside a request */
	HTTP_BAD,             /* 400 */
	HTTP_TOO_LARGE,       /* 413: the body passes the maximum */
	HTTP_HEAD_TOO_LARGE,  /* 431: HTTP_HEAD_MAX or HTTP_HEADERS_MAX */
	HTTP_VERSION,         /* 505: well-formed, not HTTP/1.1 */
	HTTP_NOT_IMPLEMENTED, /* 501: a transfer coding other than chunked */
	HTTP_EXPECTATION,     /* 417: Expect is not 100-continue */
	HTTP_TARGET_TOO_LONG  /* 414: HTTP_TARGET_MAX */
};

/* One request head. The strings stand in the reader, end with NUL, are never
 * NULL, and live until its next http_read_head() or http_reader_wipe(). */
struct http_request {
	const char *method; /* any token: the routes know which are theirs */
	/* Origin form: starts with "/", a query only when one was sent. Never
	 * holds '%', '#', "//", "..", or a segment ".": one spelling for one
	 * resource, nothing left to decode or to resolve. */
	const char *target;
	/* type/subtype in lower case without parameters; "" when not sent. */
	const char *content_type;
	bool charset_ok; /* its charset parameter is absent or utf-8 */
	bool has_body;   /* chunked, or a Content-Length above 0 */
	bool chunked;
	bool expect_continue;
	bool keep_alive;         /* the client did not say Connection: close */
	uint64_t content_length; /* 0 when not sent */
};

/* The reader's place inside a request: private. */
enum http_phase {
	HTTP_PHASE_HEAD = 0,
	HTTP_PHASE_FIXED,
	HTTP_PHASE_CHUNK_SIZE,
	HTTP_PHASE_CHUNK_DATA,
	HTTP_PHASE_CHUNK_END,
	HTTP_PHASE_FAILED
};

/* The caller owns it and looks at nothing inside. About 12 KiB; it holds bytes
 * of the request, so http_reader_wipe() it. */
struct http_reader {
	http_pull pull;
	http_push push;
	void *arg;
	enum http_phase phase;
	enum http_result failure;
	bool must_continue; /* "100 Continue" is still owed */
	uint64_t left;      /* of the fixed body or of this chunk */
	uint64_t taken;     /* bytes of the body handed out */
	size_t input_at;
	size_t input_len;
	uint8_t raw_input[HTTP_INPUT_MAX];
	char raw_head[HTTP_HEAD_MAX + 1];
};

/* Starts a connection. push may be NULL: then "100 Continue" is never sent. */
void http_reader_init(struct http_reader *r, http_pull pull, http_push push,
    void *arg);

/* Reads one request head; bytes after it stay buffered (pipelining). The body
 * of the request before must be consumed: see http_body_done(); with some of
 * it left this is HTTP_BAD.
 *
 * HTTP_OK fills *req. Anything else leaves it empty ("" and false) and is
 * final: the same comes back from every later call, and the connection is to
 * be closed after the answer http_status() names.
 *
 * Stricter than RFC 9112 asks: no empty line before the request, absolute-form
 * targets refused, no list or leading zero in Content-Length, exactly one
 * non-empty Host, at most one each of Content-Length, Transfer-Encoding,
 * Content-Type and Expect, field values of visible ASCII, SP and HTAB alone. */
enum http_result http_read_head(struct http_reader *r,
    struct http_request *req) MUST_USE;

/* Reads at most size (at least 1) bytes of the body to raw. *got is their
 * count, 0 only with HTTP_OK once the whole body is consumed (at once when
 * there is none) or with a failure. max is the most the whole body may have:
 * HTTP_TOO_LARGE comes before any byte is read when Content-Length passes it,
 * and as soon as a chunk's size passes it. "100 Continue" is sent just before
 * the first read when it was asked for and the length is acceptable. Chunk
 * extensions and trailers are HTTP_BAD. Failures are final, as above. */
enum http_result http_read_body(struct http_reader *r, uint8_t *raw,
    size_t size, uint64_t max, size_t *got) MUST_USE;

/* True when nothing of a request is left to read, so that the connection may
 * carry another; false inside a body and after a failure. */
bool http_body_done(const struct http_reader *r);

/* Cleanses the reader. http_reader_init() before it is used again. */
void http_reader_wipe(struct http_reader *r);

/* The status to answer with; 200 for HTTP_OK; 0 for HTTP_CLOSED and HTTP_CUT,
 * where nobody is there to read one. */
int http_status(enum http_result result);

/* The reason phrase; "" for a status the project never sends. */
const char *http_reason(int status);

/* Writes a final response head, NUL-terminated, to out: status line,
 * Content-Type (not when type is NULL or ""), Content-Length, Cache-Control:
 * no-store, Connection, the lines of extra, the empty line. extra is NULL or
 * whole field lines, each with its CRLF. Returns the length without the NUL; 0
 * when it does not fit, when status is not 200..599, or when type or extra
 * would break the head (a stray CR or LF, an empty line). */
size_t http_head(char *out, size_t size, int status, const char *type,
    uint64_t length, bool keep_alive, const char *extra) MUST_USE;

#endif
