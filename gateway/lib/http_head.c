/* Heads of HTTP requests: the request line and the lines of fields. The bytes
 * are judged one at a time as they come, so that a head means the same however
 * the network cut it into pieces. */
#include <string.h>

#include "http.h"
#include "http_parts.h"

static bool
alphanumeric(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z');
}

size_t
http_token_span(const char *s)
{
	size_t n = 0;

	while (s[n] != '\0' &&
	       (alphanumeric(s[n]) || strchr("!#$%&'*+-.^_`|~", s[n]) != NULL))
		n++;
	return n;
}

/* May byte follow the len bytes of head? CR and LF only as CRLF, and not as
 * the first thing; else visible ASCII, SP and HTAB. */
static bool
byte_ok(const char *head, size_t len, uint8_t raw)
{
	int before = len == 0 ? '\n' : head[len - 1];

	if (raw == '\n')
		return before == '\r';
	if (before == '\r')
		return false;
	if (raw == '\r')
		return len > 0;
	return raw == '\t' || (raw >= ' ' && raw <= '~');
}

/* Collects a head up to and with its empty line. */
static enum http_result
collect(struct http_reader *r)
{
	char *head = r->raw_head;
	size_t n = 0;

	do {
		uint8_t raw = 0;
		enum http_result result = http_next(r, &raw);

		if (result != HTTP_OK)
			return n == 0 ? result : HTTP_CUT;
		if (n == HTTP_HEAD_MAX)
			return memchr(head, '\n', n) == NULL
				   ? HTTP_TARGET_TOO_LONG
				   : HTTP_HEAD_TOO_LARGE;
		if (!byte_ok(head, n, raw))
			return HTTP_BAD;
		head[n++] = (char)raw;
	} while (n < 4 || memcmp(head + n - 4, "\r\n\r\n", 4) != 0);
	head[n] = '\0';
	return HTTP_OK;
}

/* Cuts the next line off; every line of a collected head has its CRLF. */
static char *
take_line(char **rest)
{
	char *line = *rest;
	char *end = strchr(line, '\r');

	*end = '\0';
	*rest = end + 2;
	return line;
}

/* Cuts *rest at its first SP. NULL when it has none. */
static char *
take_word(char **rest)
{
	char *word = *rest;
	char *end = strchr(word, ' ');

	if (end == NULL)
		return NULL;
	*end = '\0';
	*rest = end + 1;
	return word;
}

static enum http_result
version_judge(const char *version)
{
	if (strcmp(version, "HTTP/1.1") == 0)
		return HTTP_OK;
	if (strlen(version) == 8 && strncmp(version, "HTTP/", 5) == 0 &&
	    version[5] >= '0' && version[5] <= '9' && version[6] == '.' &&
	    version[7] >= '0' && version[7] <= '9')
		return HTTP_VERSION;
	return HTTP_BAD;
}

/* RFC 3986 characters of a path and a query, but for '%': with nothing to
 * decode and nothing to resolve no two spellings name one resource. */
static enum http_result
target_judge(const char *target)
{
	size_t len = strlen(target);

	if (len > HTTP_TARGET_MAX)
		return HTTP_TARGET_TOO_LONG;
	if (target[0] != '/')
		return HTTP_BAD;
	for (size_t i = 0; i < len; i++) {
		if (!alphanumeric(target[i]) &&
		    strchr("-._~!$&'()*+,;=:@/?", target[i]) == NULL)
			return HTTP_BAD;
		if (target[i] == '/' && target[i + 1] == '/')
			return HTTP_BAD;
		if (target[i] == '.' && target[i + 1] == '.')
			return HTTP_BAD;
		if (target[i] == '/' && target[i + 1] == '.' &&
		    strchr("/?", target[i + 2]) != NULL) /* or its NUL */
			return HTTP_BAD;
	}
	return HTTP_OK;
}

static enum http_result
request_line(struct http_request *req, char *line)
{
	char *method = take_word(&line);
	char *target = method == NULL ? NULL : take_word(&line);
	enum http_result result;

	if (target == NULL || *method == '\0' ||
	    method[http_token_span(method)] != '\0')
		return HTTP_BAD;
	result = version_judge(line);
	if (result == HTTP_OK)
		result = target_judge(target);
	req->method = method;
	req->target = target;
	return result;
}

/* One field line. A folded line starts with white space, so its name is no
 * token; neither is one with white space before the colon. */
static enum http_result
field_line(struct http_fields *fields, struct http_request *req, char *line)
{
	size_t len = http_token_span(line);
	char *value, *end;

	if (len == 0 || line[len] != ':')
		return HTTP_BAD;
	line[len] = '\0';
	value = line + len + 1;
	value += strspn(value, " \t");
	end = value + strlen(value);
	while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	*end = '\0';
	return http_field(fields, req, line, value);
}

static enum http_result
parse(struct http_reader *r, struct http_request *req)
{
	struct http_fields fields = {0};
	char *rest = r->raw_head;
	enum http_result result = request_line(req, take_line(&rest));
	unsigned count = 0;

	while (result == HTTP_OK) {
		char *line = take_line(&rest);

		if (*line == '\0')
			return http_fields_end(&fields);
		if (++count > HTTP_HEADERS_MAX)
			return HTTP_HEAD_TOO_LARGE;
		result = field_line(&fields, req, line);
	}
	return result;
}

static const struct http_request no_request = {
    .method = "",
    .target = "",
    .content_type = "",
};

enum http_result
http_read_head(struct http_reader *r, struct http_request *req)
{
	enum http_result result;

	*req = no_request;
	if (r->phase == HTTP_PHASE_FAILED)
		return r->failure;
	/* what is left of a body must never be read as a request */
	if (r->phase != HTTP_PHASE_HEAD)
		return http_fail(r, HTTP_BAD);
	req->charset_ok = true;
	req->keep_alive = true;
	result = collect(r);
	if (result == HTTP_OK)
		result = parse(r, req);
	if (result != HTTP_OK) {
		*req = no_request;
		return http_fail(r, result);
	}
	if (req->chunked)
		r->phase = HTTP_PHASE_CHUNK_SIZE;
	else if (req->has_body)
		r->phase = HTTP_PHASE_FIXED;
	r->left = req->content_length;
	r->taken = 0;
	r->must_continue = req->expect_continue;
	return HTTP_OK;
}
