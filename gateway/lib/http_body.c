/* Bodies of HTTP requests: of a given length, or in chunks (RFC 9112, 7.1)
 * without extensions and trailers. */
#include <string.h>

#include "http.h"
#include "http_parts.h"

/* Digits of a chunk's size: below 2^32, so sums stay far from overflow. */
enum { SIZE_DIGITS = 8 };

static enum http_result
expect_byte(struct http_reader *r, uint8_t want)
{
	uint8_t raw = 0;
	enum http_result result = http_next_inside(r, &raw);

	if (result == HTTP_OK && raw != want)
		return HTTP_BAD;
	return result;
}

static enum http_result
expect_line_end(struct http_reader *r)
{
	enum http_result result = expect_byte(r, '\r');

	return result == HTTP_OK ? expect_byte(r, '\n') : result;
}

static int
hex_value(uint8_t raw)
{
	if (raw >= '0' && raw <= '9')
		return raw - '0';
	if (raw >= 'A' && raw <= 'F')
		return raw - 'A' + 10;
	if (raw >= 'a' && raw <= 'f')
		return raw - 'a' + 10;
	return -1;
}

/* The line of a chunk's size, to r->left. */
static enum http_result
read_chunk_size(struct http_reader *r)
{
	r->left = 0;
	for (int digits = 0;; digits++) {
		uint8_t raw = 0;
		enum http_result result = http_next_inside(r, &raw);
		int value = hex_value(raw);

		if (result != HTTP_OK)
			return result;
		if (raw == '\r' && digits > 0)
			return expect_byte(r, '\n');
		if (value < 0 || digits == SIZE_DIGITS)
			return HTTP_BAD;
		r->left = r->left * 16 + (uint64_t)value;
	}
}

/* Steps over what stands between chunks until data, or the end, is next. */
static enum http_result
find_data(struct http_reader *r)
{
	enum http_result result = HTTP_OK;

	if (r->phase == HTTP_PHASE_CHUNK_END) {
		result = expect_line_end(r);
		r->phase = HTTP_PHASE_CHUNK_SIZE;
	}
	if (result == HTTP_OK && r->phase == HTTP_PHASE_CHUNK_SIZE) {
		result = read_chunk_size(r);
		r->phase = HTTP_PHASE_CHUNK_DATA;
		if (result == HTTP_OK && r->left == 0) {
			/* a trailer would stand where this CRLF must */
			result = expect_line_end(r);
			r->phase = HTTP_PHASE_HEAD;
		}
	}
	return result;
}

/* Takes some of r->left to raw: what was read ahead first, then straight from
 * the source, and never a byte beyond. */
static enum http_result
take_data(struct http_reader *r, uint8_t *raw, size_t size, size_t *got)
{
	size_t ahead = r->input_len - r->input_at;
	size_t n = r->left < size ? (size_t)r->left : size;

	if (ahead > 0) {
		n = n < ahead ? n : ahead;
		memcpy(raw, r->raw_input + r->input_at, n);
		r->input_at += n;
	} else {
		ssize_t pulled = r->pull(r->arg, raw, n);

		if (pulled <= 0 || (size_t)pulled > n)
			return HTTP_CUT;
		n = (size_t)pulled;
	}
	r->left -= n;
	r->taken += n;
	*got = n;
	if (r->left == 0)
		r->phase = r->phase == HTTP_PHASE_FIXED ? HTTP_PHASE_HEAD
							: HTTP_PHASE_CHUNK_END;
	return HTTP_OK;
}

static bool
passes(const struct http_reader *r, uint64_t max)
{
	return r->taken > max || r->left > max - r->taken;
}

static enum http_result
send_continue(struct http_reader *r)
{
	static const char line[] = "HTTP/1.1 100 Continue\r\n\r\n";

	if (!r->must_continue)
		return HTTP_OK;
	r->must_continue = false;
	if (r->push == NULL || r->push(r->arg, line, sizeof(line) - 1))
		return HTTP_OK;
	return HTTP_CUT;
}

enum http_result
http_read_body(struct http_reader *r, uint8_t *raw, size_t size, uint64_t max,
    size_t *got)
{
	enum http_result result;

	*got = 0;
	if (r->phase == HTTP_PHASE_FAILED)
		return r->failure;
	if (r->phase == HTTP_PHASE_HEAD)
		return HTTP_OK;
	if (size == 0)
		return http_fail(r, HTTP_BAD);
	if (passes(r, max))
		return http_fail(r, HTTP_TOO_LARGE);
	result = send_continue(r);
	if (result == HTTP_OK)
		result = find_data(r);
	if (result == HTTP_OK && passes(r, max))
		result = HTTP_TOO_LARGE;
	if (result == HTTP_OK && r->phase != HTTP_PHASE_HEAD)
		result = take_data(r, raw, size, got);
	if (result != HTTP_OK)
		return http_fail(r, result);
	return HTTP_OK;
}
