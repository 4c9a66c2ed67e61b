/* The HTTP reader's bytes and its last word, and heads of answers. */
#include "http.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "http_parts.h"

void
http_reader_init(struct http_reader *r, http_pull pull, http_push push,
    void *arg)
{
	memset(r, 0, sizeof(*r));
	r->pull = pull;
	r->push = push;
	r->arg = arg;
}

void
http_reader_wipe(struct http_reader *r)
{
	explicit_bzero(r, sizeof(*r));
}

bool
http_body_done(const struct http_reader *r)
{
	return r->phase == HTTP_PHASE_HEAD;
}

enum http_result
http_fail(struct http_reader *r, enum http_result result)
{
	r->phase = HTTP_PHASE_FAILED;
	r->failure = result;
	return result;
}

enum http_result
http_next(struct http_reader *r, uint8_t *raw)
{
	if (r->input_at == r->input_len) {
		ssize_t n = r->pull(r->arg, r->raw_input, HTTP_INPUT_MAX);

		if (n == 0)
			return HTTP_CLOSED;
		/* a source that claims more than it was given room for has
		 * failed: never believe the count */
		if (n < 0 || n > HTTP_INPUT_MAX)
			return HTTP_CUT;
		r->input_at = 0;
		r->input_len = (size_t)n;
	}
	*raw = r->raw_input[r->input_at++];
	return HTTP_OK;
}

enum http_result
http_next_inside(struct http_reader *r, uint8_t *raw)
{
	enum http_result result = http_next(r, raw);

	return result == HTTP_CLOSED ? HTTP_CUT : result;
}

int
http_status(enum http_result result)
{
	switch (result) {
	case HTTP_OK:
		return 200;
	case HTTP_CLOSED:
	case HTTP_CUT:
		return 0;
	case HTTP_TOO_LARGE:
		return 413;
	case HTTP_TARGET_TOO_LONG:
		return 414;
	case HTTP_EXPECTATION:
		return 417;
	case HTTP_HEAD_TOO_LARGE:
		return 431;
	case HTTP_NOT_IMPLEMENTED:
		return 501;
	case HTTP_VERSION:
		return 505;
	case HTTP_BAD:
		break;
	}
	return 400;
}

/* RFC 9110, 15; 429 and 431 are of RFC 6585 */
static const struct {
	int status;
	const char *reason;
} reasons[] = {
    {200, "OK"},
    {201, "Created"},
    {400, "Bad Request"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {411, "Length Required"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
};

const char *
http_reason(int status)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (reasons[i].status == status)
			return reasons[i].reason;
	}
	return "";
}

/* Length of the visible ASCII, SP and HTAB that s starts with. */
static size_t
text_span(const char *s)
{
	size_t n = 0;

	while ((s[n] >= ' ' && s[n] <= '~') || s[n] == '\t')
		n++;
	return n;
}

/* True for whole field lines: a caller's mistake must not split an answer
 * in two (response splitting). */
static bool
lines_ok(const char *lines)
{
	while (*lines != '\0') {
		size_t name = http_token_span(lines);
		size_t len = text_span(lines);

		if (name == 0 || lines[name] != ':')
			return false;
		if (lines[len] != '\r' || lines[len + 1] != '\n')
			return false;
		lines += len + 2;
	}
	return true;
}

size_t
http_head(char *out, size_t size, int status, const char *type, uint64_t length,
    bool keep_alive, const char *extra)
{
	int n;

	if (type == NULL)
		type = "";
	if (extra == NULL)
		extra = "";
	if (status < 200 || status > 599)
		return 0;
	if (type[text_span(type)] != '\0' || !lines_ok(extra))
		return 0;
	n = snprintf(out, size,
	    "HTTP/1.1 %d %s\r\n"
	    "%s%s%s"
	    "Content-Length: %" PRIu64 "\r\n"
	    "Cache-Control: no-store\r\n"
	    "Connection: %s\r\n"
	    "%s\r\n",
	    status, http_reason(status),
	    *type == '\0' ? "" : "Content-Type: ", type,
	    *type == '\0' ? "" : "\r\n", length,
	    keep_alive ? "keep-alive" : "close", extra);
	return n > 0 && (size_t)n < size ? (size_t)n : 0;
}
